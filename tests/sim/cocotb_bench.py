"""A lockstep by cocotb, inside the simulator: it uses nothing of `sim`."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, FallingEdge

from model.trace import Trace
from spec import probe
from spec.registers import UNSOLVABLE, registers

FOLDER = "MGD_FOLDER"
"""Environment variable that names the folder with config and outcome."""


@cocotb.test()
async def lockstep(dut: Any) -> None:
    """Compare every field of the probe in every clock; write how many were equal."""
    folder = Path(os.environ[FOLDER])
    config = pickle.loads((folder / "config.pickle").read_bytes())
    for register in registers(config):
        getattr(dut, register.name).value = register.value
    dut.solved_correct.value = UNSOLVABLE
    dut.stop.value = 0
    dut.start.value = 0
    dut.rst.value = 1
    Clock(dut.clk, 10, unit="ns").start()
    await ClockCycles(dut.clk, 2)
    await FallingEdge(dut.clk)
    dut.rst.value = 0
    dut.start.value = 1
    await FallingEdge(dut.clk)
    dut.start.value = 0
    clocks, differing = 0, []
    for chunk in Trace(config).chunks():
        for k in range(len(chunk["phase"])):
            word = int(dut.probe.value)
            for field in probe.fields(config):
                for value in chunk[field.name][k]:
                    size = 1 << field.width
                    if word % size != int(value) % size:
                        differing.append((clocks, field.name))
                    word //= size
            clocks += 1
            await FallingEdge(dut.clk)
    (folder / "outcome.json").write_text(json.dumps([clocks, differing[:1]]))
