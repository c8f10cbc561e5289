"""The initial θ: which of its bits is made, and what the bus carries for it."""

from __future__ import annotations

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.number import fixed
from spec.optimizer import ScheduleSpec


class InitialTheta(wiring.Component):
    """θ ← ±1 ±2 ±4 …: each random bit through the bus, as if it were a gradient.

    A bit above what the bus can carry is a burst of several updates.

    Latency: what `end` changes shows in the next clock, in `again` and `last` in the one after;
    `end` comes in every other clock at most.

    Parameters
    ----------
    spec : ScheduleSpec

    Members
    -------
    end : In(1)
        Strobe: an update has been made.
    init_u : Out(bus format)
        What the bus is to carry.
    again : Out(1)
        Whether the bit takes another update after this one.
    last : Out(1)
        Whether it is the last bit; then the first one follows, for another run.
    """

    end: Signal
    init_u: fixed.Value
    again: Signal
    last: Signal

    def __init__(self, spec: ScheduleSpec) -> None:
        self.spec = spec
        members = {"end": In(1), "init_u": Out(fixed.of(spec.bus))}
        super().__init__(members | {"again": Out(1), "last": Out(1)})

    def elaborate(self, platform: object) -> Module:
        """Build the counters of bits and bursts."""
        m = Module()
        bits, largest = self.spec.init_bits, self.spec.bus.bits - 2
        one = Signal(bits, init=1)  # one-hot: the bit's place
        burst = Signal(max(1, bits - largest))
        bursts = one >> largest
        m.d.comb += [
            self.init_u.as_value().eq(
                one[:largest] | (one[largest:].any() << largest) if bits > largest else one
            ),
        ]
        m.d.sync += [
            self.again.eq((bursts != 0) & (burst != bursts - 1)),
            self.last.eq(one[-1]),
        ]
        with m.If(self.end):
            m.d.sync += burst.eq(burst + 1)
            with m.If(~self.again):
                m.d.sync += [burst.eq(0), one.eq(one.rotate_left(1))]
        return m
