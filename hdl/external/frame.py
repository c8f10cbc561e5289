"""The clock of a frame on SPI."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spec.external.converter import Shape


class FrameClock(wiring.Component):
    """SCLK: low, then high and low once a bit; each half takes so many clocks.

    Latency: 1 clock from `start` to the frame, which takes `shape.low_clocks`.

    Parameters
    ----------
    shape : Shape
    clock_hz : float

    Members
    -------
    start : In(1)
        Strobe: not while a frame is running.
    running : Out(1)
        From a register.
    shift : Out(1)
        Strobe: the chip has taken a bit a half period ago; the next one is due in the next clock,
        at both ends. If the chip takes bits at falling edges, the first is before any bit.
    last : Out(1)
        Strobe: the frame is over in the next clock.
    sclk : Out(1)
        From a register.
    """

    start: Signal
    running: Signal
    shift: Signal
    last: Signal
    sclk: Signal

    def __init__(self, shape: Shape, clock_hz: float) -> None:
        self._bits, self._falling = shape.frame_bits, shape.falling
        self._half = shape.half_period(clock_hz)
        outputs = dict.fromkeys(("running", "shift", "last", "sclk"), Out(1))
        super().__init__({"start": In(1), **outputs})

    def elaborate(self, platform: object) -> Module:
        """Build a counter of clocks and one of halves, which is odd while SCLK is high."""
        m = Module()
        clocks, halves = Signal(range(max(2, self._half))), Signal(range(2 * self._bits + 1))
        running, ends = Signal(name="is_running"), Signal()
        m.d.comb += [
            self.running.eq(running),
            self.sclk.eq(halves[0]),
            ends.eq(running & (clocks == 0)),
            self.shift.eq(ends & (halves[0] ^ self._falling)),
            self.last.eq(ends & (halves == 0)),
        ]
        with m.If(self.start):
            m.d.sync += [
                running.eq(1),
                clocks.eq(self._half - 1),
                halves.eq(2 * self._bits),
            ]
        with m.Elif(running):
            m.d.sync += [
                running.eq(~self.last),
                clocks.eq(Mux(ends, self._half - 1, clocks - 1)),
                halves.eq(halves - (ends & ~self.last)),
            ]
        return m
