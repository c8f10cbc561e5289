"""What a request asks for."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spec.link import ADDRESS_BITS, MAX_WORDS, Operation


class Header(wiring.Component):
    """A request's header, in shift registers: number, operation, address, words that remain.

    It moves a bit a clock, lowest bits first, so that it takes few gates.

    Latency: a clock, and another one where it says so.

    Members
    -------
    bit : In(1)
    shift : In(1)
        Strobe, 40 times: the header moves up by `bit`.
    turn : In(1)
        Strobe, 16 times: number and operation go round.
    advance : In(1)
        Strobe, if words remain: the address is that of the next word, and one word less remains.
    drop : In(1)
        Strobe, 8 times: what remains goes out, and is lost.
    number : Out(8)
    address : Out(16)
    remaining : Out(8)
        Words.
    reads, writes, syncs : Out(1)
        Of the operation, if it is known.
    known : Out(1)
        It is known, and not more words remain than there may be; a clock late.
    none_remain : Out(1)
        No words remain.
    """

    bit: Signal
    shift: Signal
    turn: Signal
    advance: Signal
    drop: Signal
    number: Signal
    address: Signal
    remaining: Signal
    reads: Signal
    writes: Signal
    syncs: Signal
    known: Signal
    none_remain: Signal

    def __init__(self) -> None:
        strobes = ("bit", "shift", "turn", "advance", "drop")
        flags = ("reads", "writes", "syncs", "known", "none_remain")
        super().__init__(
            {
                **{name: In(1) for name in strobes},
                "number": Out(8),
                "address": Out(ADDRESS_BITS),
                "remaining": Out(8),
                **{name: Out(1) for name in flags},
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the shift registers."""
        m = Module()
        number, operation, done = (
            Signal(8, name=f"{name}_bits", reset_less=True)
            for name in ("number", "operation", "done")
        )
        remaining = Signal.like(done)
        address = Signal(ADDRESS_BITS, name="address_bits", reset_less=True)
        m.d.comb += [
            remaining.eq(~done),
            self.number.eq(number),
            self.address.eq(address),
            self.remaining.eq(remaining),
            self.reads.eq(operation[0]),
            self.writes.eq(operation[1]),
            self.syncs.eq(~operation[:2].any()),
            self.none_remain.eq(remaining == 0),
        ]
        m.d.sync += self.known.eq(
            operation.matches(*Operation)
            & (remaining[6:] == 0)
            & ~remaining[:6].matches(*range(MAX_WORDS + 1, 64))
        )
        with m.If(self.shift | self.turn):
            m.d.sync += [
                number.eq(Cat(number[1:], operation[0])),
                operation.eq(Cat(operation[1:], Mux(self.turn, number[0], address[0]))),
            ]
        # One more word done: a bit of the sum, with what moves in, is a logic cell of an iCE40.
        more_address, more_done = Signal.like(address), Signal.like(done)
        m.d.comb += [
            more_address.eq(address - self.advance.replicate(len(address))),
            more_done.eq(done - self.advance.replicate(len(done))),
        ]
        with m.If(self.shift | (self.advance & ~operation[2])):
            m.d.sync += address.eq(Mux(self.advance, more_address, Cat(address[1:], remaining[0])))
        with m.If(self.shift | self.advance | self.drop):
            m.d.sync += done.eq(Mux(self.advance, more_done, Cat(done[1:], ~self.bit)))
        return m
