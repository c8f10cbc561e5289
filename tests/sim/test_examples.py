"""Every example runs, and its gateware agrees with the golden model in every clock."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.simulators import Simulator
from sim.verify import verify
from spec.config import Config
from spec.timing import Timing
from tests.conftest import examples, need

CLOCKS, FEWER = 2000, 600
"""At least, after the initialisation; fewer of many cells, of which Icarus makes 400 a second."""


def large(path: Path) -> bool:
    """Whether Icarus can take more than half an hour, and Verilator minutes to compile."""
    return Config.load(path).parameters >= 100


COVERED = ("parity4-node-fast",)
"""By others that are quick: its schedule by xor-node-fast, its size by parity4-fast and -node."""

PATHS = [
    pytest.param(
        path,
        id=path.stem,
        marks=[pytest.mark.slow] if large(path) or path.stem in COVERED else [],
    )
    for path in examples()
]


@pytest.mark.parametrize("path", PATHS)
def test_lockstep(path: Path, builds: Path) -> None:
    config = Config.load(path)
    timing = Timing.of(config)
    clocks = FEWER if config.parameters >= 40 and not large(path) else CLOCKS
    steps = clocks // timing.step(baseline=False) + 1
    simulator = need(Simulator.VERILATOR if large(path) else Simulator.ICARUS)
    result = verify(config.with_training(steps=steps), simulator, builds)
    assert result.mismatches == []
    assert result.clocks >= timing.initialisation + clocks
