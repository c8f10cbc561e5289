"""Requests in, accesses to registers, answers out."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value
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
    "end",  # of a frame, of an answer, of a reset: all is made ready for a frame or an answer
    "access",
    "more",
    "send_number",  # and the operation
    "send_word",
    "send_outcome",  # the words that remain, or another number, and the status
    "send_crc",
    "send_end",  # a zero for the last code, and one for the delimiter
    "sent",
)


class Executor(wiring.Component):
    """Reads a frame twice: first for its CRC and length, then, if it is a write, for its words.

    All data move a bit a clock through one byte, lowest bits first. Nothing is executed and
    nothing answered unless the CRC is right.

    Latency: `write_latency` clocks for a write, and what its registers take beyond one clock each;
    none for a read. Throughput: a byte in 11 clocks, and a word one more when it is executed. An
    answer has no gaps as long as a bit takes 5 clocks, and a byte 18 more than a register.

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
        return 111 + 45 * words

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
        state = OneHot(STATES, init="sent")
        send = state.any(*(name for name in STATES if name.startswith("send_")))
        end, receive, access = state["end"], state["receive"], state["access"]

        # Set before they are used, many of them in `end`: they need no reset.
        byte = Signal(8, reset_less=True)
        word = Signal(32, reset_less=True)
        status = Signal(Status, reset_less=True)
        flags = ("in_header", "in_word", "complete", "bad")
        in_header, in_word, complete, bad = (Signal(name=name, reset_less=True) for name in flags)
        sound, executing, checking, failed = Signal(), Signal(), Signal(), Signal()

        # A byte moves in eight clocks, in which `shift` is 1; `after` is the clock behind them, for
        # what is to be decided.
        shift, ends, after = (Signal(name=n) for n in ("shift", "ends", "after"))
        ring, count = Signal(4), Signal(3, reset_less=True)  # bits of the byte, bytes of the part
        lowest = Signal(3)  # whether it is the first bit of the byte, the second, the third
        part_ends, begins, delimiter = Signal(), Signal(), Signal()
        ends_now = (
            (state.any("send_number", "send_outcome", "send_end") & count[1])
            | ((state.any("send_word", "send_crc") | (receive & in_word)) & count[2])
            | (receive & in_header & count[2] & count[1])  # the code is a byte, too
        )
        m.d.comb += [
            part_ends.eq(end | (after & ends_now)),
            begins.eq(state["decode"] & ~delimiter),
            lowest.eq(Cat(~(ring[3] | ring[0]), ring[3] & ~ring[2], ring[2] & ~ring[1])),
        ]
        m.d.sync += [
            # Ones move in, then zeros: two of these bits tell where it is.
            ring.eq(Cat(ring[1:], ~ring[0]) & shift.replicate(len(ring))),
            ends.eq(ring[1] & ~ring[2]),
            after.eq(ends),
            shift.eq(Mux(shift, ~ends, begins | (send & ~self.full))),
        ]
        with m.If(part_ends):
            m.d.sync += count.eq(0)
        with m.Elif(ends):
            m.d.sync += count.eq(count + 1)

        # A byte from the queue, or one to be sent.
        got, to_crc, in_crc = Signal(), Signal(), Signal()
        # Kept by synthesis, so that a byte of the queue, which comes late, meets one LUT only.
        bit = Signal(attrs={"keep": 1})
        m.d.comb += [
            delimiter.eq(byte == 0),
            got.eq(cobs.decoded),
            in_crc.eq(receive & ~in_header & ~in_word),
        ]
        with m.If(state["fetch"]):
            m.d.sync += byte.eq(self.head)
        with m.Elif(shift | self.shift):
            m.d.sync += byte.eq(Cat(byte[1:], bit))
        m.d.sync += self.full.eq((send & ends) | (self.full & ~self.empty))
        m.d.comb += bit.eq(
            (receive & got)
            | (state["send_number"] & header.number[0])
            | (state["send_word"] & word[0])
            | (state["send_outcome"] & self._outcome(status, header, last, lowest, count[0]))
            | (state["send_crc"] & crc.crc_bit)
        )

        with m.If(access & header.reads):
            m.d.sync += word.eq(self.bus.read_data)
        with m.Elif(shift & (receive | state["send_word"])):
            m.d.sync += word.eq(Cat(word[1:], got))

        # What is not the CRC itself goes into it a clock late, from the byte.
        out, advance = state["send_crc"] | in_crc, Signal()
        m.d.sync += to_crc.eq(shift & ~out & ~(receive & cobs.first))
        m.d.comb += [
            cobs.take.eq(state["decode"]),
            cobs.end.eq(end),
            cobs.next.eq(receive & after),
            cobs.put.eq(self.full & self.between),
            cobs.zero.eq(delimiter),
            cobs.last.eq(state["send_end"] & count[0]),
            cobs.bit.eq(byte[0]),
            cobs.decodes.eq(shift & receive),
            cobs.encodes.eq(self.shift),
            self.coded.eq(cobs.coded),
            crc.restart.eq(end),
            crc.bit.eq(byte[7]),
            crc.shift.eq(to_crc),
            crc.out.eq(shift & out),
            header.bit.eq(got),
            header.shift.eq(shift & receive & in_header),
            header.turn.eq(shift & state["send_number"]),
            header.drop.eq(shift & state["send_outcome"]),
            header.advance.eq(advance),
            last.restart.eq(end),
            last.bit.eq(got),
            last.compare.eq(header.shift & (count == 1)),
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
        # for nothing, like the CRC.
        unknown = begins & (complete | ~(in_header | header.known))
        wrong = shift & in_crc & (got ^ crc.crc_bit)
        m.d.sync += [
            sound.eq(complete & ~bad & cobs.code),
            in_header.eq(end | (in_header & ~(receive & part_ends))),
            in_word.eq(~in_header & header.writes & ~header.none_remain & ~(executing & failed)),
            bad.eq(~end & (bad | unknown | wrong)),
        ]
        with m.If(after | end):
            m.d.sync += complete.eq(in_crc & count[2])

        # What becomes of it.
        names = ("fresh", "repeats", "done", "gives_up", "worded", "writes", "more")
        fresh, repeats, done, gives_up, worded, writes, more = (Signal(name=n) for n in names)
        m.d.comb += [
            checking.eq(~executing),
            fresh.eq(end & checking & sound),
            repeats.eq(header.writes & last.follows),
            last.accept.eq(fresh & (header.syncs | repeats)),
            last.sync.eq(fresh & header.syncs),
            last.commit.eq(end & executing),
            self.rewind.eq(fresh & repeats),
            done.eq(self.bus.done & ~self.bus.refused),
            gives_up.eq(~done & (self.bus.done | patience.ends)),
            failed.eq(status != Status.OK),
        ]
        m.d.sync += executing.eq(executing ^ (end & (executing | (sound & repeats))))
        with m.If(end & checking):
            m.d.sync += status.eq(Status.OK)
            with m.If(header.writes & last.same):
                m.d.sync += status.eq(last.last_status)
            with m.Elif(header.writes & ~last.follows):
                m.d.sync += status.eq(Mux(last.failed, Status.HALTED, Status.OUT_OF_ORDER))
        with m.If(access & gives_up):
            m.d.sync += status.eq(Mux(self.bus.done, Status.REFUSED, Status.TIMEOUT))

        m.d.comb += [
            worded.eq(after & in_word & count[2]),
            writes.eq(worded & executing),
            more.eq(header.reads & ~failed & ~header.none_remain),
        ]
        # In a register, so that the sums do not begin behind all of this; and as they take it, so
        # that each bit of them stays one logic cell.
        stays = Signal(reset_less=True)
        m.d.sync += stays.eq(
            ~(
                (receive & worded & checking)
                | (access & done & header.writes)
                | (state["send_word"] & part_ends)
            )
        )
        m.d.comb += advance.eq(~stays)
        moves: list[Move] = [
            ("fetch", self.available, "decode"),
            ("decode", ~delimiter, "receive"),
            ("decode", delimiter, "end"),
            ("receive", writes, "access"),
            ("receive", after & ~writes, "fetch"),
            ("end", executing | (sound & ~repeats), "send_number"),
            ("end", checking & (~sound | repeats), "fetch"),
            ("access", done & header.reads, "send_word"),
            ("access", gives_up & header.reads, "send_outcome"),
            ("access", (done | gives_up) & header.writes, "fetch"),
            ("send_number", part_ends, "more"),
            ("more", ~advance & more, "access"),
            ("more", ~advance & ~more, "send_outcome"),
            ("send_word", part_ends, "more"),
            ("send_outcome", part_ends, "send_crc"),
            ("send_crc", part_ends, "send_end"),
            ("send_end", part_ends, "sent"),
            ("sent", ~self.full, "end"),
        ]
        state.build(m, moves)
        return m

    @staticmethod
    def _outcome(status: Any, header: Header, last: LastWrite, at: Value, second: Value) -> Value:
        """Bit of the status, or of the byte before it."""
        assert VERSION == 1
        remaining = Mux(header.writes, last.last_remaining, header.remaining[0])
        others = Mux(status[2], last.last_number, remaining)
        before = Mux(status == Status.OK, header.syncs & at[0], others)
        return Mux(second, (at & status).any(), before)
