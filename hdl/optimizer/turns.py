"""Turns: an evaluation or a strobe lasts a clock for each of the parameters that share a cell."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl.optimizer.bus import Tag


class Turns(wiring.Component):
    """Counts the turns of a group, from an evaluation, `accumulate` or `update` on.

    Latency: 0 clocks. Throughput: one of these in `reuse` clocks; no other may come meanwhile.

    Parameters
    ----------
    reuse : int
    bus : data.StructLayout

    Members
    -------
    bus_i, tag_i : In(bus), In(Tag)
        As they reach the group, for one clock.
    bus, tag : Out(bus), Out(Tag)
        With the tag, `accumulate`, `update` and `initialise` lasting for all turns.
    turn : Out(1)
        Whether a turn is now.
    count : Out
        How many came before.
    """

    bus_i: data.View
    bus: data.View
    tag_i: Any
    tag: Any
    turn: Signal
    count: Signal

    def __init__(self, reuse: int, bus: data.StructLayout) -> None:
        self.reuse = reuse
        self._among: dict[int, tuple[Signal, Signal]] = {}
        super().__init__(
            {
                "bus_i": In(bus),
                "bus": Out(bus),
                "tag_i": In(Tag),
                "tag": Out(Tag),
                "turn": Out(1),
                "count": Out(range(reuse)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the counter, and a register for what lasts."""
        m = Module()
        begins, first = Signal(), Signal()
        m.d.comb += [
            begins.eq(self.tag_i.valid | self.bus_i.accumulate | self.bus_i.update),
            first.eq(begins & (self.count == 0)),
            self.turn.eq(begins | (self.count != 0)),
        ]
        given = Value.cast(self.tag_i)
        m.d.comb += Value.cast(self.tag).eq(self._lasting(m, given, first))
        for name in self.bus.shape().members:
            given = self.bus_i[name]
            if name in ("accumulate", "update", "initialise"):
                given = self._lasting(m, given, first)
            m.d.comb += self.bus[name].eq(given)
        with m.If(self.turn):
            m.d.sync += self.count.eq(Mux(self.count == self.reuse - 1, 0, self.count + 1))
        return m

    def among(self, m: Any, turns: int) -> tuple[Signal, Signal]:
        """Return whether it is one of the first so many turns, and which; 0 after them.

        Signals of `m`, the same for all who ask for so many.
        """
        if turns not in self._among:
            is_one, place = Signal(name=f"among_{turns}"), Signal.like(self.count)
            self._among[turns] = is_one, place
            m.d.comb += [
                is_one.eq(self.turn & (self.count < turns)),
                place.eq(Mux(is_one, self.count, 0)),
            ]
        return self._among[turns]

    def _lasting(self, m: Any, given: Any, first: Value) -> Value:
        """Hold what comes in the first turn for the others."""
        held = Signal(len(given))
        with m.If(first):
            m.d.sync += held.eq(given)
        return Mux(self.count != 0, held, given)
