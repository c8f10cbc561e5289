"""Bytes on two wires: 8 data bits, no parity, one stop bit, at any ratio of clock and baud rate."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.link.ring import Round
from spec.link import Rate


class BitClock(wiring.Component):
    """A strobe for each bit: of a whole number of clocks, or an accumulator's that overflows.

    Throughput: a strobe every `rate.clocks` clocks, early or late by less than one.

    Parameters
    ----------
    rate : Rate

    Members
    -------
    restart : In(1)
        Strobe: the next one comes in half a bit.
    bit : Out(1)
        Strobe.
    """

    restart: Signal
    bit: Signal

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        super().__init__({"restart": In(1), "bit": Out(1)})

    def elaborate(self, platform: object) -> Module:
        """Build the counter, or the accumulator."""
        m = Module()
        if self.rate.whole:
            self._count(m, Round(self.rate.whole))
        else:
            self._accumulate(m)
        return m

    def _count(self, m: Module, way: Round) -> None:
        place = Signal(way.bits, init=way.last, reset_less=True)
        m.d.comb += self.bit.eq(place == way.last)
        m.d.sync += place.eq(way.following(place))
        with m.If(self.restart):
            m.d.sync += place.eq(way.before_last(self.rate.whole // 2 - 1))

    def _accumulate(self, m: Module) -> None:
        width = self.rate.width
        phase, following = Signal(width, reset_less=True), Signal(width + 1)
        m.d.comb += [following.eq(phase + self.rate.step), self.bit.eq(following[width])]
        m.d.sync += phase.eq(following)
        with m.If(self.restart):
            # The edge was before this clock by half of one, on average.
            m.d.sync += phase.eq((1 << (width - 1)) + self.rate.step // 2)


class Receiver(wiring.Component):
    """From a wire to bytes.

    A start bit is looked at again in its middle, data and stop bit in theirs. The next start bit
    may come half a bit early.

    Latency: 1 clock from the middle of the stop bit to `valid`.

    Parameters
    ----------
    rate : Rate

    Members
    -------
    rx : In(1)
        In step with the clock.
    data : Out(8)
        The byte in the clock of `valid`; 0 in any other in which `receiving` is 0.
    valid : Out(1)
        Strobe: a byte came.
    error : Out(1)
        Strobe: there was no stop bit. The next byte begins only after the wire was high.
    receiving : Out(1)
    """

    rx: Signal
    data: Signal
    valid: Signal
    error: Signal
    receiving: Signal

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        super().__init__(
            {"rx": In(1), "data": Out(8), "valid": Out(1), "error": Out(1), "receiving": Out(1)}
        )

    def elaborate(self, platform: object) -> Module:
        """Build the bits so far, and flags."""
        m = Module()
        m.submodules.clock = clock = BitClock(self.rate)
        low, idle, stops = Signal(), Signal(), Signal()
        receiving, starts, broken = (Signal(name=name) for name in ("busy", "starts", "broken"))
        # The bits so far, below them a one, which is at the bottom once there are eight.
        bits = Signal(9, reset_less=True)
        m.d.comb += [
            low.eq(~self.rx),
            idle.eq(~receiving),
            stops.eq(receiving & clock.bit & bits[0]),
            clock.restart.eq(idle),
            self.data.eq(bits[1:]),
            self.valid.eq(stops & self.rx),
            self.receiving.eq(receiving),
        ]
        ends = clock.bit & Mux(starts, ~low, bits[0])
        m.d.sync += [
            receiving.eq(Mux(receiving, ~ends, low & ~broken)),
            starts.eq(idle | (starts & ~clock.bit)),
            broken.eq(low & (broken | stops)),
            self.error.eq(low & stops),
        ]
        with m.If(idle | stops):
            m.d.sync += bits.eq(0)
        with m.Elif(clock.bit):
            m.d.sync += bits.eq(Cat(bits[1:], starts ^ self.rx))
        return m


class Transmitter(wiring.Component):
    """From bytes to a wire.

    Throughput: ten bits a byte, nothing between them.

    Members
    -------
    valid : In(1)
        There is a byte to be sent.
    data : In(1)
        Its bits, the lowest first, from the clock after `between` on.
    bit : In(1)
        A strobe for each bit.
    between : Out(1)
        No byte is being sent, or only the stop bit of one.
    shift : Out(1)
        Strobe, 8 times for each byte: on to the next bit of `data`.
    empty : Out(1)
        Strobe, with the last of these.
    tx : Out(1)
        The pin.
    """

    valid: Signal
    data: Signal
    bit: Signal
    between: Signal
    shift: Signal
    empty: Signal
    tx: Signal

    def __init__(self) -> None:
        super().__init__(
            {
                **dict.fromkeys(("valid", "data", "bit"), In(1)),
                **dict.fromkeys(("between", "shift", "empty"), Out(1)),
                "tx": Out(1, init=1),  # pyright: ignore[reportCallIssue]
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the count of bits: a start bit, eight of data, a stop bit."""
        m = Module()
        way = Round(10)
        place, stops = Signal(way.bits, init=way.last), Signal()
        m.d.comb += [
            self.between.eq(place == way.last),
            stops.eq(place == way.before_last(1)),
            self.shift.eq(self.bit & ~self.between & ~stops),
            self.empty.eq(self.bit & (place == way.before_last(2))),
        ]
        tx = Signal(init=1, name="tx_register", reset_less=True)
        m.d.comb += self.tx.eq(tx)
        with m.If(self.bit):
            m.d.sync += tx.eq(Mux(self.between, ~self.valid, stops | self.data))
        with m.If(self.bit & (self.valid | ~self.between)):
            m.d.sync += place.eq(way.following(place))
        return m
