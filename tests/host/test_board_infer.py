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
    (folder / "half.csv").write_text("x0,x1,t0\n0.5,1,0\n")
    assert run("infer", "xor", *words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert named in printed.err
