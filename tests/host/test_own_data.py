"""Own data at the command line: judged as they should be, on every engine, and by raw values."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import numpy as np
import pytest

from host import files, infer, weights
from host.judging import judge
from sim.simulators import Simulator
from spec.config import Config
from spec.data import split
from tests.host.conftest import MakeBoard, read_json, run
from tests.host.test_weights import change

TREES = ("ash", "beech", "[red]cedar[/]")

CONFIG = """
[task]
name = "file"
path = "data.csv"
inputs = "fixed"
scale = "standard"
test = 0.25
{task}
[network]
layers = {layers}
output = "{output}"
[formats]
theta = "Q3.9"
cost_bits = 10
[training]
amplitude = -4
eta = -4
steps = {steps}
check_every = 50
"""


def save_rows(path: Path, header: str, rows: list[str]) -> None:
    """Write a CSV."""
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


@pytest.fixture
def classes(folder: Path) -> np.ndarray:
    """Write three kinds of trees, of which height tells; ash comes twice as often. Their kinds."""
    draw, rows, kinds = random.Random(5), [], [max(0, k % 4 - 1) for k in range(80)]
    for kind in kinds:
        height = f"{10 * kind + 3 * draw.random():.2f}".replace(".", ",")
        rows.append(f"{height};{draw.randint(1, 9)};{TREES[kind]}")
    save_rows(folder / "data.csv", "height;girth;tree", rows)
    text = CONFIG.format(task="", layers="[2, 3, 3]", output="plan", steps=600)
    (folder / "my.toml").write_text(text)
    order = sorted(range(3), key=lambda kind: TREES[kind])
    return np.array([order.index(kind) for kind in kinds])


@pytest.fixture
def numbers(folder: Path) -> None:
    """Write a line, y = 1000 + 50·x, and a second number that runs the other way."""
    draw = random.Random(5)
    rows = [f"{x},{1000 + 50 * x},{-x}" for x in (draw.uniform(-3, 3) for _ in range(80))]
    save_rows(folder / "data.csv", "x,up,down", rows)
    task = 'target = ["up", "down"]'
    text = CONFIG.format(task=task, layers="[1, 2]", output="identity", steps=2000)
    (folder / "my.toml").write_text(text)


def save_test_rows(folder: Path, strata: np.ndarray) -> None:
    """Write the rows that training never sees to raw.csv, as they are in the file."""
    header, *rows = (folder / "data.csv").read_text(encoding="utf-8").splitlines()
    _, test = split.split(0.25, strata, 1)
    save_rows(folder / "raw.csv", header, [rows[k] for k in test])


def test_infer_on_raw_values_says_what_training_said_of_the_test(
    classes: np.ndarray, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("train", "my.toml", "--save", "w.npz", "--json", "t.json") == 0
    printed = capsys.readouterr().out
    assert "data: 60 samples to train and 20 to test; 2 inputs, scaled; 3 classes" in printed
    assert "[red]cedar[/]" in printed
    assert "naming ash always: 50.0% correct in the test" in printed
    assert "solved" not in printed
    save_test_rows(folder, classes)
    words = ["infer", "my.toml", "--weights", "w.npz", "--data", "raw.csv"]
    assert run(*words, "--json", "i.json", "--csv", "o.csv") == 0
    (trained,), found = read_json(folder / "t.json")["runs"], read_json(folder / "i.json")
    for key in ("samples", "accuracy", "confusion"):
        assert found[key] == trained["test"][key]
    assert trained["held_out_accuracy"] == trained["test"]["accuracy"] > 0.6
    assert found["theta_digest"] == trained["theta_digest"]
    assert trained["theta_digest"].startswith("bca2ab2b508049c7")  # the same on every machine
    with (folder / "o.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    _, *raw = (folder / "raw.csv").read_text(encoding="utf-8").splitlines()
    assert [row["target"] for row in rows] == [line.split(";")[-1] for line in raw]
    correct = sum(row["class"] == row["target"] for row in rows)
    assert correct / len(rows) == found["accuracy"]


def test_numbers_come_back_in_the_users_unit(
    numbers: None, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("train", "my.toml", "--save", "w.npz", "--json", "t.json") == 0
    assert "2 targets: up, down" in capsys.readouterr().out
    save_test_rows(folder, np.zeros(80, dtype=int))
    words = ["infer", "my.toml", "--weights", "w.npz", "--data", "raw.csv"]
    assert run(*words, "--json", "i.json", "--csv", "o.csv") == 0
    (trained,), found = read_json(folder / "t.json")["runs"], read_json(folder / "i.json")
    assert trained["held_out_accuracy"] is None
    for key in ("rmse", "r2"):
        assert found[key] == trained["test"][key]
    assert min(found["r2"]) > 0.9
    assert found["accuracy"] is found["confusion"] is found["outputs"][0]["class"] is None
    with (folder / "o.csv").open() as file:
        rows = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]
    errors = np.array([row["up"] - row["target up"] for row in rows])
    assert np.sqrt((errors**2).mean()) == pytest.approx(found["rmse"][0])
    targets = np.array([row["target up"] for row in rows])
    assert found["r2"][0] == pytest.approx(1 - (errors**2).sum() / targets.var() / len(rows))


@pytest.mark.usefixtures("classes")
def test_the_gateware_agrees(
    icarus: Simulator, folder: Path, capsys: pytest.CaptureFixture[str], builds: Path
) -> None:
    """A run without a goal makes all its steps there, too."""
    builds.mkdir(parents=True, exist_ok=True)
    (folder / "build").mkdir()
    (folder / "build" / "sim").symlink_to(builds)
    words = ["train", "my.toml", "--steps", "120", "--json"]
    assert run(*words, "model.json") == 0
    assert run(*words, "sim.json", "--engine", "sim", "--simulator", icarus.value) == 0
    assert "the golden model agrees" in capsys.readouterr().out
    one, other = (read_json(folder / name) for name in ("model.json", "sim.json"))
    assert one["runs"] == other["runs"]
    assert (one["runs"][0]["steps"], one["runs"][0]["solved"], one["solved"]) == (120, None, None)


@pytest.mark.usefixtures("classes")
def test_a_goal_of_the_users(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (folder / "my.toml").read_text()
    for goal, status, said in (("0.5", 0, "1 of 1 solved"), ("1.0", 1, "0 of 1 solved")):
        (folder / "goal.toml").write_text(text + f"solved_accuracy = {goal}\n")
        assert run("train", "goal.toml", "--steps", "300", "--json", "o.json") == status
        assert said in capsys.readouterr().out
        found = read_json(folder / "o.json")
        assert found["solved"] == 1 - status
        assert (found["runs"][0]["steps"] < 300) is (status == 0)


@pytest.mark.usefixtures("classes")
def test_a_run_that_is_no_better_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (folder / "my.toml").read_text().replace("eta = -4", "eta = -14")
    (folder / "slow.toml").write_text(text)
    assert run("train", "slow.toml", "--steps", "1", "--runs", "4", "--json", "o.json") == 0
    printed = capsys.readouterr().out
    tests = [found["test"] for found in read_json(folder / "o.json")["runs"]]
    worse = sum(test["accuracy"] <= test["baseline_accuracy"] for test in tests)
    assert worse > 0
    assert f"{worse} of 4 runs are no better" in printed


def test_weights_of_other_data(
    classes: np.ndarray, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are applied as they were trained, to other samples only."""
    assert run("train", "my.toml", "--steps", "9", "--save", "w.npz") == 0
    whole = (folder / "data.csv").read_text(encoding="utf-8")
    save_test_rows(folder, classes)
    words = ["infer", "my.toml", "--weights", "w.npz", "--json", "o.json"]
    assert run(*words, "--data", "raw.csv") == 0
    before = read_json(folder / "o.json")["outputs"]
    (folder / "data.csv").write_text(whole.replace("10,", "11,"), encoding="utf-8")
    capsys.readouterr()
    assert run(*words) == 2
    assert "trained on other data, or with other keys of [task]" in capsys.readouterr().err
    assert run(*words, "--data", "raw.csv") == 0
    assert read_json(folder / "o.json")["outputs"] == before


@pytest.mark.usefixtures("classes")
def test_weights_of_the_first_version(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They were of columns x0, … and t0, …, as those of built-in tasks are, and serve no others."""
    assert run("train", "xor", "--save", "x.npz") == 0
    change(folder / "x.npz", version=np.array(1), preparation=None)
    assert run("infer", "xor", "--weights", "x.npz") == 0
    assert run("train", "my.toml", "--steps", "9", "--save", "w.npz") == 0
    change(folder / "w.npz", version=np.array(1), preparation=None)
    capsys.readouterr()
    assert run("infer", "my.toml", "--weights", "w.npz") == 2
    assert "weights of version 1 do not say how data were prepared" in capsys.readouterr().err
    change(folder / "w.npz", version=np.array(2))
    assert run("infer", "my.toml", "--weights", "w.npz") == 2
    assert "damaged: it does not say how its data were prepared" in capsys.readouterr().err


def test_judgements(folder: Path) -> None:
    """Of outputs that are made up, against the definitions."""
    save_rows(folder / "d.csv", "a,y", ["0,10", "0,10", "1,30", "1,50"])
    task = {"name": "file", "path": "d.csv", "inputs": "fixed", "kind": "numbers"}
    own = Config.from_dict({"task": task, "network": {"layers": [1, 1]}}, folder).own
    assert own is not None
    y = np.array([[26], [26], [128], [128]])  # 10 is 0.1, 50 is 0.9
    found = judge(own.preparation, y, own.train, own.train)
    users = 10 + (y[:, 0] / 256 - 0.1) * 50
    errors = users - [10, 10, 30, 50]
    assert found.rmse == pytest.approx([np.sqrt((errors**2).mean())])
    assert found.baseline_rmse == pytest.approx([np.std([10, 10, 30, 50])])
    assert found.r2 == pytest.approx([1 - (errors**2).sum() / (4 * np.var([10, 10, 30, 50]))])
    assert found.better
    flat = judge(own.preparation, np.full((4, 1), 0), own.train, own.train)
    assert not flat.better
    save_rows(folder / "d.csv", "a,y", ["0,p", "0,p", "1,q", "1,r", "1,p"])
    tables = {"task": task | {"kind": "auto"}, "network": {"layers": [1, 3]}}
    own = Config.from_dict(tables, folder).own
    assert own is not None
    y = np.array([[9, 0, 0], [9, 9, 0], [0, 9, 0], [0, 9, 0], [0, 0, 1]])
    found = judge(own.preparation, y, own.train, own.train)
    assert found.confusion == [[2, 0, 1], [0, 1, 0], [0, 1, 0]]
    assert (found.accuracy, found.baseline_accuracy, found.better) == (0.6, 0.6, False)


@pytest.mark.usefixtures("classes")
def test_a_board_trains_without_a_goal(
    make_board: MakeBoard, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with make_board(config=Config.load(folder / "my.toml").with_training(steps=120)) as board:
        words = ["train", "my.toml", "--steps", "120", "--engine", "board", "--port", board.port]
        assert run(*words, "--save", "w.npz") == 0
        assert "the golden model agrees" in capsys.readouterr().out
    config = Config.load(folder / "my.toml")
    assert config.own is not None
    assert weights.read_trained(folder / "w.npz", config).preparation == config.own.preparation


@pytest.mark.usefixtures("classes")
def test_inference_needs_no_file_of_training(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("train", "my.toml", "--steps", "60", "--save", "w.npz") == 0
    words = ["infer", "my.toml", "--weights", "w.npz", "--data", "new.csv", "--json"]
    (folder / "new.csv").write_bytes((folder / "data.csv").read_bytes())
    with monkeypatch.context() as patch:
        patch.setattr(infer, "_config", lambda options: files.load_config(options.config))
        assert run(*words, "before.json") == 0
    (folder / "data.csv").unlink()
    assert run(*words, "after.json") == 0
    assert read_json(folder / "after.json") == read_json(folder / "before.json")
    capsys.readouterr()
    assert run("infer", "my.toml", "--weights", "w.npz") == 2
    assert "data.csv': there is no such file" in capsys.readouterr().err
    assert run(*words, "new.csv") == 2  # what it reads stays as it is
    text = (folder / "my.toml").read_text()
    for before, after, named in (
        ('"plan"', '"tanh"', "its weights are of network.output = 'plan'; the config has 'tanh'"),
        ("[training]", "[trainings]", "my.toml: [trainings]: unknown table"),
        ("steps = 600", 'steps = "all"', "my.toml: training.steps = 'all'"),
    ):
        (folder / "my.toml").write_text(text.replace(before, after))
        capsys.readouterr()
        assert run(*words, "x.json") == 2
        assert named in capsys.readouterr().err
