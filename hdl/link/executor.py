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
    answers, last : Out(1)
    accepted : In(1)
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
    answers: Signal
    last: Signal
    accepted: Signal
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
                "answers": Out(1),
                "last": Out(1),
                "accepted": In(1),
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

        def registers(width: int, *names: str) -> list[Any]:
            """Make registers that are set before they are used, and need no reset."""
            return [Signal(width, name=name, reset_less=True) for name in names]

        def strobes(*names: str) -> list[Signal]:
            return [Signal(name=name) for name in names]

        byte, number, operation, remaining = registers(
            8, "byte", "number", "operation", "remaining"
        )
        (address,) = registers(ADDRESS_BITS, "address")
        (word,) = registers(32, "word")
        status = Signal(Status, reset_less=True)
        # The last write: its number, how it went, and how many words it did not write.
        last, last_remaining = registers(8, "last", "last_remaining")
        last_status = Signal(2, init=NOT_SYNCED)

        reads, writes, moves, syncs, known = strobes("reads", "writes", "moves", "syncs", "known")
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

        # What the state machine below says.
        clear, restart, fetch, decode, receive, send, access, advance = strobes(
            "clear", "restart", "fetch", "decode", "receive", "send", "access", "advance"
        )
        send_number, send_word, send_remaining, send_crc = strobes(
            "send_number", "send_word", "send_remaining", "send_crc"
        )
        accept, commit, repeat = strobes("accept", "commit", "repeat")
        part_ends = Signal()
        bit = Signal()

        in_header, complete, right, bad = registers(1, "in_header", "complete", "right", "bad")
        in_crc = Signal()
        m.d.comb += in_crc.eq(~in_header & (~writes | (remaining == 0)))
        sound = Signal(reset_less=True)
        m.d.sync += sound.eq(complete & right & ~bad & decoder.code)
        executing, failed = Signal(), Signal()
        m.d.comb += failed.eq(status != Status.OK)

        # Bits of a part so far: header, word, two bytes, byte.
        bits = Signal(6, reset_less=True)
        byte_ends, two_end, word_ends, header_ends = strobes(
            "byte_ends", "two_end", "word_ends", "header_ends"
        )
        shift = Signal()
        m.d.comb += [
            shift.eq(receive | (send & ~self.answers)),
            byte_ends.eq((shift | advance) & bits[:3].all()),
            two_end.eq(byte_ends & bits[3]),
            word_ends.eq(two_end & bits[4]),
            header_ends.eq(byte_ends & bits[5]),
        ]
        with m.If(clear | part_ends):
            m.d.sync += bits.eq(0)
        with m.Elif(shift | advance):
            m.d.sync += bits.eq(bits + 1)

        # Bytes: in from the queue, or out to the encoder.
        m.d.comb += [
            decoder.coded.eq(byte),
            decoder.restart.eq(restart),
            decoder.take.eq(decode),
            decoder.shift.eq(receive),
            crc.clear.eq(clear),
            crc.bit.eq(bit),
            crc.shift.eq(shift),
            crc.out.eq(send_crc | (receive & in_crc)),
            self.answer.eq(byte),
        ]
        with m.If(fetch):
            m.d.sync += byte.eq(self.head)
        with m.Elif(decode & decoder.code):
            m.d.sync += byte.eq(0)
        with m.Elif(shift):
            m.d.sync += byte.eq(Cat(byte[1:], bit))
        with m.If(send & byte_ends):
            m.d.sync += self.answers.eq(1)
        with m.Elif(self.accepted):
            m.d.sync += self.answers.eq(0)

        # The header comes in through `remaining`. Then the address grows and the words that remain
        # become less, a bit a clock; `remaining` goes round twice, the second time unchanged.
        heads = Signal()
        m.d.comb += heads.eq(receive & in_header)
        carry, borrow = registers(1, "carry", "borrow")
        with m.If(heads | (send_number & shift)):
            m.d.sync += [
                operation.eq(Cat(operation[1:], Mux(send_number, number[0], address[0]))),
                number.eq(Cat(number[1:], operation[0])),
            ]
        with m.If(heads | advance):
            new = Mux(advance, address[0] ^ carry, remaining[0])
            m.d.sync += address.eq(Cat(address[1:], new))
        with m.If(repeat):
            m.d.sync += remaining.eq(last_remaining)
        with m.Elif(heads | advance | (send_remaining & shift)):
            new = Mux(advance, remaining[0] ^ borrow, bit)
            m.d.sync += remaining.eq(Cat(remaining[1:], new))
        m.d.sync += [
            carry.eq(Mux(advance, carry & address[0], moves)),
            borrow.eq(~advance | (borrow & ~remaining[0])),
        ]

        with m.If(access & reads):
            m.d.sync += word.eq(self.bus.read_data)
        with m.Elif(receive | (send_word & shift)):
            m.d.sync += word.eq(Cat(word[1:], bit))

        # Compares the number, as it comes in, with the last one and the one after that.
        same, follows, one = registers(1, "same", "follows", "one")
        numbers = Signal()
        m.d.comb += numbers.eq(heads & (bits[3:] == 0))
        with m.If(restart):
            m.d.sync += [same.eq(1), follows.eq(1), one.eq(1)]
        with m.Elif(numbers):
            m.d.sync += [
                same.eq(same & (bit == last[0])),
                follows.eq(follows & (bit == last[0] ^ one)),
                one.eq(one & last[0]),
            ]
        with m.If(accept):
            m.d.sync += [last.eq(number), last_remaining.eq(0)]
        with m.Elif(numbers | (send_remaining & shift)):
            m.d.sync += last.eq(Cat(last[1:], last[0]))
        with m.If(commit):
            m.d.sync += [last_status.eq(status), last_remaining.eq(remaining)]

        m.d.comb += [
            patience.slow.eq(self.slow),
            patience.restart.eq(~access),
            self.bus.address.eq(address),
            self.bus.write_data.eq(word),
            self.bus.read.eq(access & reads),
            self.bus.write.eq(access & writes),
        ]

        with m.FSM(init="FETCH"):
            with m.State("RESTART"):
                m.d.comb += [clear.eq(1), restart.eq(1)]
                m.d.sync += [in_header.eq(1), complete.eq(0), right.eq(1), bad.eq(0)]
                m.next = "FETCH"

            with m.State("FETCH"):
                m.d.comb += [
                    fetch.eq(1),
                    self.take.eq(self.available),
                    self.release.eq(decoder.first | bad),
                ]
                with m.If(self.available):
                    m.next = "DECODE"

            with m.State("DECODE"):
                m.d.comb += decode.eq(1)
                with m.If(~decoder.end):
                    m.d.sync += bad.eq(bad | complete | ~(in_header | known))
                    m.next = "RECEIVE"
                with m.Else():
                    m.next = "FETCH"
                    with m.If(~decoder.first):
                        m.next = "END"

            with m.State("RECEIVE"):
                m.d.comb += [receive.eq(1), bit.eq(byte[0])]
                with m.If(byte_ends):
                    m.next = "FETCH"
                with m.If(in_header):
                    m.d.comb += part_ends.eq(header_ends)
                    with m.If(header_ends):
                        m.d.sync += in_header.eq(0)
                with m.Elif(in_crc):
                    m.d.sync += [right.eq(right & (bit == crc.crc_bit)), complete.eq(word_ends)]
                with m.Elif(word_ends):
                    m.d.comb += part_ends.eq(1)
                    with m.If(~executing):
                        m.next = "ADVANCE"
                    with m.Elif(~failed):
                        m.next = "ACCESS"
                with m.If(decoder.first & byte_ends):  # that was nothing but a code
                    m.next = "RESTART"

            with m.State("END"):
                m.d.sync += [executing.eq(0), status.eq(Status.OK)]
                m.d.comb += clear.eq(1)
                m.next = "SEND_NUMBER"
                with m.If(executing):
                    m.d.comb += commit.eq(1)
                    m.d.sync += status.eq(status)
                with m.Elif(~sound):
                    m.next = "FETCH"
                with m.Elif(reads):
                    pass
                with m.Elif(syncs):
                    m.d.comb += accept.eq(1)
                    m.d.sync += last_status.eq(Status.OK)
                with m.Elif(same & (last_status != NOT_SYNCED)):
                    m.d.comb += repeat.eq(1)
                    m.d.sync += status.eq(last_status)
                with m.Elif(last_status != Status.OK):
                    m.d.sync += status.eq(Status.HALTED)
                with m.Elif(~follows):
                    m.d.sync += status.eq(Status.OUT_OF_ORDER)
                with m.Else():
                    m.d.comb += [accept.eq(1), self.rewind.eq(1)]
                    m.d.sync += executing.eq(1)
                    m.next = "FETCH"

            with m.State("ACCESS"):
                m.d.comb += access.eq(1)
                with m.If(self.bus.done & ~self.bus.refused):
                    m.next = "ADVANCE"
                    with m.If(reads):
                        m.next = "SEND_WORD"
                with m.Elif(self.bus.done | patience.ends):
                    m.d.sync += status.eq(Mux(self.bus.done, Status.REFUSED, Status.TIMEOUT))
                    m.next = "FETCH"
                    with m.If(reads):
                        m.next = "SEND_REMAINING"

            with m.State("ADVANCE"):
                m.d.comb += [advance.eq(1), part_ends.eq(two_end)]
                with m.If(two_end):
                    m.next = "MORE"
                    with m.If(writes):
                        m.next = "FETCH"

            with m.State("SEND_NUMBER"):  # and the operation
                m.d.comb += [send.eq(1), send_number.eq(1), bit.eq(number[0])]
                m.d.comb += part_ends.eq(two_end)
                with m.If(two_end):
                    m.next = "MORE"

            with m.State("MORE"):
                m.next = "SEND_REMAINING"
                with m.If(reads & ~failed & (remaining != 0)):
                    m.next = "ACCESS"

            with m.State("SEND_WORD"):
                m.d.comb += [send.eq(1), send_word.eq(1), bit.eq(word[0])]
                m.d.comb += part_ends.eq(word_ends)
                with m.If(word_ends):
                    m.next = "ADVANCE"

            with m.State("SEND_REMAINING"):
                version = Signal()
                m.d.comb += version.eq(Const(VERSION, 8).bit_select(bits[:3], 1))
                with m.If(status[2]):
                    m.d.comb += bit.eq(last[0])
                with m.Else():
                    m.d.comb += bit.eq(Mux(syncs, version, remaining[0]))
                m.d.comb += [send.eq(1), send_remaining.eq(1), part_ends.eq(byte_ends)]
                with m.If(byte_ends):
                    m.next = "SEND_STATUS"

            with m.State("SEND_STATUS"):
                m.d.comb += [send.eq(1), part_ends.eq(byte_ends)]
                m.d.comb += bit.eq(Cat(status, Const(0, 5)).bit_select(bits[:3], 1))
                with m.If(byte_ends):
                    m.next = "SEND_CRC"

            with m.State("SEND_CRC"):
                m.d.comb += [send.eq(1), send_crc.eq(1), bit.eq(crc.crc_bit)]
                m.d.comb += part_ends.eq(word_ends)
                with m.If(word_ends):
                    m.next = "SEND_END"

            with m.State("SEND_END"):  # a zero for the last code, and one for the delimiter
                m.d.comb += [send.eq(1), part_ends.eq(two_end), self.last.eq(bits[3])]
                with m.If(two_end):
                    m.next = "SENT"

            with m.State("SENT"):
                with m.If(~self.answers):
                    m.next = "FETCH"

        return m
