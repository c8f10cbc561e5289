"""Waveforms of the registers behind the link's bus."""

from __future__ import annotations

from typing import Any

from amaranth.lib import data

from hdl.device import Device, registers_spec
from hdl.link.by_hand import ByHand
from hdl.link.by_words import ByWords
from hdl.link.page import Page
from hdl.link.reader import Reader
from hdl.link.register_file import RegisterFile
from hdl.link.writer import Writer
from hdl.optimizer.hand import orders_layout
from spec import derive
from spec.map import RegistersSpec, address_of
from tests.hdl.waveforms.optimizer import small
from tests.hdl.waveforms.scenario import Claim, Scenario, at

CONFIG = small(1, 1)


def spec() -> RegistersSpec:
    """Return what the registers of a small device are."""
    return registers_spec(CONFIG, 1)


def device() -> Any:
    """Return the register file of a small device."""
    return Device(CONFIG, 1).registers


SCENARIOS = {
    Page: Scenario(
        make=lambda: Page(spec()),
        caption=(
            "With `reads`, `word` is what the address has, {0} later: nothing, a constant, a "
            "register, which `kept` has just changed. Without, it is the `meaning`: while `busy`, "
            "τ_p may be written, and the seed may not."
        ),
        inputs={
            "address": [
                *[0x3F, 0x3F, address_of("magic"), address_of("magic")],
                *[address_of("tau_p")] * 5,
                *[address_of("seed")] * 2,
            ],
            "reads": "11111110000",
            "data": [7],
            "kept": at(4),
            "busy": "00000001",
        },
        shows="address:#x reads data kept busy word:#x meaning.readable meaning.writable",
        clocks=13,
        settle=2,
        claims=[Claim("address", "word")],
    ),
    ByHand: Scenario(
        make=lambda: ByHand(orders_layout(derive.schedule(CONFIG)), data.StructLayout({"bit": 1})),
        caption=(
            "`learn` 2: u accumulates and θ is updated, twice, and the command is done {0} after "
            "it began. `line` with 0x35: a bit for each place moves in, which takes {1}."
        ),
        inputs={
            "write": "0011111100111111111000",
            "command": [address_of("learn") % 4] * 9 + [address_of("line") % 4] * 20,
            "data": [2] * 9 + [0x35] * 20,
        },
        shows=(
            "write command data hand.fill hand.initialising hand.accumulate hand.update line.bit "
            "done"
        ),
        clocks=22,
        claims=[Claim("write", "done", 5), Claim("hand.fill", "done", "places")],
    ),
    ByWords: Scenario(
        make=lambda: ByWords(data.StructLayout({"evaluate": 1, "sample": 2})),
        caption=(
            "`evaluate` of sample 3 is done when its cost is there; a word to store is asked for "
            "until it has come. Each is begun once."
        ),
        inputs={
            "write": "0111111000111110",
            "of_word": "0000000011111111",
            "data": [3] * 8 + [0x2A],
            "answered": at(6),
            "came": at(14),
        },
        shows="write of_word data answered came hand.evaluate hand.sample store done",
        clocks=17,
    ),
    Reader: Scenario(
        make=lambda: Reader(spec()),
        caption=(
            "A read of the step: `done` comes {0} after it began, in time for a register behind "
            "it. The word has travelled down a chain by then, and is in `read_data`."
        ),
        inputs={
            "step": [1234],
            "bus.address": [0, address_of("step")],
            "bus.read": "01111111111110",
            "meaning.readable": "1",
            "meaning.status_2": "1",
            "meaning.odd": "1",
        },
        shows="bus.address:#x bus.read meaning step reads bus.read_data bus.done bus.refused",
        clocks=16,
        claims=[Claim("bus.read", "bus.done", more=-1)],
    ),
    RegisterFile: Scenario(
        make=device,
        caption=(
            "A read of the register `steps`, less one, is done after {0}. `read_data` counts in "
            "that clock."
        ),
        inputs={"bus.address": [0, address_of("steps")], "bus.read": "01111111111110"},
        shows="bus.address:#x bus.read bus.read_data bus.done bus.refused",
        clocks=16,
        claims=[Claim("bus.read", "bus.done", "reader.latency")],
    ),
    Writer: Scenario(
        make=lambda: device().writer,
        caption=(
            "A write to τ_p, which may be written: `done` comes {0} after it began, in time for a "
            "register behind it; then τ_p has the new value."
        ),
        inputs={
            "bus.address": [0, address_of("tau_p")],
            "bus.write_data": [0, 7],
            "bus.write": "01111110",
            "meaning.writable": "00011111000",
            "meaning.kept": "00011111000",
            "meaning.tau_p": "00011111000",
        },
        shows=(
            "bus.address:#x bus.write_data bus.write meaning.writable meaning.tau_p kept tau_p "
            "bus.done bus.refused"
        ),
        clocks=11,
        claims=[Claim("bus.write", "bus.done", "page_latency", more=1)],
    ),
}
