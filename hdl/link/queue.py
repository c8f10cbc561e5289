"""What was received and not dealt with yet."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from hdl.link.ring import following
from hdl.number.delay import delay
from spec.link import QUEUE_BYTES


class Queue(wiring.Component):
    """A ring of bytes that can be read again.

    A byte for which there is no room is lost; the frame that it was of is lost with it.

    Latency: 2 clocks from `push` to `available`. Throughput: a byte every 2 clocks, in and out.
    Both are a clock more if `far`.

    Parameters
    ----------
    far : bool
        Whether a register follows the memory: block RAM of an ECP5 takes 5.8 ns by itself.

    Members
    -------
    data : In(8)
    push : In(1)
        Strobe: `data` goes in.
    head : Out(8)
        The next byte.
    available : Out(1)
        There is one.
    take : In(1)
        Strobe: go on to the byte after it.
    rewind : In(1)
        Strobe: go back to the first byte that is kept.
    release : In(1)
        Strobe: keep only the next byte and those after it.
    """

    data: Signal
    push: Signal
    head: Signal
    available: Signal
    take: Signal
    rewind: Signal
    release: Signal

    def __init__(self, *, far: bool = False) -> None:
        self.far = far
        super().__init__(
            {
                "data": In(8),
                "push": In(1),
                "head": Out(8),
                "available": Out(1),
                "take": In(1),
                "rewind": In(1),
                "release": In(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the ring and its three places."""
        m = Module()
        # A byte that is being written is not read in the same clock.
        m.submodules.ring = ring = memory.Memory(  # pyright: ignore[reportCallIssue]
            shape=8,
            depth=QUEUE_BYTES,
            init=[],
            attrs={"no_rw_check": 1},  # pyright: ignore[reportArgumentType]
        )
        write, read = ring.write_port(), ring.read_port()
        last, place, kept = (Signal(range(QUEUE_BYTES), name=n) for n in ("last", "place", "kept"))
        full = Signal()
        m.d.comb += [
            write.addr.eq(last),
            write.data.eq(self.data),
            write.en.eq(self.push & ~full),
            read.addr.eq(place),
        ]
        # Long before the next byte.
        m.d.sync += full.eq(following(last) == kept)
        with m.If(write.en):
            m.d.sync += last.eq(following(last))
        moves = Signal()
        m.d.comb += moves.eq(self.take | self.rewind)
        with m.If(moves):
            m.d.sync += place.eq(Mux(self.rewind, kept, following(place)))
        with m.If(self.release):
            m.d.sync += kept.eq(place)
        # The memory answers a clock after it is asked, which is a clock after it was written.
        stays = (place != last) & ~moves
        if self.far:
            m.d.sync += self.head.eq(read.data)
            stays &= delay(m, stays, 1, 1, "stayed")
        else:
            m.d.comb += self.head.eq(read.data)
        m.d.sync += self.available.eq(stays)
        return m
