"""What goes from cell to cell, in memory: the cells stay, and the head of the line moves."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

NEVER_AT_ONCE: Any = {"no_rw_check": 1}
"""Of a memory of which no word is read where it is written: synthesis need not care for that."""

NAMES = ("head", "before", "place")


class Line(wiring.Component):
    """A delay line of which one place after the other is read, from the first one on.

    A shift writes a single word, in front of what was the first one.

    Latency: a shift shows in the next reading; a place is there in the clock after `restart` and as
    many clocks of `moves` as its number and one. Throughput: a shift or a place a clock; nothing is
    read in the clock of a shift or in the one after.

    Parameters
    ----------
    shape : shape-like
        Of a place.
    places : int

    Members
    -------
    shift : In(1)
        Strobe: every place takes what its neighbour had, the first one `entering`.
    entering : In(shape)
    restart : In(1)
        Strobe: the first place is read next.
    moves : In(1)
        Whether the place that follows is read; else `value` stays.
    value : Out(shape)
    """

    shift: Signal
    entering: Any
    restart: Signal
    moves: Signal
    value: Any

    def __init__(self, shape: Any, places: int) -> None:
        self.places = places
        members = dict.fromkeys(("shift", "restart", "moves"), In(1))
        super().__init__(members | {"entering": In(shape), "value": Out(shape)})

    def elaborate(self, platform: object) -> Module:
        """Build a ring, its head, and where it is read."""
        m = Module()
        shape, last = self.value.shape(), self.places - 1
        depth, attrs = max(2, self.places), NEVER_AT_ONCE
        m.submodules.ring = ring = memory.Memory(shape=shape, depth=depth, init=[], attrs=attrs)
        read, write = ring.read_port(), ring.write_port()
        head, before, place = (Signal(range(depth), name=n) for n in NAMES)
        m.d.comb += [
            before.eq(Mux(head == 0, last, head - 1)),
            write.en.eq(self.shift),
            write.addr.eq(before),
            write.data.eq(self.entering),
            read.en.eq(self.moves),
            read.addr.eq(place),
            self.value.eq(read.data),
        ]
        with m.If(self.shift):
            m.d.sync += head.eq(before)
        with m.If(self.restart):
            m.d.sync += place.eq(head)
        with m.Elif(self.moves):
            m.d.sync += place.eq(Mux(place == last, 0, place + 1))
        return m
