"""One of many values, chosen by a tree of registers."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Array, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spec.numbers import bits_for

WAYS = 4
"""Into a register: two LUTs of four inputs a bit."""


class Selector(wiring.Component):
    """The value at a place.

    Latency: `latency` clocks, for which the place must stay. Throughput: a value in as many.

    Parameters
    ----------
    width, count : int

    Members
    -------
    values : In(width) array
    place : In
    value : Out(width)
    """

    values: Any
    place: Signal
    value: Signal

    def __init__(self, width: int, count: int) -> None:
        self.count = count
        super().__init__(
            {
                "values": In(width).array(count),
                "place": In(max(1, bits_for(count))),
                "value": Out(width),
            }
        )

    @property
    def latency(self) -> int:
        """Registers between a value and the output."""
        return max(1, -(-bits_for(self.count) // 2))

    def elaborate(self, platform: object) -> Module:
        """Build the tree."""
        m = Module()
        level: list[Value] = list(self.values)
        for k in range(self.latency):
            place = self.place[2 * k : 2 * k + 2]
            chosen = []
            for first in range(0, len(level), WAYS):
                some = level[first : first + WAYS]
                register = Signal(len(some[0]), name=f"level_{k}_{first // WAYS}")
                m.d.sync += register.eq(Array(some)[place] if len(some) > 1 else some[0])
                chosen.append(register)
            level = chosen
        m.d.comb += self.value.eq(level[0])
        return m
