"""cocotb's lockstep beside that of `sim`: another bench, through VPI, must find the same."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from hdl.external.trainer import ExternalTrainer
from sim.external.verify import verify
from sim.simulators import Simulator, to_verilog
from tests.conftest import need
from tests.plants import external
from tests.sim.test_cocotb import by_cocotb

KEYS: dict[str, Any] = {"parameters": 3, "samples": 2, "steps": 30, "check_every": 10}
WAYS: dict[str, dict[str, Any]] = {
    "parallel": {"average": 1, "settling": 3},
    "streams": {"weights": "stream", "cost_in": "stream"},
    "spi": {"weights": "spi", "dac": "mcp4922", "cost_in": "spi", "adc": "ads8681", "steps": 4},
}
BENCH = "tests.sim.external.cocotb_bench"


@pytest.mark.parametrize("way", WAYS)
def test_both_benches_find_the_same(
    way: str, icarus: Simulator, tmp_path: Path, builds: Path
) -> None:
    need(Simulator.VERILATOR)
    config = external(**KEYS | WAYS[way])
    source = to_verilog(ExternalTrainer(config, probe=True))
    found = by_cocotb(config, source, icarus, tmp_path, BENCH)
    result = verify(config, builds)
    assert result.mismatches == []
    assert found == (result.clocks, [])


def test_both_benches_find_a_fault(icarus: Simulator, tmp_path: Path, builds: Path) -> None:
    """In gateware that settles for a clock less than the plant needs."""
    need(Simulator.VERILATOR)
    config = external(**KEYS, settling=3)
    hasty = dataclasses.replace(config, plant=dataclasses.replace(config.plant, settling=2))
    source = to_verilog(ExternalTrainer(hasty, probe=True))
    _, differing = by_cocotb(config, source, icarus, tmp_path, BENCH)
    result = verify(config, builds, source=source)
    assert differing == [(result.clocks, result.mismatches[0].signal)]
