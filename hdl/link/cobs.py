"""Frames without zeros, and zeros between them: consistent overhead byte stuffing.

A frame is a code byte, then runs of other bytes; each code tells how far the next one is, and
stands for a zero there. Frames here are too short for the code 255, which would stand for none.
"""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
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

    Latency: none. Throughput: a bit a clock, and a clock between two bytes.

    Members
    -------
    between : In(1)
        The next byte has not begun.
    zero : In(1)
        That byte is 0; in the last clock before it.
    bit : In(1)
        A bit of a byte, of at most 253 and two zeros, which become the last code and the delimiter.
    shift : In(1)
        Strobe: on to the next bit.
    last : In(1)
        The byte is the first of these zeros.
    coded : Out(1)
        What the bit becomes.
    """

    between: Signal
    zero: Signal
    bit: Signal
    shift: Signal
    last: Signal
    coded: Signal

    def __init__(self) -> None:
        names = ("between", "zero", "bit", "shift", "last")
        super().__init__({**dict.fromkeys(names, In(1)), "coded": Out(1)})

    def elaborate(self, platform: object) -> Module:
        """Build the count of bytes since the last code; it goes round, and grows on its way."""
        m = Module()
        distance = Signal(8, init=1)
        stuffed, carry = Signal(reset_less=True), Signal(reset_less=True)
        moved = (distance[0] & ~stuffed) ^ (carry & ~(stuffed & self.last))
        m.d.comb += self.coded.eq(Mux(stuffed, distance[0], self.bit))
        with m.If(self.between):
            m.d.sync += [stuffed.eq(self.zero), carry.eq(1)]
        with m.Elif(self.shift):
            m.d.sync += [
                distance.eq(Cat(distance[1:], moved)),
                carry.eq(carry & distance[0] & ~stuffed),
            ]
        return m
