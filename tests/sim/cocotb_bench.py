"""A lockstep by cocotb, inside the simulator: it uses nothing of `sim`."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path
from typing import Any

import cocotb
from cocotb.triggers import FallingEdge

from model.trace import Trace
from spec import probe
from spec.registers import UNSOLVABLE, registers
from tests.sim.cocotb_start import started

FOLDER = "MGD_FOLDER"
"""Environment variable that names the folder with config and outcome."""


@cocotb.test()
async def lockstep(dut: Any) -> None:
    """Compare every field of the probe in every clock; write how many were equal."""
    folder = Path(os.environ[FOLDER])
    config = pickle.loads((folder / "config.pickle").read_bytes())
    values = {register.name: register.value for register in registers(config)}
    await started(dut, values | {"solved_correct": UNSOLVABLE})
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
