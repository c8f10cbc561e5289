"""What training says of many runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from host.outcome import Training, median
from host.train import train
from model.trainer import Run
from sim import simulators
from sim.simulators import Simulator
from spec.config import Config
from tests.conftest import EXAMPLES

XOR = Config.load(EXAMPLES / "xor.toml")


def run(seed: int, solved: bool, steps: int) -> Run:
    return Run(seed, solved, steps, steps * 21, 4, 9, np.array([1, 2]))


def test_the_gateware_is_elaborated_once(
    icarus: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    right: Any = simulators.to_verilog

    def counted(design: Any) -> str:
        made.append(right(design))
        return made[-1]

    monkeypatch.setattr(simulators, "to_verilog", counted)
    monkeypatch.setattr("host.files.BUILD", tmp_path)
    train(XOR.with_training(steps=20), "sim", 1, icarus)
    assert len(made) == 1


def test_median_counts_unsolved_runs_as_infinite() -> None:
    """Unsolved runs count wherever they are, and whatever number of steps they made."""
    good, bad = [run(1, True, 300), run(2, True, 100)], [run(3, False, 1), run(4, False, 1)]
    assert median(good, "steps") == 200
    assert median(good, "clocks") == 200 * 21
    assert median(bad[:1] + good, "steps") == 300
    assert median(good + bad, "steps") is None
    assert median(bad, "clocks") is None


def test_json_has_that_median() -> None:
    runs = [run(1, True, 100), run(2, False, 9), run(3, True, 300)]
    made = Training("model", XOR, runs).to_json()
    assert (made["solved"], made["median_steps"]) == (2, 300)
    made = Training("model", XOR, runs[:2]).to_json()
    assert (made["solved"], made["median_steps"]) == (1, None)
