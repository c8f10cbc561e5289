"""Requests in, accesses to registers, answers out."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hdl.link.bus import BUS
from hdl.link.cobs import Decoder
from hdl.link.crc import Crc
from hdl.link.header import Header
from hdl.link.last_write import LastWrite
from hdl.link.patience import Patience
from spec.link import VERSION, Status


class Executor(wiring.Component):
    """Reads a frame twice: first for its CRC and length, then, if it is a write, for its words.

    All data move a bit a clock through one byte, lowest bits first. Nothing is executed and
    nothing answered unless the CRC is right.

    Latency: `write_latency` clocks for a write, and what its registers take beyond one clock each;
    none for a read. Throughput: a byte in 10 clocks, and 17 more after each word. An answer has no
    gaps as long as a byte takes 30 clocks longer than a register.

    Members
    -------
    head, available, take, rewind, release
        Of the `Queue`.
    o, last
        `i` and `last` of the `Encoder`.
    slow : In(1)
        Strobe, of which `Patience` counts.
    bus : Out(BUS)
    """

    head: Signal
    available: Signal
    take: Signal
    rewind: Signal
    release: Signal
    o: stream.Interface
    last: Signal
    slow: Signal
    bus: Any

    @staticmethod
    def write_latency(words: int) -> int:
        """From the end of a write to its answer, beyond what a read takes: the second reading."""
        return 105 + 57 * words

    def __init__(self) -> None:
        super().__init__(
            {
                "head": In(8),
                "available": In(1),
                "take": Out(1),
                "rewind": Out(1),
                "release": Out(1),
                "o": Out(stream.Signature(8)),
                "last": Out(1),
                "slow": In(1),
                "bus": Out(BUS),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the shift registers, and the state machine that moves them."""
        m: Any = Module()
        m.submodules.decoder = decoder = Decoder()
        m.submodules.crc = crc = Crc()
        m.submodules.header = header = Header()
        m.submodules.last = last = LastWrite()
        m.submodules.patience = patience = Patience()

        # Set before they are used: they need no reset.
        byte = Signal(8, reset_less=True)
        word = Signal(32, reset_less=True)
        status = Signal(Status, reset_less=True)
        flags = ("in_header", "complete", "right", "bad")
        in_header, complete, right, bad = (Signal(name=n, reset_less=True) for n in flags)
        sound, executing = Signal(), Signal()
        in_crc, failed, none_remain = Signal(), Signal(), Signal()
        m.d.comb += [
            none_remain.eq(header.remaining == 0),
            in_crc.eq(~in_header & (~header.writes | none_remain)),
            failed.eq(status != Status.OK),
        ]
        m.d.sync += sound.eq(complete & right & ~bad & decoder.code)

        # What the state machine below says.
        states = ("clear", "fetch", "decode", "receive", "send", "access")
        clear, fetch, decode, receive, send, access = (Signal(name=name) for name in states)
        parts = ("send_number", "send_word", "send_remaining", "part_ends")
        send_number, send_word, send_remaining, part_ends = (Signal(name=name) for name in parts)
        bit = Signal()

        # Bits of a part so far: a header, a word, two bytes, a byte.
        bits = Signal(6, reset_less=True)
        shift, ticks = Signal(), Signal()
        ends = ("byte_ends", "two_end", "word_ends", "header_ends")
        byte_ends, two_end, word_ends, header_ends = (Signal(name=name) for name in ends)
        m.d.comb += [
            shift.eq(receive | (send & ~self.o.valid)),
            ticks.eq(shift | header.advance),
            byte_ends.eq(ticks & bits[:3].all()),
            two_end.eq(byte_ends & bits[3]),
            word_ends.eq(two_end & bits[4]),
            header_ends.eq(byte_ends & bits[5]),
        ]
        with m.If(clear | part_ends):
            m.d.sync += bits.eq(0)
        with m.Elif(ticks):
            m.d.sync += bits.eq(bits + 1)

        # A byte from the queue, or one for the encoder.
        with m.If(fetch):
            m.d.sync += byte.eq(self.head)
        with m.Elif(decode & decoder.code):
            m.d.sync += byte.eq(0)
        with m.Elif(shift):
            m.d.sync += byte.eq(Cat(byte[1:], bit))
        with m.If(send & byte_ends):
            m.d.sync += self.o.valid.eq(1)
        with m.Elif(self.o.ready):
            m.d.sync += self.o.valid.eq(0)

        with m.If(self.bus.read):
            m.d.sync += word.eq(self.bus.read_data)
        with m.Elif(receive | (send_word & shift)):
            m.d.sync += word.eq(Cat(word[1:], bit))

        m.d.comb += [
            decoder.coded.eq(byte),
            decoder.take.eq(decode),
            decoder.shift.eq(receive),
            crc.clear.eq(clear),
            crc.bit.eq(bit),
            crc.shift.eq(shift),
            header.bit.eq(bit),
            header.shift.eq(receive & in_header),
            header.turn.eq(send_number & shift),
            header.drop.eq(send_remaining & shift),
            header.loaded.eq(last.last_remaining),
            last.restart.eq(decoder.restart),
            last.bit.eq(bit),
            last.compare.eq(header.shift & (bits[3:] == 0)),
            last.turn.eq(header.drop),
            last.number.eq(header.number),
            last.status.eq(status),
            last.remaining.eq(header.remaining),
            patience.slow.eq(self.slow),
            patience.restart.eq(~access),
            self.o.payload.eq(byte),
            self.bus.address.eq(header.address),
            self.bus.write_data.eq(word),
            self.bus.read.eq(access & header.reads),
            self.bus.write.eq(access & header.writes),
        ]

        with m.FSM(init="END"):
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
                    m.d.sync += bad.eq(bad | complete | ~(in_header | header.known))
                    m.next = "RECEIVE"
                with m.Elif(decoder.first):
                    m.next = "FETCH"
                with m.Else():
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
                    m.d.comb += crc.out.eq(1)
                    m.d.sync += [right.eq(right & (bit == crc.crc_bit)), complete.eq(word_ends)]
                with m.Elif(word_ends):
                    m.d.comb += part_ends.eq(1)
                    with m.If(~executing):
                        m.next = "ADVANCE"
                    with m.Elif(~failed):
                        m.next = "ACCESS"
                with m.If(decoder.first & byte_ends):  # that was nothing but a code
                    m.next = "BEGIN"

            with m.State("BEGIN"):
                m.d.comb += [clear.eq(1), decoder.restart.eq(1)]
                m.d.sync += [in_header.eq(1), complete.eq(0), right.eq(1), bad.eq(0)]
                m.next = "FETCH"

            with m.State("END"):
                m.d.comb += clear.eq(1)
                m.d.sync += executing.eq(0)
                m.next = "SEND_NUMBER"
                with m.If(executing):
                    m.d.comb += last.commit.eq(1)
                with m.Else():
                    m.d.sync += status.eq(Status.OK)
                    with m.If(~sound):
                        m.next = "FETCH"
                    with m.Elif(header.reads):
                        pass
                    with m.Elif(header.syncs):
                        m.d.comb += [last.accept.eq(1), last.sync.eq(1)]
                    with m.Elif(last.same):
                        m.d.comb += header.load.eq(1)
                        m.d.sync += status.eq(last.last_status)
                    with m.Elif(last.follows):  # read it again, to execute it
                        m.d.comb += [last.accept.eq(1), self.rewind.eq(1)]
                        m.d.sync += executing.eq(1)
                        m.next = "FETCH"
                    with m.Else():
                        m.d.sync += status.eq(Mux(last.failed, Status.HALTED, Status.OUT_OF_ORDER))

            with m.State("ACCESS"):
                m.d.comb += access.eq(1)
                with m.If(self.bus.done & ~self.bus.refused):
                    m.next = "ADVANCE"
                    with m.If(header.reads):
                        m.next = "SEND_WORD"
                with m.Elif(self.bus.done | patience.ends):
                    m.d.sync += status.eq(Mux(self.bus.done, Status.REFUSED, Status.TIMEOUT))
                    m.next = "FETCH"
                    with m.If(header.reads):
                        m.next = "SEND_REMAINING"

            with m.State("ADVANCE"):
                m.d.comb += [header.advance.eq(1), part_ends.eq(two_end)]
                with m.If(two_end):
                    m.next = "MORE"
                    with m.If(header.writes):
                        m.next = "FETCH"

            with m.State("SEND_NUMBER"):  # and the operation
                m.d.comb += [send.eq(1), send_number.eq(1), part_ends.eq(two_end)]
                m.d.comb += bit.eq(header.number[0])
                with m.If(two_end):
                    m.next = "MORE"

            with m.State("MORE"):
                m.next = "SEND_REMAINING"
                with m.If(header.reads & ~failed & ~none_remain):
                    m.next = "ACCESS"

            with m.State("SEND_WORD"):
                m.d.comb += [send.eq(1), send_word.eq(1), bit.eq(word[0])]
                m.d.comb += part_ends.eq(word_ends)
                with m.If(word_ends):
                    m.next = "ADVANCE"

            with m.State("SEND_REMAINING"):
                m.d.comb += [send.eq(1), send_remaining.eq(1), part_ends.eq(byte_ends)]
                with m.If(status[2]):
                    m.d.comb += bit.eq(last.turning)
                with m.Elif(header.syncs):
                    m.d.comb += bit.eq(Const(VERSION, 8).bit_select(bits[:3], 1))
                with m.Else():
                    m.d.comb += bit.eq(header.remaining[0])
                with m.If(byte_ends):
                    m.next = "SEND_STATUS"

            with m.State("SEND_STATUS"):
                m.d.comb += [send.eq(1), part_ends.eq(byte_ends)]
                m.d.comb += bit.eq(Cat(status, Const(0, 5)).bit_select(bits[:3], 1))
                with m.If(byte_ends):
                    m.next = "SEND_CRC"

            with m.State("SEND_CRC"):
                m.d.comb += [send.eq(1), crc.out.eq(1), bit.eq(crc.crc_bit)]
                m.d.comb += part_ends.eq(word_ends)
                with m.If(word_ends):
                    m.next = "SEND_END"

            with m.State("SEND_END"):  # a zero for the last code, and one for the delimiter
                m.d.comb += [send.eq(1), part_ends.eq(two_end), self.last.eq(bits[3])]
                with m.If(two_end):
                    m.next = "SENT"

            with m.State("SENT"), m.If(~self.o.valid):
                m.next = "FETCH"

        return m
