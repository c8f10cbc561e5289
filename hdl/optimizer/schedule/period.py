"""A time constant: what is due every τ steps."""

from __future__ import annotations

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class Period(wiring.Component):
    """Counts steps modulo τ.

    Latency: `due` is a register; what `end` changes shows in the next clock.

    Parameters
    ----------
    at_start : int
        What `due` is for n = 0.
    less : int
        By how much `period` is less than τ, 0 or 1.

    Members
    -------
    clear, end : In(1)
        Strobes: back to n = 0; the last clock of a step.
    restart : In(1)
        In the last clock of a step: count from the next step on.
    period : In(16)
        τ less `less`, read at the end of a step; it may change, also to what has been counted
        already, or less.
    due : Out(1)
        Whether n is a multiple of τ.
    """

    clear: Signal
    end: Signal
    restart: Signal
    period: Signal
    due: Signal

    def __init__(self, *, at_start: int, less: int = 0) -> None:
        self.at_start, self.less = at_start, less
        members = dict.fromkeys(("clear", "end", "restart"), In(1))
        super().__init__(members | {"period": In(16), "due": Out(1)})

    def elaborate(self, platform: object) -> Module:
        """Build the counter."""
        m = Module()
        count = Signal(16)
        last = self.period if self.less else self.period - 1
        with m.If(self.clear):
            m.d.sync += [count.eq(0), self.due.eq(self.at_start)]
        with m.Elif(self.end):
            m.d.sync += [count.eq(count + 1), self.due.eq(0)]
            with m.If((count >= last) | self.restart):
                m.d.sync += [count.eq(0), self.due.eq(1)]
        return m
