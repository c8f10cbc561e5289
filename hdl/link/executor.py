"""Requests in, accesses to registers, answers out."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.link.bus import BUS
from hdl.link.cobs import Cobs
from hdl.link.crc import Crc
from hdl.link.header import Header
from hdl.link.last_write import LastWrite
from hdl.link.one_hot import Move, OneHot
from hdl.link.patience import Patience
from spec.link import PATIENCE, VERSION, Status

STATES = (
    "fetch",
    "decode",
    "receive",
    "begin",  # the CRC begins, too
    "end",
    "access",
    "advance",
    "more",
    "send_number",  # and the operation
    "send_word",
    "send_remaining",
    "send_status",
    "send_crc",
    "send_end",  # a zero for the last code, and one for the delimiter
    "sent",
)


class Executor(wiring.Component):
    """Reads a frame twice: first for its CRC and length, then, if it is a write, for its words.

    All data move a bit a clock through one byte, lowest bits first. Nothing is executed and
    nothing answered unless the CRC is right.

    Latency: `write_latency` clocks for a write, and what its registers take beyond one clock each;
    none for a read. Throughput: a byte in 11 clocks, 37 more after a frame's first one, and 19 more
    after each word. An answer has no gaps as long as a bit takes 5 clocks, and a byte 36 more than
    a register.

    Parameters
    ----------
    patience : int
        Strobes `slow` with which the last of them ends an access that is not done.

    Members
    -------
    head, available, take, rewind, release
        Of the `Queue`.
    full : Out(1)
        There is a byte to be sent.
    coded : Out(1)
        Its next bit.
    between, shift, empty
        Of the `Transmitter`.
    slow : In(1)
        Strobe, of which `Patience` counts.
    bus : Out(BUS)
    """

    head: Signal
    available: Signal
    take: Signal
    rewind: Signal
    release: Signal
    full: Signal
    coded: Signal
    between: Signal
    shift: Signal
    empty: Signal
    slow: Signal
    bus: Any

    @staticmethod
    def write_latency(words: int) -> int:
        """From the end of a write to its answer, beyond what a read takes: the second reading."""
        return 152 + 63 * words

    def __init__(self, patience: int = PATIENCE) -> None:
        self.patience = patience
        super().__init__(
            {
                "head": In(8),
                "available": In(1),
                "take": Out(1),
                "rewind": Out(1),
                "release": Out(1),
                **dict.fromkeys(("full", "coded"), Out(1)),
                **dict.fromkeys(("between", "shift", "empty"), In(1)),
                "slow": In(1),
                "bus": Out(BUS),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the shift registers, and the state machine that moves them."""
        m: Any = Module()
        m.submodules.cobs = cobs = Cobs()
        m.submodules.crc = crc = Crc()
        m.submodules.header = header = Header()
        m.submodules.last = last = LastWrite()
        m.submodules.patience = patience = Patience(self.patience)
        state = OneHot(STATES, init="end")
        send = state.any(*(name for name in STATES if name.startswith("send_")))
        end, receive, access = state["end"], state["receive"], state["access"]

        # Set before they are used: they need no reset.
        byte = Signal(8, reset_less=True)
        word = Signal(32, reset_less=True)
        status = Signal(Status, reset_less=True)
        flags = ("in_header", "in_word", "complete", "right", "bad")
        in_header, in_word, complete, right, bad = (
            Signal(name=name, reset_less=True) for name in flags
        )
        sound, executing, checking, failed = Signal(), Signal(), Signal(), Signal()

        # A byte moves in eight clocks, in which `shift` is 1; `after` is the clock behind them, for
        # what is to be decided. The next word's address takes sixteen, in which `advance` is.
        shift, advance, ends, after = (
            Signal(name=n) for n in ("shift", "advance", "ends", "after")
        )
        bits, count = Signal(3), Signal(3, reset_less=True)  # of the byte, and bytes of the part
        part_ends, begins, delimiter = Signal(), Signal(), Signal()
        ends_now = (
            state.any("send_remaining", "send_status")
            | (state.any("advance", "send_number", "send_end") & count[1])
            | ((state.any("begin", "send_word", "send_crc") | (receive & in_word)) & count[2])
            | (receive & in_header & count[2] & count[0])
        )
        m.d.comb += [part_ends.eq(after & ends_now), begins.eq(state["decode"] & ~delimiter)]
        stops = Signal()
        m.d.comb += stops.eq(ends & (shift | count[0]))
        m.d.sync += [
            bits.eq(bits + (shift | advance)),
            ends.eq((shift | advance) & (bits == 6)),
            after.eq(stops),
            shift.eq(
                Mux(shift, ~ends, begins | (send & ~self.full) | (state["begin"] & ~part_ends))
            ),
            advance.eq(Mux(advance, ~stops, state["advance"] & ~after)),
        ]
        with m.If((receive & cobs.first) | end | part_ends):
            m.d.sync += count.eq(0)
        with m.Elif(ends):
            m.d.sync += count.eq(count + 1)

        # A byte from the queue, or one to be sent.
        got, bit, to_crc, in_crc = Signal(), Signal(), Signal(), Signal()
        m.d.comb += [
            delimiter.eq(byte == 0),
            got.eq(cobs.decoded),
            in_crc.eq(receive & ~in_header & ~in_word),
        ]
        with m.If(state["fetch"]):
            m.d.sync += byte.eq(self.head)
        with m.Elif(shift | self.shift):
            m.d.sync += byte.eq(Cat(byte[1:], bit))
        with m.If(send & ends):
            m.d.sync += self.full.eq(1)
        with m.Elif(self.empty):
            m.d.sync += self.full.eq(0)
        m.d.comb += bit.eq(
            (receive & got)
            | (state["send_number"] & header.number[0])
            | (state["send_word"] & word[0])
            | (state["send_remaining"] & self._remaining(status, header, last, bits))
            | (state["send_status"] & Cat(status, Const(0, 5)).bit_select(bits, 1))
            | (state["send_crc"] & crc.crc_bit)
        )

        with m.If(access & header.reads):
            m.d.sync += word.eq(self.bus.read_data)
        with m.Elif(shift & (receive | state["send_word"])):
            m.d.sync += word.eq(Cat(word[1:], got))

        # What is not the CRC itself goes into it a clock late, from the byte.
        out = state.any("begin", "send_crc") | in_crc
        m.d.sync += to_crc.eq(shift & ~out)
        m.d.comb += [
            cobs.take.eq(state["decode"]),
            cobs.end.eq(delimiter),
            cobs.restart.eq(state["begin"]),
            cobs.put.eq(self.full & self.between),
            cobs.zero.eq(delimiter),
            cobs.last.eq(state["send_end"] & count[0]),
            cobs.bit.eq(byte[0]),
            cobs.decodes.eq(shift & receive),
            cobs.encodes.eq(self.shift),
            self.coded.eq(cobs.coded),
            crc.bit.eq(byte[7]),
            crc.shift.eq(to_crc),
            crc.out.eq(shift & out),
            header.bit.eq(got),
            header.shift.eq(shift & receive & in_header),
            header.turn.eq(shift & state["send_number"]),
            header.drop.eq(shift & state["send_remaining"]),
            header.advance.eq(advance),
            header.loaded.eq(last.last_remaining),
            last.restart.eq(state["begin"]),
            last.bit.eq(got),
            last.compare.eq(header.shift & (count == 0)),
            last.turn.eq(header.drop),
            last.number.eq(header.number),
            last.status.eq(status),
            last.remaining.eq(header.remaining),
            patience.slow.eq(self.slow),
            patience.restart.eq(~access),
            self.take.eq(state["fetch"] & self.available),
            self.release.eq(state["fetch"] & (cobs.first | bad)),
            self.bus.address.eq(header.address),
            self.bus.write_data.eq(word),
            self.bus.read.eq(access & header.reads),
            self.bus.write.eq(access & header.writes),
        ]

        # What a frame is, as it comes in. In the second reading, words behind one that failed count
        # for nothing, like the CRC: all bits of that go out, so that the answer's begins.
        m.d.sync += [
            sound.eq(complete & right & ~bad & cobs.code),
            in_word.eq(~in_header & header.writes & ~header.none_remain & ~(executing & failed)),
        ]
        with m.If(state["begin"]):
            m.d.sync += [in_header.eq(1), complete.eq(0), right.eq(1), bad.eq(0)]
        with m.If(begins):
            m.d.sync += bad.eq(bad | complete | ~(in_header | header.known))
        with m.If(shift & in_crc):
            m.d.sync += right.eq(right & (got == crc.crc_bit))
        with m.If(receive & after):
            m.d.sync += complete.eq(in_crc & count[2])
        with m.If(receive & part_ends):
            m.d.sync += in_header.eq(0)

        # What becomes of it.
        names = ("counts", "fresh", "repeats", "done", "gives_up", "worded", "more")
        counts, fresh, repeats, done, gives_up, worded, more = (Signal(name=name) for name in names)
        m.d.comb += [
            checking.eq(~executing),
            fresh.eq(end & checking & sound),
            repeats.eq(header.writes & last.follows),
            last.accept.eq(fresh & (header.syncs | repeats)),
            last.sync.eq(fresh & header.syncs),
            last.commit.eq(end & executing),
            header.load.eq(fresh & header.writes & last.same),
            self.rewind.eq(fresh & repeats),
            counts.eq(after & ~cobs.first),
            done.eq(self.bus.done & ~self.bus.refused),
            gives_up.eq(~done & (self.bus.done | patience.ends)),
            failed.eq(status != Status.OK),
        ]
        with m.If(end):
            m.d.sync += executing.eq(self.rewind)
            with m.If(checking):
                m.d.sync += status.eq(Status.OK)
                with m.If(header.writes & last.same):
                    m.d.sync += status.eq(last.last_status)
                with m.Elif(header.writes & ~last.follows):
                    m.d.sync += status.eq(Mux(last.failed, Status.HALTED, Status.OUT_OF_ORDER))
        with m.If(access & gives_up):
            m.d.sync += status.eq(Mux(self.bus.done, Status.REFUSED, Status.TIMEOUT))

        m.d.comb += [
            worded.eq(counts & in_word & count[2]),
            more.eq(header.reads & ~failed & ~header.none_remain),
        ]
        moves: list[Move] = [
            ("fetch", self.available, "decode"),
            ("decode", ~delimiter, "receive"),
            ("decode", delimiter & cobs.first, "fetch"),
            ("decode", delimiter & ~cobs.first, "end"),
            ("receive", after & cobs.first, "begin"),  # that was nothing but a code
            ("receive", worded & checking, "advance"),
            ("receive", worded & executing, "access"),
            ("receive", counts & ~worded, "fetch"),
            ("begin", part_ends, "fetch"),
            ("end", executing | (sound & ~repeats), "send_number"),
            ("end", checking & (~sound | repeats), "fetch"),
            ("access", done & header.reads, "send_word"),
            ("access", done & header.writes, "advance"),
            ("access", gives_up & header.reads, "send_remaining"),
            ("access", gives_up & header.writes, "fetch"),
            ("advance", after & header.writes, "fetch"),
            ("advance", after & ~header.writes, "more"),
            ("send_number", part_ends, "more"),
            ("more", more, "access"),
            ("more", ~more, "send_remaining"),
            ("send_word", part_ends, "advance"),
            ("send_remaining", after, "send_status"),
            ("send_status", after, "send_crc"),
            ("send_crc", part_ends, "send_end"),
            ("send_end", part_ends, "sent"),
            ("sent", ~self.full, "fetch"),
        ]
        state.build(m, moves)
        return m

    @staticmethod
    def _remaining(status: Any, header: Header, last: LastWrite, bits: Value) -> Value:
        """Bit of the byte before the status."""
        version = Const(VERSION, 8).bit_select(bits, 1)
        done = Mux(header.syncs, version, header.remaining[0])
        return Mux(status[2], last.turning, done)
