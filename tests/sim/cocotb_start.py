"""How a bench of cocotb begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge


async def started(dut: Any, values: Mapping[str, int]) -> None:
    """Set ports, reset, and start a run; return in its first clock, at the falling edge."""
    for name, value in ({"stop": 0, "start": 0, "rst": 1} | dict(values)).items():
        getattr(dut, name).value = value
    Clock(dut.clk, 10, unit="ns").start()
    await ClockCycles(dut.clk, 2)
    await FallingEdge(dut.clk)
    dut.rst.value = 0
    dut.start.value = 1
    await FallingEdge(dut.clk)
    dut.start.value = 0
