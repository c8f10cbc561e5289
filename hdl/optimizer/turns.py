"""Turns: an evaluation or a strobe lasts a clock for each of the parameters that share a cell."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import layouts
from spec.config import Config
from spec.phase import Kind


class Turns(wiring.Component):
    """Counts the turns of a layer, from an evaluation, `accumulate` or `update` on.

    Latency: 0 clocks. Throughput: one of these in `reuse` clocks; no other may come meanwhile.

    Parameters
    ----------
    config : Config

    Members
    -------
    bus_i, kind_i : In(layouts.bus), In(Kind)
        As they reach the layer, for one clock.
    bus, kind : Out(layouts.bus), Out(Kind)
        With `kind`, `accumulate`, `update` and `initialise` lasting for all turns.
    turn, first, last : Out(1)
        Whether a turn is now; and which.
    count : Out
        How many came before.
    """

    bus_i: data.View
    bus: data.View
    kind_i: Signal
    kind: Signal
    turn: Signal
    first: Signal
    last: Signal
    count: Signal

    def __init__(self, config: Config) -> None:
        self.reuse = config.build.reuse
        bus = layouts.bus(config)
        super().__init__(
            {
                "bus_i": In(bus),
                "bus": Out(bus),
                "kind_i": In(Kind),
                "kind": Out(Kind),
                **dict.fromkeys(("turn", "first", "last"), Out(1)),
                "count": Out(range(self.reuse)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the counter, and a register for what lasts."""
        m = Module()
        begins = (self.kind_i != Kind.NONE) | self.bus_i.accumulate | self.bus_i.update
        goes_on = self.count != 0
        m.d.comb += [
            self.turn.eq(begins | goes_on),
            self.first.eq(begins & ~goes_on),
            self.last.eq(self.count == self.reuse - 1),
            self.kind.eq(self._lasting(m, self.kind_i)),
        ]
        for name in self.bus.shape().members:
            given = self.bus_i[name]
            if name in ("accumulate", "update", "initialise"):
                given = self._lasting(m, given)
            m.d.comb += self.bus[name].eq(given)
        with m.If(self.turn):
            m.d.sync += self.count.eq(Mux(self.last, 0, self.count + 1))
        return m

    def _lasting(self, m: Module, given: Signal) -> Value:
        """Hold what comes in the first turn for the others."""
        held = Signal.like(given)
        with m.If(self.first):
            m.d.sync += held.eq(given)
        return Mux(self.count != 0, held, given)
