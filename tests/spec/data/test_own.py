"""A file becomes samples: scaled by those of training, split, and never too many."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spec.activation import Activation
from spec.config import Config
from spec.data import own as own_module
from spec.data import scaling
from spec.data.coding import Coding
from spec.data.own import apply
from spec.data.preparation import Preparation
from spec.data.source import open_source
from spec.registers import UNSOLVABLE, register_values
from spec.tasks import Inputs, Kind, Missing, Scale

Own = Callable[..., Config]
Refusal = Callable[..., str]

NAMES = ("ash", "beech", "cedar")


@pytest.fixture
def trees(tmp_path: Path) -> Path:
    """Sixty trees of three kinds, with heights that are no numbers from -2 to 2."""
    draw, lines = random.Random(3), ["height,girth,tree"]
    for k in range(60):
        lines.append(f"{10 * (k % 3) + draw.random():.3f},{draw.random():.3f},{NAMES[k % 3]}")
    path = tmp_path / "trees.csv"
    path.write_text("\n".join(lines))
    return path


def numbers(path: Path) -> np.ndarray:
    """Height and girth."""
    return np.loadtxt(path, delimiter=",", skiprows=1, usecols=(0, 1))


def test_scaling_is_found_on_what_trains(trees: Path, own: Own) -> None:
    config = own(trees, layers=(2, 3), scale="standard", test=0.25)
    made, raw = config.own, numbers(trees)
    assert made is not None
    assert made.test is not None
    assert (len(made.train.data), len(made.test.data)) == (45, 15)
    assert made.preparation.targets.classes == NAMES
    scaled = np.array(made.train.data.x) / 256
    assert np.abs(scaled.mean(axis=0)).max() < 0.01
    # Each sample of either part is one of the file's, as training's mean and deviation scale it.
    both = np.array([*made.train.data.x, *made.test.data.x])
    labels = [*made.train.data.classes, *made.test.data.classes]
    expected = scaling.apply(made.preparation.scaling, raw)
    order = {
        tuple(np.rint(np.clip(row, -2, 511 / 256) * 256)): k % 3 for k, row in enumerate(expected)
    }
    assert [order[tuple(row)] for row in both] == labels
    means = [one.offset for one in made.preparation.scaling]
    assert means != pytest.approx(raw.mean(axis=0).tolist(), rel=1e-6)
    assert [made.train.data.classes.count(k) for k in range(3)] == [15] * 3


def test_the_split_is_of_its_own_seed(trees: Path, own: Own) -> None:
    keys = {"layers": (2, 3), "scale": "minmax", "test": 0.25}
    one, other = own(trees, **keys), own(trees, **keys, split_seed=2)
    assert one.with_training(seed=9).data == one.data
    assert one.held_out != other.held_out


def test_what_is_clipped_is_counted(trees: Path, own: Own) -> None:
    config = own(trees, layers=(2, 3), scale="standard")
    raw = numbers(trees)
    scaled = (raw - raw.mean(axis=0)) / raw.std(axis=0)
    beyond = int((np.abs(scaled) > 2).sum())
    assert config.own is not None
    expected = (
        [f"{beyond} of 120 inputs are clipped to the range of their format"] if beyond else []
    )
    assert list(config.own.notes) == expected


def test_samples_left_out_and_clipped_are_told(tmp_path: Path, own: Own) -> None:
    path = tmp_path / "data.csv"
    rows = [f"{k % 2},{k},{k % 4}" for k in range(99)]
    path.write_text("\n".join(["a,b,y", *rows, "?,1,1", "1,,0", "1000000,1,2"]))
    config = own(path, layers=(2, 4), scale="standard", missing="drop")
    assert config.own is not None
    assert list(config.own.notes) == [
        "2 of 102 samples have missing values, and are left out",
        "the target 'y' has 4 whole numbers, which are taken for classes: '0', '1', '2', '3'; "
        "task.kind = 'numbers' makes it a regression",
        "1 of 200 inputs are clipped to the range of their format",
    ]


def test_more_samples_than_the_memory_holds(
    trees: Path, own: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_module, "MAX_SAMPLES", 12)
    config = own(trees, layers=(2, 3), scale="minmax", test=0.5)
    made = config.own
    assert made is not None
    assert made.test is not None
    for part in (made.train, made.test):
        assert [part.data.classes.count(k) for k in range(3)] == [4] * 3
    assert not set(made.train.data.x) & set(made.test.data.x)
    assert made.notes[:2] == (
        "of 30 samples for training, 12 are drawn: as many as the sample memory holds",
        "of 30 samples of the test, 12 are drawn: as many as the sample memory holds",
    )


@pytest.mark.parametrize(
    ("output", "low", "high"),
    [("plan", 0.1, 0.9), ("tanh", -0.8, 0.8), ("identity", -0.8, 0.8), ("relu", 0.1, 0.9)],
)
def test_a_regression(output: str, low: float, high: float, tmp_path: Path, own: Own) -> None:
    path = tmp_path / "data.csv"
    path.write_text("a,y\n" + "".join(f"{k / 50},{1000 + 7.5 * k}\n" for k in range(100)))
    config = own(path, layers=(1, 1), output=output, test=0.3)
    made = config.own
    assert made is not None
    assert made.test is not None
    assert made.preparation.targets.kind is Kind.NUMBERS
    for part in (made.train, made.test):
        t, users = np.array(part.data.t), np.array(part.numbers)
        back = made.preparation.in_users_unit(t, 8)
        assert np.abs(back - users).max() <= 7.5 * 100 / (high - low) / 256
    ends = [limit(made.train.data.t)[0] / 256 for limit in (min, max)]
    assert ends == pytest.approx([low, high], abs=1 / 512)


def test_a_target_of_the_test_beyond_what_an_output_can_be(tmp_path: Path, own: Own) -> None:
    (tmp_path / "a.csv").write_text("a,y\n0,0\n1,1.5\n.5,1\n")
    (tmp_path / "b.csv").write_text("y,a\n99,1\n0.5,0\n")
    config = own(tmp_path / "a.csv", layers=(1, 1), test_path="b.csv")
    assert config.own is not None
    assert config.own.test is not None
    assert config.own.test.data.x == ((256,), (0,))
    assert config.own.test.data.t[0] == (256,)
    assert config.own.test.numbers == ((99.0,), (0.5,))
    assert config.own.notes == ("b.csv: 1 of 2 targets are beyond what an output can be",)


def test_a_test_in_the_same_file(tmp_path: Path, own: Own, refusal: Refusal) -> None:
    x, y = np.eye(4)[:, :3], np.array(["a", "b", "a", "b"])
    path = tmp_path / "data.npz"
    np.savez(path, X_train=x, y_train=y, X_test=x[:2], y_test=y[:2])
    config = own(path, layers=(3, 1))
    assert config.held_out is not None
    assert config.held_out.x == config.data.x[:2]
    assert config.held_out.t == config.data.t[:2]
    text = refusal(own, path, layers=(3, 1), test=0.5)
    assert text == "task.test = 0.5: must be 0, as x_test has the samples of the test"
    np.savez(path, X_train=x, y_train=y, X_test=x[:2], y_test=np.array(["a", "c"]))
    text = refusal(own, path, layers=(3, 1))
    assert text.startswith(
        f"{path}, sample 1, column y: there is no class 'c'; the classes are 'a'"
    )


@pytest.mark.parametrize(
    ("keys", "columns"),
    [
        ({}, ((1, 2), 3)),
        ({"target": "y"}, ((1, 2), 3)),
        ({"target": -1}, ((1, 2), 3)),
        ({"target": 0}, ((2, 3), 1)),
        ({"target": "a", "columns": ["y"]}, ((3,), 1)),
        ({"columns": ["b", 0]}, ((2, 1), 3)),
        ({"target": ["a", "y"]}, ((2,), (1, 3))),
    ],
)
def test_which_columns(keys: dict[str, Any], columns: Any, tmp_path: Path, own: Own) -> None:
    path = tmp_path / "data.csv"
    path.write_text("a,b,y\n.25,.5,.75\n.25,.5,.75\n0,0,0\n.125,.125,.125\n1,1,1\n")
    inputs, targets = columns
    layers = (len(inputs), 2 if isinstance(targets, tuple) else 1)
    config = own(path, layers=layers, kind="numbers", **keys)
    assert config.data.x[0] == tuple(64 * k for k in inputs)
    assert config.own is not None
    expected = targets if isinstance(targets, tuple) else (targets,)
    assert config.own.train.numbers[0] == tuple(k / 4 for k in expected)


CODING = Coding(Inputs.FIXED, Activation.PLAN, 8)


@pytest.mark.parametrize(
    ("content", "x", "t"),
    [
        ("a,b,y\n.5,1,red\n", ((128, 256),), ((256,),)),
        ("y,b,id,a\nblue,1,7,.5\n", ((128, 256),), ((0,),)),
        ("b,a\n1,.5\n", ((128, 256),), ((),)),
        (".5,1\n", ((128, 256),), ((),)),
        ("p,q\n.5,1\n", ((128, 256),), ((),)),
        ("p,q,y\n.5,1,red\n", ((128, 256),), ((256,),)),
    ],
)
def test_another_file_with_the_same_columns(
    content: str, x: Any, t: Any, tmp_path: Path, own: Own
) -> None:
    """By name in any order, or in order; with a target or without."""
    (tmp_path / "a.csv").write_text("a,b,y\n1,0,red\n0,1,blue\n")
    config = own(tmp_path / "a.csv")
    assert config.own is not None
    (tmp_path / "b.csv").write_text(content)
    part = apply(config.own.preparation, open_source(tmp_path / "b.csv"), CODING, "--data b.csv")
    assert (part.data.x, part.data.t) == (x, t)


def test_samples_left_out_of_another_file_are_told(tmp_path: Path, own: Own) -> None:
    (tmp_path / "a.csv").write_text("a,b,y\n1,0,red\n0,1,blue\n")
    made = own(tmp_path / "a.csv").own
    assert made is not None
    (tmp_path / "b.csv").write_text("a,b\n1,?\n1,1\n")
    part = apply(made.preparation, open_source(tmp_path / "b.csv"), CODING, "", Missing.DROP)
    assert part.data.x == ((256, 256),)
    assert part.notes == ("b.csv: 1 of 2 samples have missing values, and are left out",)


def test_words_in_samples_that_are_left_out(tmp_path: Path, own: Own) -> None:
    """Without them the column holds numbers."""
    path = tmp_path / "data.csv"
    path.write_text("a,b,y\nbroken,?,0.5\n1,0,0.25\n0,1,odd\n?,1,word\n1,1,0.5\n0,1,0.75\n")
    made = own(path, columns=["a", "b"], missing="drop", kind="classes", layers=(2, 4)).own
    assert made is not None
    assert made.preparation.targets.classes == ("0.25", "0.5", "0.75", "odd")
    assert made.train.data.x == ((256, 0), (0, 256), (256, 256), (0, 256))


def test_chosen_columns_of_coded_data(tmp_path: Path, own: Own) -> None:
    """They are found by name in another file, too."""
    (tmp_path / "a.csv").write_text("x0,x1,t0\n1,0,1\n0,1,0\n")
    config = own(tmp_path / "a.csv", layers=(1, 1), columns=["x1"], test_path="a.csv")
    assert config.data.x == ((0,), (256,))
    assert config.held_out == config.data


def test_an_input_that_counts_the_samples_is_told(tmp_path: Path, own: Own) -> None:
    path = tmp_path / "data.csv"
    path.write_text("Id,a,y\n" + "".join(f"{k},0,{k % 2}\n" for k in range(1, 9)))
    said = "the input 'Id' counts the samples; task.columns can leave it out"
    for columns, notes in (([], [said]), (["a"], [])):
        made = own(path, layers=(2 - len(columns), 1), scale="minmax", columns=columns).own
        assert made is not None
        assert list(made.notes) == notes


def test_later_decimal_commas(tmp_path: Path, own: Own) -> None:
    """Also where the first hundred lines have none."""
    path = tmp_path / "data.csv"
    path.write_text("a;y\n" + "1;0\n0;1\n" * 99 + "1,5;1\n")
    assert own(path, layers=(1, 1)).data.x[-1] == (384,)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,c\n1,2\n", "has no column 'b'; it has the columns 'a', 'c', and 2 inputs are needed"),
        ("p\n1\n", "has no column 'a'; it has the columns 'p', and 2 inputs are needed"),
        ("1,2,3\n1,2,3\n", "has no column 'a'; it has the columns '0', '1', '2', and 2 inputs"),
        (
            "a,b,y\n1,0,green\n",
            "line 2, column y: there is no class 'green'; the classes are 'blue'",
        ),
    ],
)
def test_a_file_with_other_columns(
    content: str, message: str, tmp_path: Path, own: Own, refusal: Refusal
) -> None:
    (tmp_path / "a.csv").write_text("a,b,y\n1,0,red\n0,1,blue\n")
    config = own(tmp_path / "a.csv")
    assert config.own is not None
    (tmp_path / "b.csv").write_text(content)
    source = open_source(tmp_path / "b.csv")
    assert message in refusal(apply, config.own.preparation, source, CODING, "--data b.csv")


def test_a_preparation_survives_json(trees: Path, own: Own) -> None:
    made = own(trees, layers=(2, 3), scale="standard", test=0.25).own
    assert made is not None
    assert Preparation.from_dict(made.preparation.to_dict()) == made.preparation


@pytest.mark.parametrize(
    "change",
    [
        {"scaling": [[0.0, 0.0], [0.0, 1.0]]},
        {"scaling": [[0.0, 1.0]]},
        {"scaling": [[0.0, "a"], [0.0, 1.0]]},
        {"scaling": [[0.0], [0.0, 1.0]]},
        {"scaling": 7},
        {"kind": "words"},
        {"classes": ["ash"]},
    ],
)
def test_a_damaged_preparation(change: dict[str, Any], trees: Path, own: Own) -> None:
    made = own(trees, layers=(2, 3), scale="standard").own
    assert made is not None
    with pytest.raises((KeyError, TypeError, ValueError)):
        Preparation.from_dict(made.preparation.to_dict() | change)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("path", "data.csv"),
        ("target", "y"),
        ("columns", [0]),
        ("kind", "classes"),
        ("scale", "auto"),
        ("missing", "drop"),
        ("test", 0.2),
        ("test_path", "t.csv"),
        ("split_seed", 2),
        ("bits", 3),
    ],
)
@pytest.mark.parametrize("name", ["xor", "nist7x7"])
def test_keys_that_a_task_has_no_use_for(
    key: str, value: Any, name: str, refusal: Refusal, tmp_path: Path
) -> None:
    users = "'parity'" if key == "bits" else "'file', 'mnist', 'fashion_mnist' or 'cifar10'"
    task = {"name": name, key: value}
    text = refusal(Config.from_dict, {"task": task, "network": {"layers": [2, 1]}}, tmp_path)
    assert text == f"task.{key}: is for task.name = {users} only, and {name!r} has no use for it"


@pytest.mark.parametrize(
    ("training", "goal", "correct"),
    [
        ({}, None, UNSOLVABLE),
        ({"solved_accuracy": 0.5}, (0.5, 256.0), 2),
        ({"solved_cost": 0.1}, (0.0, 0.1), 0),
        ({"solved_cost": 0.0, "solved_accuracy": 1}, (1.0, 0.0), 4),
    ],
)
def test_a_goal_is_the_users(
    training: dict[str, float], goal: Any, correct: int, tmp_path: Path
) -> None:
    (tmp_path / "d.csv").write_text("a,y\n0,red\n1,blue\n0,red\n1,blue\n")
    task = {"name": "file", "path": "d.csv", "inputs": "fixed"}
    tables = {"task": task, "network": {"layers": [1, 1]}, "training": training}
    config = Config.from_dict(tables, tmp_path)
    for made in (
        config,
        Config.from_dict(config.to_dict(), tmp_path),
        config.with_training(seed=5),
    ):
        keys = made.training
        assert keys.has_goal is (goal is not None)
        assert goal is None or (keys.solved_accuracy, keys.solved_cost) == goal
        assert register_values(made)["solved_correct"] == correct
    later = config.with_training(solved_accuracy=1.0)
    assert later.training.has_goal


def test_scale_auto_says_what_it_did(trees: Path, own: Own) -> None:
    scaled = own(trees, layers=(2, 3), scale="auto")
    assert scaled.own is not None
    assert scaled.own.preparation.scaled
    standard = own(trees, layers=(2, 3), scale=Scale.STANDARD.value)
    assert standard.own == scaled.own


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("x,y", "y"),
        ("x,y,target", "target"),
        ("X,Y,Label", "Label"),
        ("a,y,target", None),
        ("x,class,target", None),
        ("x,y,class,target", None),
        ("x,b,label", "label"),
    ],
)
def test_y_is_a_coordinate_beside_x_and_a_target(
    header: str, target: str | None, tmp_path: Path, own: Own, refusal: Refusal
) -> None:
    path, columns = tmp_path / "a.csv", header.count(",") + 1
    rows = [",".join([f"{k / 9}"] * (columns - 1) + [f"k{k % 2}"]) for k in range(8)]
    path.write_text("\n".join([header, *rows]))
    if target is None:
        assert "which column of" in refusal(own, path, layers=(columns - 1, 1))
        return
    made = own(path, layers=(columns - 1, 1)).own
    assert made is not None
    assert made.preparation.targets.names == (target,)
    assert made.preparation.inputs == tuple(header.split(",")[:-1])
