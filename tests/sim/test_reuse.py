"""Cells that serve several parameters: lockstep in every clock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.simulators import Simulator
from sim.verify import verify
from tests.configs import perceptron, xor

KEYS: dict[str, Any] = {"steps": 60, "check_every": 25}
LONG: dict[str, Any] = {"steps": 25, "check_every": 10}
"""For those whose steps take many clocks."""

CASES = {
    "each neuron, one cell": xor(reuse=3, **KEYS),
    "uneven": xor(reuse=2, **KEYS),
    "no G": xor(reuse=2, accumulate=False, **KEYS),
    "no G, no reuse": xor(accumulate=False, **KEYS),
    "unipolar": xor(reuse=3, inputs="unipolar", **KEYS),
    "fixed inputs": perceptron(7, 5, 3, inputs="fixed", reuse=3, **LONG),
    "layers of one cell and of several": perceptron(9, 2, 4, reuse=4, tau_p=2, tau_x=3, **KEYS),
    "idle turns": perceptron(9, 2, 4, reuse=10, accumulate=False, **LONG),
    "momentum": xor(reuse=2, momentum=2, tau_theta=3, **KEYS),
    "antithetic": xor(reuse=2, estimator="antithetic", **KEYS),
    "analog": xor(reuse=3, loop="analog", tau_x=3, tau_theta=4, tau_hp=4, **KEYS),
    "noise": perceptron(3, 4, 2, reuse=4, cost_noise=2**-7, defects=0.1, **KEYS),
}


@pytest.mark.parametrize("name", CASES)
def test_lockstep(name: str, icarus: Simulator, builds: Path) -> None:
    result = verify(CASES[name], icarus, builds)
    assert result.mismatches == []
    assert result.clocks > 1000
