"""Commands that take the schedule's place: load the line and θ, evaluate a sample."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl.optimizer.bus import Tag
from spec.map import address_of

TAG_PLACE = 24
"""Of the tag in what `evaluate` writes."""


class ByHand(wiring.Component):
    """Carries out the commands `line`, `u`, `learn` and `evaluate`, one at a time.

    Latency: `line` 32 clocks, for each bit of a place in the line fewer; `u` 1; `learn` 2 for each
    time, times the turns of a shared cell; `evaluate` as long as the plant takes, and 2 more.

    Parameters
    ----------
    orders : data.StructLayout
        `hdl.optimizer.hand.orders_layout`.
    line : data.StructLayout
        Of a place in the line.
    reuse : int
        Turns of a shared cell.

    Members
    -------
    write : In(1)
        Whether there is a command; it stays as it is until `done`.
    address, data : In
        Which, and what is written.
    answered : In(1)
        Whether the cost of an evaluation is there.
    hand : Out(orders)
    line : Out(line)
    done : Out(1)
        Strobe: the command ends in this clock.
    """

    write: Signal
    address: Signal
    data: Signal
    answered: Signal
    hand: Any
    line: Any
    done: Signal

    def __init__(self, orders: data.StructLayout, line: data.StructLayout, reuse: int = 1) -> None:
        self.reuse = reuse
        self.places = 32 // line.size
        super().__init__(
            {
                "write": In(1),
                "address": In(16),
                "data": In(32),
                "answered": In(1),
                "hand": Out(orders),
                "line": Out(line),
                "done": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build a counter and a case for each command."""
        m = Module()
        hand: Any = self.hand
        count = Signal(17)
        turn = Signal(range(self.reuse)) if self.reuse > 1 else Const(0, 1)
        last_turn = Signal()
        m.d.comb += [
            last_turn.eq(turn == self.reuse - 1),
            hand.init_u.as_value().eq(self.data),
            hand.address.eq(self.data),
            self.line.eq(self.data.word_select(count[:5], self.line.shape().size)),
        ]
        with m.If(~self.write | self.done):
            m.d.sync += count.eq(0)
            if self.reuse > 1:
                m.d.sync += turn.eq(0)
        with m.Elif(last_turn | (self.address != address_of("learn"))):
            m.d.sync += count.eq(count + 1)
            if self.reuse > 1:
                m.d.sync += turn.eq(0)
        if self.reuse > 1:
            with m.Else():
                m.d.sync += turn.eq(turn + 1)
        with m.If(self.write), m.Switch(self.address):
            with m.Case(address_of("line")):
                m.d.comb += [
                    hand.fill.eq(1),
                    hand.initialising.eq(1),
                    self.done.eq(count == self.places - 1),
                ]
            with m.Case(address_of("u")):
                m.d.comb += [hand.preparing.eq(1), self.done.eq(1)]
            with m.Case(address_of("learn")):
                ended = Signal()
                m.d.comb += [
                    ended.eq(count[1:] == self.data[:16]),
                    hand.initialising.eq(~ended),
                    hand.accumulate.eq(~ended & ~count[0] & (turn == 0)),
                    hand.update.eq(~ended & count[0] & (turn == 0)),
                    self.done.eq(ended),
                ]
            with m.Case(address_of("evaluate")):
                tag = self.data[TAG_PLACE : TAG_PLACE + Tag.size]
                m.d.comb += [
                    hand.read.eq(count == 0),
                    hand.sweep.eq(count == 0),
                    hand.tag.eq(Mux(count == 1, tag, 0)),
                    self.done.eq(self.answered),
                ]
        return m
