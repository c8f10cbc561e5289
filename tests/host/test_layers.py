"""A network of tables of layers, through the commands, as a user has it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from host import golden
from host.cli import main
from sim.simulators import Simulator
from spec.config import Config

CONFIG = """
[task]
name = "file"
path = "data.npz"
inputs = "fixed"
test = 0.25

[network]
shape = [6, 6, 1]

[[network.layer]]
kind = "conv"
channels = 4

[[network.layer]]
kind = "pool"

[[network.layer]]
kind = "dense"
neurons = 3
activation = "identity"
estimator = "node"

[training]
cost = "cross_entropy"
perturbation = "fresh"
init = [-2, -1]
eta = -7
steps = 40

[build]
engine = "folded"
lanes = 2
accumulate = false
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=40)
    np.savez(tmp_path / "data.npz", x=rng.uniform(0, 1, (40, 36)), y=np.array(list("abc"))[y])
    path = tmp_path / "own.toml"
    path.write_text(CONFIG)
    return path


def test_train_show_and_infer(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = config.parent
    weights, outcome, inferred = (folder / name for name in ("w.npz", "o.json", "i.json"))
    words = ["train", str(config), "--save", str(weights), "--json", str(outcome)]
    assert main([*words, "--plot", str(folder / "curve.png")]) == 0
    found = json.loads(outcome.read_text())
    (run,) = found["runs"]
    assert found["config"]["network"]["layer"][0]["channels"] == 4
    assert main(["infer", str(config), "--weights", str(weights), "--json", str(inferred)]) == 0
    assert json.loads(inferred.read_text())["accuracy"] == run["train"]["accuracy"]
    capsys.readouterr()
    assert main(["show", str(weights), "--plot", str(folder / "w.png")]) == 0
    shown = capsys.readouterr().out
    assert "6×6×1, conv 4, pool, dense 3" in shown
    assert "│ 9-4" in shown
    assert (folder / "w.png").stat().st_size > 1000


def test_gateware_finds_the_same(config: Path, icarus: Simulator) -> None:
    """A convolution by weight, a layer by node."""
    outcome, found = config.parent / "o.json", []
    for engine in (["model"], ["sim", "--simulator", icarus.value]):
        words = ["train", str(config), "--steps", "8", "--json", str(outcome)]
        assert main([*words, "--engine", *engine]) == 0
        (run,) = json.loads(outcome.read_text())["runs"]
        found.append(run["theta_digest"])
    assert found[0] == found[1]


def test_rails_of_all_layers_but_pools(config: Path) -> None:
    made = Config.load(config)
    theta = np.zeros(made.parameters, dtype=np.int64)
    found = golden.rails(made, theta, theta)
    assert [total for _, total in found.activations] == [30 * 64, 30 * 3]


def test_a_wrong_layer_is_one_line(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(CONFIG.replace("channels = 4", "channels = 5"))
    assert main(["train", str(config)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "network.layer[0].channels = 5: must be at most build.lanes = 2, or a multiple" in line
