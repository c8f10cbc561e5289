"""What a request asks for."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.link.last_write import COUNT_BITS
from spec.link import ADDRESS_BITS, MAX_WORDS, Operation


class Header(wiring.Component):
    """A request's header, in shift registers: number, operation, address, words that remain.

    Everything moves a bit a clock, lowest bits first, so that it takes few gates.

    Latency: a clock, and another one where it says so.

    Members
    -------
    bit : In(1)
    shift : In(1)
        Strobe, 40 times: the header moves up by `bit`.
    turn : In(1)
        Strobe, 16 times: number and operation go round.
    advance : In(1)
        Strobe, 16 times in a row, if words remain: the address is that of the next word, and one
        word less remains.
    drop : In(1)
        Strobe, 8 times: what remains goes out, and is lost.
    load : In(1)
        Strobe: `loaded` words remain. There must not have been more than there may be.
    loaded : In(6)
    number : Out(8)
    address : Out(16)
    remaining : Out(8)
        Words.
    reads, writes, syncs : Out(1)
        Of the operation, if it is known.
    known : Out(1)
        It is known, and not more words remain than there may be; a clock late.
    none_remain : Out(1)
        No words remain; a clock late.
    """

    bit: Signal
    shift: Signal
    turn: Signal
    advance: Signal
    drop: Signal
    load: Signal
    loaded: Signal
    number: Signal
    address: Signal
    remaining: Signal
    reads: Signal
    writes: Signal
    syncs: Signal
    known: Signal
    none_remain: Signal

    def __init__(self) -> None:
        strobes = ("bit", "shift", "turn", "advance", "drop", "load")
        flags = ("reads", "writes", "syncs", "known", "none_remain")
        super().__init__(
            {
                **{name: In(1) for name in strobes},
                "loaded": In(COUNT_BITS),
                "number": Out(8),
                "address": Out(ADDRESS_BITS),
                "remaining": Out(8),
                **{name: Out(1) for name in flags},
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the shift registers."""
        m = Module()
        number, operation, remaining = (
            Signal(8, name=f"{name}_bits", reset_less=True)
            for name in ("number", "operation", "remaining")
        )
        address = Signal(ADDRESS_BITS, name="address_bits", reset_less=True)
        carry, borrow = (Signal(name=name, reset_less=True) for name in ("carry", "borrow"))
        m.d.comb += [
            self.number.eq(number),
            self.address.eq(address),
            self.remaining.eq(remaining),
            self.reads.eq(operation[0]),
            self.writes.eq(operation[1]),
            self.syncs.eq(~operation[:2].any()),
        ]
        m.d.sync += [
            self.none_remain.eq(remaining == 0),
            self.known.eq(
                operation.matches(*Operation)
                & (remaining[6:] == 0)
                & ~remaining[:6].matches(*range(MAX_WORDS + 1, 64))
            ),
        ]
        with m.If(self.shift | self.turn):
            m.d.sync += [
                number.eq(Cat(number[1:], operation[0])),
                operation.eq(Cat(operation[1:], Mux(self.turn, number[0], address[0]))),
            ]
        next_address, next_remaining = Signal(), Signal()
        m.d.comb += [
            next_address.eq(Mux(self.advance, address[0] ^ carry, remaining[0])),
            next_remaining.eq(Mux(self.advance, remaining[0] ^ borrow, self.bit)),
        ]
        with m.If(self.shift | self.advance):
            m.d.sync += address.eq(Cat(address[1:], next_address))
        with m.If(self.load):
            m.d.sync += remaining[:COUNT_BITS].eq(self.loaded)
        with m.Elif(self.shift | self.advance | self.drop):
            m.d.sync += remaining.eq(Cat(remaining[1:], next_remaining))
        # What remains goes round twice; the second time, nothing is borrowed any more.
        m.d.sync += [
            carry.eq(Mux(self.advance, carry & address[0], ~operation[2])),
            borrow.eq(~self.advance | (borrow & ~remaining[0])),
        ]
        return m
