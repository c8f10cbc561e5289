"""Frames without zeros, and zeros between them: consistent overhead byte stuffing.

A frame is a code byte, then runs of other bytes; each code tells how far the next one is, and
stands for a zero there. Frames here are too short for the code 255, which would stand for none.
"""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out


class Decoder(wiring.Component):
    """What a byte of a frame means.

    Latency: none. Throughput: a byte every 9 clocks.

    Members
    -------
    coded : In(8)
        A byte of the line.
    take : In(1)
        Strobe: the next byte comes.
    shift : In(1)
        Strobe, 8 times after each byte but the delimiter: counts it, a bit a clock.
    restart : In(1)
        Strobe: a frame's first byte was counted.
    end : Out(1)
        It is the delimiter.
    first : Out(1)
        What comes next, or is being counted, is a frame's first byte, which means nothing.
    data : Out(8)
        What any other means.
    whole : Out(1)
        A frame may end here.
    """

    coded: Signal
    take: Signal
    shift: Signal
    restart: Signal
    end: Signal
    first: Signal
    data: Signal
    whole: Signal

    def __init__(self) -> None:
        super().__init__(
            {
                "coded": In(8),
                "take": In(1),
                "shift": In(1),
                "restart": In(1),
                "end": Out(1),
                "first": Out(1, init=1),
                "data": Out(8),
                "whole": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the count of bytes to the next code."""
        m = Module()
        left = Signal(8, reset_less=True)
        borrow = Signal(reset_less=True)
        m.d.comb += [
            self.end.eq(self.coded == 0),
            self.whole.eq(left == 0),
            self.data.eq(Mux(self.whole, 0, self.coded)),
        ]
        m.d.sync += borrow.eq(~self.shift | (borrow & ~left[0]))
        with m.If(self.shift):
            m.d.sync += left.eq(Cat(left[1:], left[0] ^ borrow))
        with m.Elif(self.take & ~self.end & (self.first | self.whole)):
            m.d.sync += left.eq(self.coded)
        with m.If(self.restart):
            m.d.sync += self.first.eq(0)
        with m.Elif(self.take & self.end):
            m.d.sync += self.first.eq(1)
        return m


class Encoder(wiring.Component):
    """Takes the bytes of a frame, then sends it.

    Each code is written to its place when the next zero, or the end, is met: so the frame is in
    memory as it is sent.

    Latency: 4 clocks from `finish` to the first byte. Throughput: a byte a clock into the memory.

    Members
    -------
    data : In(8)
    put : In(1)
        Strobe: `data` is the frame's next byte; at most 253 of them, and none while `busy`.
    finish : In(1)
        Strobe: it was the last one.
    busy : Out(1)
        From the clock after `finish` until all of the frame is sent.
    o : Out(stream of 8 bits)
        The frame, with its delimiter.
    """

    data: Signal
    put: Signal
    finish: Signal
    busy: Signal
    o: stream.Interface

    def __init__(self) -> None:
        super().__init__(
            {
                "data": In(8),
                "put": In(1),
                "finish": In(1),
                "busy": Out(1),
                "o": Out(stream.Signature(8)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the memory and its two places."""
        m: Any = Module()
        m.submodules.memory = frame = memory.Memory(
            shape=8, depth=256, init=[], attrs={"no_rw_check": 1}
        )
        write, read = frame.write_port(), frame.read_port()
        # Bytes so far; the place of the next code, and how far behind it the next byte will be.
        place, code, distance = (
            Signal(8, name=name, reset_less=True) for name in ("place", "code", "distance")
        )
        following = Signal(8)
        closes = Signal()  # the code is known
        sent, clear, rewind = Signal(), Signal(), Signal()
        m.d.comb += [
            following.eq(place + 1),
            write.en.eq(self.put | closes),
            write.addr.eq(Mux(closes, code, following)),
            write.data.eq(Mux(closes, distance, self.data)),
            read.addr.eq(place),
            self.o.payload.eq(read.data),
            self.busy.eq(1),
        ]
        with m.If(clear | rewind):
            m.d.sync += place.eq(0)
        with m.Elif(self.put | sent):
            m.d.sync += place.eq(following)
        with m.If(clear):
            m.d.sync += [code.eq(0), distance.eq(1)]
        with m.Elif(closes):
            m.d.sync += [code.eq(following), distance.eq(self.put)]
        with m.Elif(self.put):
            m.d.sync += distance.eq(distance + 1)
        with m.FSM():
            with m.State("CLEAR"):
                m.d.comb += clear.eq(1)
                m.next = "FILL"
            with m.State("FILL"):
                m.d.comb += [
                    closes.eq((self.put & (self.data == 0)) | self.finish),
                    self.busy.eq(0),
                ]
                with m.If(self.finish):
                    m.next = "DELIMIT"
            with m.State("DELIMIT"):  # the distance is 0 now
                m.d.comb += [closes.eq(1), rewind.eq(1)]
                m.next = "READ"
            with m.State("READ"):
                m.next = "SEND"
            with m.State("SEND"):
                m.d.comb += self.o.valid.eq(1)
                with m.If(self.o.ready):
                    m.d.comb += sent.eq(1)
                    m.next = "READ"
                    with m.If(self.o.payload == 0):
                        m.next = "CLEAR"
        return m
