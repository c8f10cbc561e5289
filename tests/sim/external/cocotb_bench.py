"""A lockstep by cocotb with a plant on the pins: another bench than that of `sim`."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path
from typing import Any

import cocotb
from amaranth.lib.wiring import Out
from cocotb.triggers import FallingEdge, ReadOnly

from hdl.external.trainer import pins_of
from model.external.trace import ExternalTrace
from sim.external.pins import Answer
from spec.external.registers import probe, values
from spec.external.timing import ExternalTiming
from tests.sim.cocotb_start import started

FOLDER = "MGD_FOLDER"
"""Environment variable that names the folder with config and outcome."""


@cocotb.test()
async def lockstep(dut: Any) -> None:
    """Compare every field of the probe in every clock; write how many were equal."""
    folder = Path(os.environ[FOLDER])
    config = pickle.loads((folder / "config.pickle").read_bytes())
    plant, members = Answer(config), pins_of(config)
    heard = [name for name, member in members.items() if member.flow is Out]
    await started(dut, values(config) | dict.fromkeys(set(members) - set(heard), 0))
    words: list[int] = []
    left = ExternalTiming.of_external(config).loop + 1  # clocks to look at after the end
    while left:
        outputs = {name: int(getattr(dut, name).value) for name in heard}
        for name, value in plant.react(len(words), outputs)[0].items():
            getattr(dut, name).value = value
        await ReadOnly()
        words.append(int(dut.probe.value))
        left -= int(dut.done.value)
        await FallingEdge(dut.clk)
    (folder / "outcome.json").write_text(json.dumps(compared(config, words)))


def compared(config: Any, words: list[int]) -> tuple[int, list[tuple[int, str]]]:
    """Return how many clocks the golden model has, and the first value that differs."""
    fields = probe(config)
    place = sum(field.width * field.count for field in fields[: names(fields).index("answered")])
    answers = (clock for clock, word in enumerate(words) if word >> place & 1)
    clock = 0
    for chunk in ExternalTrace(config, answers).chunks():
        for k in range(len(chunk["phase"])):
            word = words[clock]
            for field in fields:
                for value in chunk[field.name][k]:
                    size = 1 << field.width
                    if word % size != int(value) % size:
                        return clock, [(clock, field.name)]
                    word //= size
            clock += 1
    return clock, []


def names(fields: Any) -> list[str]:
    return [field.name for field in fields]
