"""Requests in, accesses to registers, answers out."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.link.bus import BUS
from hdl.link.cobs import Decoder
from hdl.link.crc import Crc
from hdl.link.patience import Patience
from spec.link import (
    ADDRESS_BITS,
    CRC_BYTES,
    HEADER_BYTES,
    MAX_WORDS,
    VERSION,
    Operation,
    Status,
)

NOT_SYNCED = 3
"""Stands in place of the last write's status, which is less, before the first sync."""

WORD_BITS = 32


class Executor(wiring.Component):
    """Reads a frame twice: first for its CRC and length, then, if it is a write, for its words.

    All data move a bit a clock through one byte, lowest bits first. Nothing is executed and
    nothing answered unless the CRC is right.

    Latency: a request needs 10 clocks a byte as it comes in. Then a write needs 10 clocks a byte
    again, and 18 a word; an answer is sent once it is whole, after 8 clocks a byte and 18 a word.
    To that comes what the registers need.

    Members
    -------
    head, available, take, rewind, release
        Of the `Queue`.
    answer : Out(8)
    put, finish, busy
        Of the `Encoder`.
    slow : In(1)
        Strobe, of which `Patience` counts.
    bus : Out(BUS)
    """

    head: Signal
    available: Signal
    take: Signal
    rewind: Signal
    release: Signal
    answer: Signal
    put: Signal
    finish: Signal
    busy: Signal
    slow: Signal
    bus: Any

    def __init__(self) -> None:
        super().__init__(
            {
                "head": In(8),
                "available": In(1),
                "take": Out(1),
                "rewind": Out(1),
                "release": Out(1),
                "answer": Out(8),
                "put": Out(1),
                "finish": Out(1),
                "busy": In(1),
                "slow": In(1),
                "bus": Out(BUS),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the shift registers, and the state machine that moves them."""
        m: Any = Module()
        m.submodules.decoder = decoder = Decoder()
        m.submodules.crc = crc = Crc()
        m.submodules.patience = patience = Patience()

        # The header, as it comes in through `remaining`.
        remaining = Signal(8, reset_less=True)
        address = Signal(ADDRESS_BITS, reset_less=True)
        operation, number = Signal(8, reset_less=True), Signal(8, reset_less=True)
        word = Signal(WORD_BITS, reset_less=True)
        byte = Signal(8, reset_less=True)

        status = Signal(Status, reset_less=True)
        last = Signal(8, reset_less=True)  # write that was executed, or failed …
        last_status = Signal(2, init=NOT_SYNCED)  # … and how,
        last_remaining = Signal(8, reset_less=True)  # with so many words not written

        writes, reads, syncs, moves = (
            Signal(name=n) for n in ("writes", "reads", "syncs", "moves")
        )
        known = Signal()
        m.d.comb += [
            reads.eq(operation[0]),
            writes.eq(operation[1]),
            moves.eq(~operation[2]),
            syncs.eq(~reads & ~writes),
            known.eq(
                operation.matches(*Operation)
                & (remaining[6:] == 0)
                & ~remaining[:6].matches(*range(MAX_WORDS + 1, 64))
            ),
        ]

        in_header, in_crc, bad = (
            Signal(reset_less=True, name=n) for n in ("in_header", "in_crc", "bad")
        )
        executing = Signal()
        failed = Signal()
        m.d.comb += failed.eq(status != Status.OK)

        # Serial arithmetic: is the number the last one, or the one after it; the next address, and
        # one word less.
        same, follows, carry, step, borrow = (
            Signal(name=name, reset_less=True)
            for name in ("same", "follows", "carry", "step", "borrow")
        )

        bits = Signal(6, reset_less=True)  # shifted so far
        byte_ends, number_ends, word_ends, part_ends = (
            Signal(name=name) for name in ("byte_ends", "number_ends", "word_ends", "part_ends")
        )
        m.d.comb += [
            byte_ends.eq(bits[:3].all()),
            number_ends.eq(byte_ends & bits[3]),  # of 16 bits
            word_ends.eq(number_ends & bits[4]),
        ]
        sending, bit = Signal(), Signal()
        m.d.sync += self.put.eq(sending & byte_ends)
        m.d.comb += [
            self.answer.eq(byte),
            decoder.coded.eq(self.head),
            crc.bit.eq(bit),
            patience.slow.eq(self.slow),
            patience.restart.eq(1),
            self.bus.address.eq(address),
            self.bus.write_data.eq(word),
        ]

        def shift(register: Signal, new: Any) -> Any:
            return register.eq(Cat(register[1:], new))

        def send(source: Any, ends: Signal) -> None:
            m.d.comb += [
                sending.eq(1),
                crc.shift.eq(1),
                bit.eq(source),
                part_ends.eq(ends),
            ]
            m.d.sync += [shift(byte, bit), bits.eq(bits + 1)]
            with m.If(part_ends):
                m.d.sync += bits.eq(0)

        m.d.sync += [self.finish.eq(0), step.eq(moves), borrow.eq(1)]

        with m.FSM(init="RESTART"):
            with m.State("RESTART"):
                m.d.comb += [decoder.restart.eq(1), crc.clear.eq(1)]
                m.d.sync += [
                    in_header.eq(1),
                    in_crc.eq(0),
                    bad.eq(0),
                    bits.eq(0),
                    same.eq(1),
                    follows.eq(1),
                    carry.eq(1),
                ]
                m.next = "RECEIVE"

            with m.State("RECEIVE"):
                m.d.comb += [self.release.eq(bad), bit.eq(byte[0])]
                with m.If(self.available):
                    m.d.comb += [self.take.eq(1), decoder.take.eq(~decoder.end)]
                    m.d.sync += byte.eq(decoder.data)
                    with m.If(decoder.end):
                        m.next = "END"
                    with m.Elif(~decoder.first):
                        m.next = "SHIFT"
                        with m.If(~in_header & (in_crc | ~known)):
                            m.d.sync += bad.eq(1)

            with m.State("SHIFT"):
                m.d.comb += [bit.eq(byte[0]), crc.shift.eq(1)]
                m.d.sync += [byte.eq(byte[1:]), bits.eq(bits + 1)]
                with m.If(byte_ends):
                    m.next = "RECEIVE"
                with m.If(in_header):
                    m.d.sync += [
                        shift(remaining, bit),
                        shift(address, remaining[0]),
                        shift(operation, address[0]),
                        shift(number, operation[0]),
                    ]
                    with m.If(bits[3:] == 0):
                        m.d.sync += [
                            shift(last, last[0]),
                            same.eq(same & (bit == last[0])),
                            follows.eq(follows & (bit == last[0] ^ carry)),
                            carry.eq(carry & last[0]),
                        ]
                    with m.If(byte_ends & bits[5]):
                        m.d.sync += [in_header.eq(0), bits.eq(0)]
                with m.Else():
                    m.d.sync += shift(word, bit)
                    with m.If(word_ends):
                        m.d.sync += bits.eq(0)
                        with m.If(~writes | (remaining == 0)):
                            m.d.sync += in_crc.eq(1)
                        with m.Elif(~executing):
                            m.next = "NEXT"
                        with m.Elif(~failed):
                            m.next = "ACCESS"

            with m.State("END"):
                m.d.comb += self.release.eq(1)
                m.d.sync += executing.eq(0)
                m.next = "ANSWER"
                with m.If(executing):
                    m.d.sync += [
                        last.eq(number),
                        last_status.eq(status),
                        last_remaining.eq(remaining),
                    ]
                with m.Elif(in_header | ~decoder.whole | ~crc.right):
                    m.next = "RESTART"
                with m.Elif(bad | ~in_crc | ~known):
                    m.d.sync += status.eq(Status.MALFORMED)
                with m.Elif(reads):
                    m.d.sync += status.eq(Status.OK)
                with m.Elif(syncs):
                    m.d.sync += [
                        status.eq(Status.OK),
                        last.eq(number),
                        last_status.eq(Status.OK),
                        last_remaining.eq(0),
                    ]
                with m.Elif(same & (last_status != NOT_SYNCED)):
                    m.d.sync += [status.eq(last_status), remaining.eq(last_remaining)]
                with m.Elif(last_status != Status.OK):
                    m.d.sync += status.eq(Status.HALTED)
                with m.Elif(~follows):
                    m.d.sync += status.eq(Status.OUT_OF_ORDER)
                with m.Else():
                    m.d.comb += [self.release.eq(0), self.rewind.eq(1)]
                    m.d.sync += [executing.eq(1), status.eq(Status.OK)]
                    m.next = "RESTART"

            with m.State("ACCESS"):
                m.d.comb += [
                    self.bus.read.eq(reads),
                    self.bus.write.eq(writes),
                    patience.restart.eq(0),
                ]
                with m.If(self.bus.done & ~self.bus.refused):
                    m.next = "NEXT"
                    with m.If(reads):
                        m.d.sync += word.eq(self.bus.read_data)
                        m.next = "SEND_WORD"
                with m.Elif(self.bus.done | patience.ends):
                    m.d.sync += status.eq(Mux(self.bus.done, Status.REFUSED, Status.TIMEOUT))
                    m.next = "RECEIVE"
                    with m.If(reads):
                        m.next = "SEND_REMAINING"

            with m.State("NEXT"):
                m.d.comb += part_ends.eq(number_ends)
                m.d.sync += [
                    shift(address, address[0] ^ step),
                    step.eq(step & address[0]),
                    # Its 8 bits go round twice; nothing is borrowed any more the second time.
                    shift(remaining, remaining[0] ^ borrow),
                    borrow.eq(borrow & ~remaining[0]),
                    bits.eq(bits + 1),
                ]
                with m.If(part_ends):
                    m.d.sync += bits.eq(0)
                    m.next = "RECEIVE"
                    with m.If(reads):
                        m.next = "MORE"

            with m.State("ANSWER"):
                m.d.comb += crc.clear.eq(1)
                m.d.sync += bits.eq(0)
                with m.If(~self.busy):
                    m.next = "SEND_NUMBER"

            with m.State("SEND_NUMBER"):
                send(number[0], number_ends)
                m.d.sync += [shift(number, operation[0]), shift(operation, number[0])]
                with m.If(part_ends):
                    m.next = "MORE"

            with m.State("MORE"):
                m.next = "SEND_REMAINING"
                with m.If(reads & ~failed & (remaining != 0)):
                    m.next = "ACCESS"

            with m.State("SEND_WORD"):
                send(word[0], word_ends)
                m.d.sync += shift(word, bit)
                with m.If(part_ends):
                    m.next = "NEXT"

            with m.State("SEND_REMAINING"):
                source = Signal()
                m.d.comb += source.eq(
                    Mux(syncs, Const(VERSION, 8).bit_select(bits[:3], 1), remaining[0])
                )
                send(Mux(status[2], last[0], source), byte_ends)
                m.d.sync += [shift(remaining, remaining[0]), shift(last, last[0])]
                with m.If(part_ends):
                    m.next = "SEND_STATUS"

            with m.State("SEND_STATUS"):
                send(Cat(status, Const(0, 5)).bit_select(bits[:3], 1), byte_ends)
                with m.If(part_ends):
                    m.next = "SEND_CRC"

            with m.State("SEND_CRC"):
                send(crc.crc_bit, word_ends)
                m.d.comb += crc.out.eq(1)
                with m.If(part_ends):
                    m.next = "FINISH"

            with m.State("FINISH"):  # the last byte is put
                m.d.sync += self.finish.eq(1)
                m.next = "RESTART"
        return m
