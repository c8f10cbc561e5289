"""Frames without zeros, and zeros between them: consistent overhead byte stuffing.

A frame is a code byte, then runs of other bytes; each code tells how far the next one is, and
stands for a zero there. Frames here are too short for the code 255, which would stand for none.
"""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out


class Decoder(wiring.Component):
    """What a byte of a frame means.

    Latency: a clock, from what is counted to `code`. Throughput: a byte every 10 clocks.

    Members
    -------
    coded : In(8)
        A byte of the line.
    end : In(1)
        Whether it is the delimiter, 0.
    take : In(1)
        Strobe: the next byte comes.
    shift : In(1)
        Strobe, 8 times after each byte but the delimiter: counts it, a bit a clock.
    restart : In(1)
        Strobe: a frame's first byte was counted.
    first : Out(1)
        What comes next, or is being counted, is a frame's first byte, which means nothing.
    code : Out(1)
        It is a code, and stands for a zero; or for nothing, if it is the delimiter or the first.
        A frame that ends elsewhere is not whole.
    """

    coded: Signal
    end: Signal
    take: Signal
    shift: Signal
    restart: Signal
    first: Signal
    code: Signal

    def __init__(self) -> None:
        super().__init__(
            {
                "coded": In(8),
                "end": In(1),
                "take": In(1),
                "shift": In(1),
                "restart": In(1),
                "first": Out(1, init=1),  # pyright: ignore[reportCallIssue]
                "code": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the count of bytes to the next code."""
        m = Module()
        left = Signal(8, reset_less=True)
        borrow = Signal(reset_less=True)
        m.d.sync += [self.code.eq(left == 0), borrow.eq(~self.shift | (borrow & ~left[0]))]
        with m.If(self.shift):
            m.d.sync += left.eq(Cat(left[1:], left[0] ^ borrow))
        with m.Elif(self.take & ~self.end & (self.first | self.code)):
            m.d.sync += left.eq(self.coded)
        with m.If(self.restart):
            m.d.sync += self.first.eq(0)
        with m.Elif(self.take & self.end):
            m.d.sync += self.first.eq(1)
        return m


class Encoder(wiring.Component):
    """Encodes a frame backwards: each code comes after its run.

    So a byte goes out as soon as it comes in, and no memory is needed. Whoever decodes it begins at
    the end.

    Latency: a clock. Throughput: as `o` takes it, but a byte every two clocks at most.

    Members
    -------
    i : In(stream of 8 bits)
        The bytes of a frame, at most 253; then two zeros, which become the last code and the
        delimiter. There is a clock without one between two.
    last : In(1)
        `i` is the first of those.
    o : Out(stream of 8 bits)
    """

    i: stream.Interface
    last: Signal
    o: stream.Interface

    def __init__(self) -> None:
        super().__init__(
            {"i": In(stream.Signature(8)), "last": In(1), "o": Out(stream.Signature(8))}
        )

    def elaborate(self, platform: object) -> Module:
        """Build the count of bytes since the last code."""
        m = Module()
        distance, taken = Signal(8, init=1), Signal()
        zero = Signal(reset_less=True)
        m.d.sync += [zero.eq(self.i.payload == 0), self.o.valid.eq(self.i.valid & ~taken)]
        m.d.comb += [
            taken.eq(self.o.valid & self.o.ready),
            self.o.payload.eq(Mux(zero, distance, self.i.payload)),
            self.i.ready.eq(taken),
        ]
        with m.If(taken):
            m.d.sync += distance.eq(Mux(zero, ~self.last, distance + 1))
        return m
