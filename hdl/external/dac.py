"""Values to DACs on SPI."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.external.frame import FrameClock
from spec.external.converter import DacShape, clocks


class DacWriter(wiring.Component):
    """Writes values to the channels of some chips, which share all pins but CS.

    Latency: CS falls in the clock after a value was taken, and rises `shape.low_clocks` later.
    LDAC falls in the clock after the next value could have been taken, or 2 clocks after `load` if
    nothing was being sent.

    The frame of `shape.setup` goes to all chips at once, as soon as nothing else is being sent.

    Throughput: a value every `shape.write_clocks` clocks. A pulse of LDAC takes
    `shape.load_clocks`.

    Parameters
    ----------
    shape : DacShape
    chips : int
        At least 1.
    clock_hz : float
        Of the component.

    Members
    -------
    value : In(value_bits)
    channel : In(range(chips * channels))
        All channels of the first chip, then all of the second, and so on.
    valid : In(1)
        There is a value to be sent.
    ready : Out(1)
        A value that is valid is taken in this clock.
    setup : In(1)
        Strobe: the chips are to be set up, before the next value. Without meaning if there is no
        `shape.setup`.
    load : In(1)
        Strobe: LDAC is to be low once, after the frame being sent, or taken in this clock. The next
        value has to wait for that. Without meaning if the shape has no LDAC.
    busy : Out(1)
        Something is being sent, or LDAC's pulse is not over: not `ready`.
    sclk, mosi : Out(1)
        Pins, from registers, as are all others.
    cs_n : Out(chips)
    ldac_n : Out(1)
    """

    value: Signal
    channel: Signal
    valid: Signal
    ready: Signal
    setup: Signal
    load: Signal
    busy: Signal
    sclk: Signal
    mosi: Signal
    cs_n: Signal
    ldac_n: Signal

    def __init__(self, shape: DacShape, chips: int, clock_hz: float) -> None:
        self._shape, self._chips, self._clock_hz = shape, chips, clock_hz
        super().__init__(
            {
                "value": In(shape.value_bits),
                "channel": In(range(chips * shape.channels)),
                **dict.fromkeys(("valid", "setup", "load"), In(1)),
                **dict.fromkeys(("ready", "busy", "sclk", "mosi"), Out(1)),
                "cs_n": Out(chips, init=-1),  # pyright: ignore[reportCallIssue]
                "ldac_n": Out(1, init=1),  # pyright: ignore[reportCallIssue]
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the frame, and a count of clocks before anything may follow it."""
        m = Module()
        shape = self._shape
        m.submodules.frame = frame = FrameClock(shape, self._clock_hz)
        high, low = (clocks(ns, self._clock_hz) for ns in (shape.high_ns, shape.load_ns))
        rest, pending, pulse = Signal(range(max(high, low + 1))), Signal(), Signal()
        cs_n = Signal(self._chips, init=-1, name="cs_n_register")
        idle, sets_up = Signal(), Signal()
        if shape.setup:
            m.d.sync += sets_up.eq(self.setup | (sets_up & ~idle))
        m.d.comb += [
            idle.eq(~frame.running & (rest == 0) & ~pending),
            self.ready.eq(idle & ~sets_up),
            self.busy.eq(~self.ready),
            frame.start.eq(idle & (sets_up | self.valid)),
            self.sclk.eq(frame.sclk),
            self.cs_n.eq(cs_n),
        ]
        with m.If(frame.start):
            chip = self.channel // shape.channels
            m.d.sync += cs_n.eq(Cat(~sets_up & (chip != k) for k in range(self._chips)))
        with m.Elif(frame.last):
            m.d.sync += cs_n.eq(-1)
        with m.If(frame.last):
            m.d.sync += rest.eq(high - 1)
        with m.Elif(pulse):
            m.d.sync += rest.eq(low)
        with m.Elif(rest != 0):
            m.d.sync += rest.eq(rest - 1)
        self._send(m, frame, sets_up)
        if shape.load:
            ldac_n = Signal(init=1, name="ldac_n_register")
            m.d.comb += [
                pulse.eq(~frame.running & (rest == 0) & pending),
                self.ldac_n.eq(ldac_n),
            ]
            m.d.sync += [
                pending.eq(self.load | (pending & ~pulse)),
                ldac_n.eq(~pulse & (ldac_n | (rest == 1))),
            ]
        return m

    def _send(self, m: Module, frame: FrameClock, sets_up: Signal) -> None:
        """Build the bits yet to be sent, the next one on top."""
        shape = self._shape
        bits = Signal(shape.frame_bits + shape.falling)
        word = Signal(shape.frame_bits)
        m.d.comb += [self.mosi.eq(bits[-1]), word.eq(shape.command)]
        m.d.comb += word[shape.value_at :][: shape.value_bits].eq(self.value)
        if shape.channel_bits:
            number = self.channel % shape.channels
            m.d.comb += word[shape.channel_at :][: shape.channel_bits].eq(number)
        with m.If(sets_up):
            m.d.comb += word.eq(shape.setup)
        with m.If(frame.start | frame.shift):
            m.d.sync += bits.eq(Mux(frame.start, word, Cat(Const(0, 1), bits)))
