"""Inference, on the golden model and on a board: the same outputs."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from host import weights
from model.trainer import Trainer, theta_digest
from tests.host.conftest import XOR, read_json, run

SAMPLES = "x0,x1,t0\n" + "".join(f"{a},{b},{int(a != b)}\n" for a in (-1, 1) for b in (-1, 1)) * 2


@pytest.fixture
def trained(folder: Path) -> np.ndarray:
    """XOR's weights, in w.npz."""
    (golden,) = Trainer(XOR, [1]).run()
    weights.write(folder / "w.npz", XOR, golden.theta)
    return golden.theta


def test_it_is_what_the_last_check_found(trained: np.ndarray, folder: Path) -> None:
    assert run("infer", "xor", "--weights", "w.npz", "--json", "out.json", "--csv", "o.csv") == 0
    (golden,) = Trainer(XOR, [1]).run()
    made = read_json(folder / "out.json")
    assert made["cost"] == golden.cost_sum / 4 / 2**XOR.formats.cost_bits
    assert (made["engine"], made["correct"], made["samples"]) == ("model", 4, 4)
    assert made["confusion"] == [[2, 0], [0, 2]]
    assert made["theta_digest"] == theta_digest(trained)
    with (folder / "o.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["y0"]) for row in rows] == [row["y"][0] for row in made["outputs"]]
    assert [int(row["class"]) for row in rows] == [0, 1, 1, 0]
    assert [int(row["target"]) for row in rows] == [0, 1, 1, 0]


def test_a_board_finds_the_same(port: str, trained: np.ndarray, folder: Path) -> None:
    """Of more samples than its memory holds, the last piece not full; and it has its own again."""
    (folder / "data.csv").write_text(SAMPLES + "1,-1,0\n")
    outputs = []
    for engine in (["model"], ["board", "--port", port]):
        words = ["infer", "xor", "--weights", "w.npz", "--data", "data.csv", "--json", "out.json"]
        assert run(*words, "--engine", *engine) == 0
        made = read_json(folder / "out.json")
        assert (made["samples"], made["correct"]) == (9, 8)
        assert made["confusion"] == [[4, 1], [0, 4]]
        outputs.append(made["outputs"])
    assert outputs[0] == outputs[1]
    assert run("infer", "xor", "--weights", "w.npz", "--engine", "board", "--port", port) == 0


def test_samples_without_targets(
    port: str, trained: np.ndarray, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same outputs and classes; nothing that only targets tell is made up."""
    x = np.array([[a, b] for a in (-1, 1) for b in (-1, 1)] + [[1, -1]])
    (folder / "plain.csv").write_text("x1,x0\n" + "".join(f"{b},{a}\n" for a, b in x))
    (folder / "full.csv").write_text("x0,x1,t0\n" + "".join(f"{a},{b},1\n" for a, b in x))
    np.savez(folder / "plain.npz", X=x)
    outputs = {}
    for name, *engine in (
        ("full.csv", "model"),
        ("plain.csv", "model"),
        ("plain.npz", "model"),
        ("plain.csv", "board", "--port", port),
    ):
        words = ["infer", "xor", "--weights", "w.npz", "--data", name, "--engine", *engine]
        assert run(*words, "--json", "out.json", "--csv", "o.csv") == 0
        made = read_json(folder / "out.json")
        outputs[name, engine[0]] = [(row["y"], row["class"]) for row in made["outputs"]]
        said, judged = capsys.readouterr().out, name == "full.csv"
        for key in ("correct", "accuracy", "cost", "confusion"):
            assert (made[key] is not None) is judged
        assert made["samples"] == 5
        assert [row["target"] for row in made["outputs"]] == ([1] if judged else [None]) * 5
        assert ("without targets, there is no accuracy" in said) is not judged
        assert ("target" in said.replace("without targets", "")) is judged
        header, *lines = (folder / "o.csv").read_text().splitlines()
        assert header == ("y0,class,target" if judged else "y0,class")
        assert [int(line.split(",")[1]) for line in lines] == [
            k for _, k in outputs[name, engine[0]]
        ]
    assert [k for _, k in outputs["full.csv", "model"]] == [0, 1, 1, 0, 1]
    assert all(found == outputs["full.csv", "model"] for found in outputs.values())


def test_a_board_that_computes_something_else(
    port: str,
    trained: np.ndarray,
    folder: Path,
    spoil: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Planted: a bit of an output."""
    spoil("y", 1)
    words = ["infer", "xor", "--weights", "w.npz", "--engine", "board", "--port", port]
    assert run(*words, "--json", "out.json", "--csv", "o.csv") == 1
    assert "differs in 4 of 4 samples" in capsys.readouterr().out
    assert [path.name for path in folder.iterdir()] == ["w.npz"]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ([], "--weights"),
        (["--weights", "none.npz"], "none.npz"),
        (["--weights", "w.npz", "--port", "virtual"], "--engine board"),
        (["--weights", "w.npz", "--data", "none.csv"], "--data"),
        (["--weights", "w.npz", "--data", "wide.csv"], "3 inputs"),
        (["--weights", "w.npz", "--data", "half.csv"], "-1 and 1"),
        (["--weights", "w.npz", "--data", "two.csv"], "2 outputs; the network has 1"),
        (["--weights", "w.npz", "--data", "gap.csv"], "column 't0'"),
        (["--weights", "w.npz", "--data", "t.csv"], "may name the columns t0, t1"),
        (["--weights", "w.npz", "--data", "none.npz"], "none.npz"),
        (["--weights", "w.npz", "--data", "t.npz"], "no array 'x'; an NPZ needs x"),
        (["--weights", "w.npz", "--data", "xX.npz"], "arrays x and X; only one may be"),
        (["--weights", "w.npz", "--data", "empty.csv"], "empty.csv: there are no samples at all"),
        (["--weights", "w.npz", "--csv", "no/o.csv"], "no/o.csv"),
    ],
)
def test_wrong_words(
    words: list[str],
    named: str,
    trained: np.ndarray,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder / "wide.csv").write_text("x0,x1,x2,t0\n1,1,1,0\n")
    (folder / "half.csv").write_text("x0,x1\n0.5,1\n")
    (folder / "two.csv").write_text("x0,x1,t0,t1\n1,1,1,0\n")
    (folder / "gap.csv").write_text("x0,x1,t1\n1,1,1\n")
    (folder / "t.csv").write_text("t0\n1\n")
    (folder / "empty.csv").write_text("x0,x1\n")
    np.savez(folder / "t.npz", t=np.ones((1, 1)))
    np.savez(folder / "xX.npz", x=np.ones((1, 2)), X=np.ones((1, 2)))
    assert run("infer", "xor", *words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert named in printed.err
