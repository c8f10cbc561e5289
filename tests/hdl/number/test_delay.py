"""A delay in a memory is one in registers."""

from __future__ import annotations

import random

import pytest
from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.number.delay import delay, long_delay
from tests.hdl.helpers import stream


class Both(wiring.Component):
    """The same value, delayed both ways."""

    value: Signal
    registers: Signal
    ring: Signal

    def __init__(self, clocks: int) -> None:
        self.clocks = clocks
        super().__init__({"value": In(5), "registers": Out(5), "ring": Out(5)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.comb += [
            self.registers.eq(delay(m, self.value, 5, self.clocks, "registers")),
            self.ring.eq(long_delay(m, self.value, 5, self.clocks, "ring")),
        ]
        return m


@pytest.mark.parametrize("clocks", [2, 3, 4, 7, 16, 31])
def test_the_same_in_every_clock(clocks: int) -> None:
    rng = random.Random(clocks)
    rows = [{"value": rng.randrange(1, 32)} for _ in range(4 * clocks + 3)]
    found = stream(Both(clocks), rows, ["registers", "ring"])
    assert [row["ring"] for row in found] == [row["registers"] for row in found]
    assert found[clocks]["ring"] == rows[0]["value"]
