"""Values from an ADC on SPI."""

from __future__ import annotations

from collections.abc import Sequence

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

from hdl.external.frame import FrameClock
from hdl.number.delay import delay
from spec.errors import InputError
from spec.external.converter import READ_LATENCY, AdcShape


class AdcReader(wiring.Component):
    """Reads some channels of a chip, one at a time.

    A chip that converts within its frame has CS high while nothing is to be done. One whose
    conversion begins as CS rises has CS low: so it samples in the clock after `start`.

    The chip may take a whole period of SCLK from an edge until its output is valid at `miso`, the
    ways there and back among it, but for the set-up time of a register.

    Latency: `shape.read_clocks` from `start` to `done`.

    Throughput: a value every `shape.start_clocks` clocks.

    Parameters
    ----------
    shape : AdcShape
    clock_hz : float
        Of the component.
    channels : sequence of int
        Which.

    Raises
    ------
    InputError
        If the chip has no such channels.

    Members
    -------
    start : In(1)
        Strobe; without meaning while busy.
    channel : In
        Which of `channels` is read, counted from 0; from `start` to `done`.
    busy : Out(1)
    done : Out(1)
        Strobe: the value is there.
    value : Out(value_bits)
        Stays from `done` to the next start.
    sclk, mosi, cs_n : Out(1)
        Pins, from registers.
    miso : In(1)
        The chip's output, in step with nothing.
    """

    start: Signal
    channel: Signal
    busy: Signal
    done: Signal
    value: Signal
    sclk: Signal
    mosi: Signal
    miso: Signal
    cs_n: Signal

    def __init__(self, shape: AdcShape, clock_hz: float, channels: Sequence[int] = (0,)) -> None:
        for channel in channels:
            if not 0 <= channel < shape.channels:
                raise InputError(f"channel = {channel}: must be from 0 to {shape.channels - 1}")
        self._shape, self._clock_hz = shape, clock_hz
        self._words = [shape.command | channel << shape.channel_at for channel in channels]
        self._idle = int(not shape.convert_ns)
        super().__init__(
            {
                **dict.fromkeys(("start", "miso"), In(1)),
                "channel": In(range(max(2, len(channels)))),
                **dict.fromkeys(("busy", "done", "sclk", "mosi"), Out(1)),
                "cs_n": Out(1, init=self._idle),  # pyright: ignore[reportCallIssue]
                "value": Out(shape.value_bits),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the frame, and a count of clocks before anything may follow."""
        m = Module()
        shape = self._shape
        m.submodules.frame = frame = FrameClock(shape, self._clock_hz)
        converting = shape.convert_clocks(self._clock_hz)
        resting = shape.rest_clocks(self._clock_hz)
        rest, accepted, waits = Signal(range(max(converting, resting))), Signal(), Signal()
        cs_n = Signal(init=self._idle, name="cs_n_register")
        m.d.comb += [
            waits.eq(rest != 0),
            self.busy.eq(frame.running | waits | (cs_n ^ self._idle)),
            accepted.eq(self.start & ~self.busy),
            frame.start.eq(cs_n & ~waits if converting else accepted),
            self.sclk.eq(frame.sclk),
            self.cs_n.eq(cs_n),
        ]
        with m.If(frame.last):
            m.d.sync += rest.eq(resting - 1)
        with m.Elif(accepted):
            m.d.sync += rest.eq(converting - 1 if converting else 0)
        with m.Elif(waits):
            m.d.sync += rest.eq(rest - 1)
        with m.If(frame.start):
            m.d.sync += cs_n.eq(0)
        with m.Elif(accepted if converting else frame.last):
            m.d.sync += cs_n.eq(1)
        self._send(m, frame)
        self._receive(m, frame)
        return m

    def _send(self, m: Module, frame: FrameClock) -> None:
        """Build the bits yet to be sent, the next one on top."""
        bits = Signal(self._shape.frame_bits + self._shape.falling)
        word = Signal(self._shape.frame_bits)
        m.d.comb += self.mosi.eq(bits[-1])
        with m.Switch(self.channel):
            for k, given in enumerate(self._words):
                with m.Case(k):
                    m.d.comb += word.eq(given)
        with m.If(frame.start | frame.shift):
            m.d.sync += bits.eq(Mux(frame.start, word, Cat(Const(0, 1), bits)))

    def _receive(self, m: Module, frame: FrameClock) -> None:
        """Build the bits so far; the strobe is late by as much as what it takes in."""
        shape = self._shape
        level, stages = Signal(), READ_LATENCY - 1
        m.submodules.synchroniser = FFSynchronizer(self.miso, level, stages=stages)
        bits = Signal(shape.value_at + shape.value_bits, name="received")
        with m.If(delay(m, frame.shift, 1, stages, "shift")):
            m.d.sync += bits.eq(Cat(level, bits))
        m.d.comb += [
            self.value.eq(bits[shape.value_at :]),
            self.done.eq(delay(m, frame.last, 1, READ_LATENCY, "last")),
        ]
