"""Every example runs, and its gateware agrees with the golden model in every clock."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.simulators import Simulator
from sim.verify import verify
from spec.config import Config
from spec.timing import Timing
from tests.conftest import EXAMPLES, need

CLOCKS, FEWER = 2000, 1000
"""At least; fewer of those with many cells, whose simulation takes longest."""


def large(path: Path) -> bool:
    """Whether Icarus can take more than half an hour, and Verilator minutes to compile."""
    return Config.load(path).parameters >= 100


PATHS = [
    pytest.param(path, id=path.stem, marks=[pytest.mark.slow] if large(path) else [])
    for path in sorted(EXAMPLES.glob("*.toml"))
]


@pytest.mark.parametrize("path", PATHS)
def test_lockstep(path: Path, builds: Path) -> None:
    config = Config.load(path)
    clocks = FEWER if config.parameters >= 40 else CLOCKS
    steps = clocks // Timing.of(config).step(baseline=False) + 1
    simulator = need(Simulator.VERILATOR if large(path) else Simulator.ICARUS)
    result = verify(config.with_training(steps=steps), simulator, builds)
    assert result.mismatches == []
    assert result.clocks >= clocks
