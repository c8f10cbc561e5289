"""Frames without zeros, and zeros between them: consistent overhead byte stuffing.

A frame is a code byte, then runs of other bytes; each code tells how far the next one is, and
stands for a zero there. Frames here are too short for the code 255, which would stand for none.
"""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class Cobs(wiring.Component):
    """Decodes the bytes of a frame; then encodes those of another one, backwards.

    Backwards, each code comes after its run. So a byte goes out as soon as it is there, and no
    memory is needed. Whoever decodes it begins at the end.

    It is one count for both, of bytes: to the next code, or since the last one. It goes round with
    the bits of a byte, lowest first, and changes by one on its way. A frame may be encoded once one
    was decoded that is whole, or another one encoded.

    Latency: none for a bit; a clock to `code`. Throughput: a bit a clock, and a clock between two
    bytes, two if they are decoded.

    Members
    -------
    take : In(1)
        Strobe: a byte of the line comes next, to be decoded.
    end : In(1)
        Strobe: it was the delimiter, 0, which has no bits here; the next byte is of another frame.
    next : In(1)
        Strobe: all bits of a byte were decoded.
    first : Out(1)
        What comes next, or is being decoded, is a frame's first byte, which means nothing.
    code : Out(1)
        It is a code, and stands for a zero; or for nothing, if it is the delimiter or the first.
        A frame that ends elsewhere is not whole.
    put : In(1)
        A byte to be encoded comes next: of at most 253 and two zeros, which become the last code
        and the delimiter.
    zero : In(1)
        It is 0.
    last : In(1)
        It is the first of these zeros.
    bit : In(1)
        The byte's next bit.
    decodes, encodes : In(1)
        Strobes, 8 times: on to the next bit.
    decoded, coded : Out(1)
        What the bit becomes.
    """

    take: Signal
    end: Signal
    next: Signal
    first: Signal
    code: Signal
    put: Signal
    zero: Signal
    last: Signal
    bit: Signal
    decodes: Signal
    encodes: Signal
    decoded: Signal
    coded: Signal

    def __init__(self) -> None:
        inputs = ("take", "end", "next", "put", "zero", "last", "bit", "decodes", "encodes")
        outputs = ("first", "code", "decoded", "coded")
        super().__init__(dict.fromkeys(inputs, In(1)) | dict.fromkeys(outputs, Out(1)))

    def elaborate(self, platform: object) -> Module:
        """Build the count."""
        m = Module()
        count = Signal(8, reset_less=True)
        stuffed, carry, first = (
            Signal(name=name, reset_less=True) for name in ("stuffed", "carry", "is_first")
        )
        # A code is loaded as it comes; one that goes out leaves nothing, but before the delimiter,
        # which is encoded as if it were a code 256.
        old = Mux(stuffed | first, self.bit, count[0])
        less, more = Signal(), Signal()
        m.d.comb += [
            less.eq(old ^ carry),
            more.eq(count[0] ^ carry),
            self.first.eq(first),
            self.decoded.eq(self.bit & ~stuffed),
            self.coded.eq(Mux(stuffed, more, self.bit)),
        ]
        m.d.sync += self.code.eq(count == 0)
        with m.If(self.take | self.put):
            m.d.sync += [stuffed.eq(Mux(self.take, self.code, self.zero)), carry.eq(1)]
        with m.Elif(self.decodes):
            m.d.sync += [count.eq(Cat(count[1:], less)), carry.eq(carry & ~old)]
        with m.Elif(self.encodes):
            moved = Mux(stuffed, self.last, more)
            m.d.sync += [count.eq(Cat(count[1:], moved)), carry.eq(carry & count[0])]
        m.d.sync += first.eq(self.end | (first & ~self.next))
        return m
