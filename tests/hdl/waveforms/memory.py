"""Waveforms of hdl/optimizer/memory: cells that are words of memory, and their schedule."""

from __future__ import annotations

from hdl.optimizer.memory.bank import MemoryBank
from hdl.optimizer.memory.line import Line
from hdl.optimizer.schedule.sweeping import SweepingSchedule
from spec.external import derive
from spec.optimizer import MemoryBankSpec
from tests.hdl.waveforms.optimizer import REGISTERS
from tests.hdl.waveforms.scenario import Claim, Scenario, at
from tests.plants import external

WORDS = external(weights="stream", engine="folded", parameters=2, samples=2, cost_width=8)


def bank() -> MemoryBank:
    """Return a bank of two words."""
    spec = derive.bank(WORDS)
    assert isinstance(spec, MemoryBankSpec)
    return MemoryBank(spec)


SWEPT = "1" * 23 + "0" * 11 + "10"
"""At once, as long as the initial θ is made; then after some clocks."""

SCENARIOS = {
    Line: Scenario(
        make=lambda: Line(3, 3),
        caption=(
            "5, 6 and 7 go in, each before the others. Then the places are read, from the first "
            "one on: it is there {0} after `restart`, if it `moves` at once. What goes in later is "
            "the first place of the next reading."
        ),
        inputs={
            "shift": "0111000000010000000",
            "entering": [0, 5, 6, 7, 7, 7, 7, 7, 7, 7, 7, 2],
            "restart": at(5, 12),
            "moves": "0000001110000111",
        },
        shows="shift entering restart moves value",
        clocks=17,
        claims=[Claim("restart", "value", 2)],
    ),
    MemoryBank: Scenario(
        make=bank,
        caption=(
            "Two bits go into the line, and u accumulates: nothing moves yet. Then both words are "
            "visited, one a clock: read, θ made of u by the sign of each, written back; `swept` "
            "comes {0} after `visits`. At last their weights are asked for."
        ),
        inputs={
            "bus.clear": "10",
            "bus.fill": "0110",
            "bus.perturb": "0110",
            "line.bit": "0100",
            "bus.u": [0, 0, 0, 0.125],
            "bus.accumulate": "00010",
            "bus.update": "00001111111" + "0",
            "bus.initialise": "00001111111" + "0",
            "visits": "00001111111" + "0",
            "words.moves": "1",
            "words.begin": at(11),
            "words.number": [0] * 13 + [1],
        },
        shows=(
            "line.bit bus.perturb bus.u bus.accumulate bus.update visits swept writes.written "
            "writes.number writes.theta words.begin words.number words.weight"
        ),
        clocks=16,
        claims=[Claim("visits", "swept", "spec.sweep", more=-1)],
    ),
    SweepingSchedule: Scenario(
        make=lambda: SweepingSchedule(derive.optimizer(WORDS).schedule),
        caption=(
            "As words accumulate in the sweep that comes next, each step has one: `visits` stays "
            "until all have been `swept`, and {0} later an evaluation begins."
        ),
        inputs=REGISTERS
        | {"tau_theta": [1], "answered": at(25, 27), "ready": at(28), "swept": SWEPT},
        shows="answered ready swept phase:phase accumulate visits update tag.hold tag.perturb",
        first=26,
        clocks=11,
        claims=[Claim("swept", "tag.hold", 2)],
    ),
}
"""By component."""
