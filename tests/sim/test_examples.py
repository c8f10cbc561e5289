"""Every example runs, and its gateware agrees with the golden model in every clock."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.simulators import Simulator
from sim.verify import verify
from spec.config import Config
from spec.timing import Timing
from tests.conftest import EXAMPLES, need

CLOCKS = 2000


LARGE = 100
"""Cells from which on Icarus takes hours for a check, and Verilator minutes to compile."""

PATHS = [
    pytest.param(path, id=path.stem, marks=[pytest.mark.slow] if "nist" in path.stem else [])
    for path in sorted(EXAMPLES.glob("*.toml"))
]


@pytest.mark.parametrize("path", PATHS)
def test_lockstep(path: Path, builds: Path) -> None:
    config = Config.load(path)
    steps = CLOCKS // Timing.of(config).step(baseline=False) + 1
    large = config.parameters >= LARGE
    simulator = need(Simulator.VERILATOR if large else Simulator.ICARUS)
    result = verify(config.with_training(steps=steps), simulator, builds)
    assert result.mismatches == []
    assert result.clocks >= CLOCKS
