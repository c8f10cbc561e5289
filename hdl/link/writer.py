"""What is written: registers, control, samples, and commands by hand."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl.link.bus import BUS
from hdl.link.by_hand import ByHand
from hdl.link.by_words import ByWords
from hdl.link.page import SLOW, commands, meanings
from hdl.link.selector import below
from spec.map import LANE_WORDS, Control, RegistersSpec
from spec.numbers import bits_for

WORDS = ("init_u", "address", "sample")
"""What the hand's orders are about."""

NO_SAMPLES = data.StructLayout({})
"""What is written to a trainer without a sample memory."""


class Writer(wiring.Component):
    """Does what the bus writes, or refuses it: while a run is busy, whatever would disturb it.

    Latency: 3 clocks more than the page, of which the last only says so; commands by hand are done
    when they have happened. Throughput: one write at a time.

    Parameters
    ----------
    spec : RegistersSpec
    by_hand : ByHand or ByWords
        What commands that take time go to.
    write : data.StructLayout
        Of the sample memory.
    page_latency : int
        Of the `Page`.

    Members
    -------
    bus : In(BUS)
        `done` and `refused` are for writes, and a clock early: there is a register behind them.
    meaning : In
        That of the `Page`.
    busy : In(1)
    evaluated : In(1)
        Strobe: the cost of an evaluation is there.
    kept : Out(1)
        Strobe: a register is written.
    start, stop, pause, resume : Out(1)
    write : Out(struct)
        For the sample memory.
    hand, line : Out
        As those of `by_hand`; a line only if that has one.
    lane, store, came : Out, Out(1), In(1)
        Of the words of a folded engine: the lane that is meant; whether one is to be stored; the
        strobe that it is. Only with such an engine.
    swept : In(1)
        As that of `ByHand`, if θ is in words of memory.
    opens, full, put : In(1), In(1), Out(1)
        Strobe: samples come from the first row on; whether there is no place for one more; strobe:
        one is written. Only if samples come while it trains.
    (one for each register) : Out
        As `spec.registers` names them, with the values of the map.
    """

    bus: Any
    meaning: Any
    busy: Signal
    evaluated: Signal
    kept: Signal
    start: Signal
    stop: Signal
    pause: Signal
    resume: Signal
    write: Any
    hand: Any
    line: Any
    lane: Signal
    store: Signal
    came: Signal
    swept: Signal
    opens: Signal
    full: Signal
    put: Signal

    def __init__(
        self,
        spec: RegistersSpec,
        by_hand: ByHand | ByWords,
        write: data.StructLayout,
        page_latency: int = SLOW,
    ) -> None:
        self.spec = spec
        self.page_latency = page_latency
        self.by_hand = by_hand
        members: dict[str, Any] = {"bus": In(BUS), "meaning": In(meanings(spec))}
        members |= dict.fromkeys(("busy", "evaluated"), In(1))
        members |= dict.fromkeys(("kept", "start", "stop", "pause", "resume"), Out(1))
        members |= {"write": Out(write), "hand": Out(by_hand.hand.shape())}
        if isinstance(by_hand, ByHand):
            members["line"] = Out(by_hand.line.shape())
            members |= {"swept": In(1)} if spec.memory else {}
        else:
            members |= {"lane": Out(bits_for(spec.lanes) or 1), "store": Out(1), "came": In(1)}
        if spec.ring:
            members |= {"opens": In(1), "full": In(1), "put": Out(1)}
        members |= {name: Out(width) for name, width, _ in spec.registers}
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Find out what is addressed, in registers; then do it."""
        m = Module()
        bus, meaning = self.bus, self.meaning
        # Whether there is a write, and its meaning; the same in registers.
        known, ends, writable, manual = Signal(), Signal(), Signal(), Signal()
        seen: Value = bus.write
        for k in range(self.page_latency):
            before, seen = seen, Signal(name=f"seen_{k}")
            m.d.sync += seen.eq(before & ~ends)
        seen &= bus.write  # or it is the clock after `done`
        m.d.sync += known.eq(seen & ~ends)
        of_word = self._of_word(m)
        m.d.comb += [
            writable.eq(meaning.writable | of_word),
            manual.eq(meaning.manual | of_word),
        ]
        self._now = {}
        for name in ("kept", *(name for name, _, _ in self.spec.registers), *commands(self.spec)):
            self._now[name] = now = Signal(name=f"now_{name}")
            m.d.sync += now.eq(seen & ~known & meaning[name])
        self._registers(m)
        self._control(m)
        there = self._samples(m)

        m.submodules.by_hand = by_hand = self.by_hand
        m.d.comb += [
            by_hand.write.eq(known & manual & ~self.busy),
            by_hand.data.eq(bus.write_data),
            by_hand.answered.eq(self.evaluated),
            ends.eq(known & (~manual | by_hand.done)),
            bus.done.eq(ends),
            bus.refused.eq(~writable | ~there),
        ]
        if isinstance(by_hand, ByHand):
            m.d.comb += by_hand.command.eq(bus.address)
            m.d.sync += self.line.eq(by_hand.line)
            if self.spec.memory:
                m.d.comb += by_hand.swept.eq(self.swept)
        else:
            m.d.comb += [
                by_hand.of_word.eq(bus.address[-1]),
                by_hand.came.eq(self.came),
                self.store.eq(by_hand.store),
            ]
            with m.If(self._now["lane"]):
                m.d.sync += self.lane.eq(bus.write_data)
        # Strobes a clock late, but for those that the trainer registers; words stay as they are.
        for name in self.hand.shape().members:
            domain = "comb" if name in (*WORDS, *by_hand.early) else "sync"
            m.d[domain] += self.hand[name].eq(by_hand.hand[name])
        return m

    def _of_word(self, m: Module) -> Value:
        """Whether a word of a lane is addressed, and may be stored."""
        if not self.spec.lanes:
            return Const(0)
        of_word, place = Signal(), self.bus.address[: bits_for(LANE_WORDS)]
        # A clock before it is needed, as the address is there as early as the write.
        m.d.sync += of_word.eq(
            self.bus.address[-1] & below(place, self.spec.lane_words) & ~self.busy
        )
        return of_word

    def _registers(self, m: Module) -> None:
        for name, width, value in self.spec.registers:
            # No reset, as the page has none: they agree at any time.
            register = Signal(width, name=f"{name}_register", init=value, reset_less=True)
            m.d.comb += getattr(self, name).eq(register)
            with m.If(self._now[name]):
                m.d.sync += register.eq(self.bus.write_data)
        m.d.comb += self.kept.eq(self._now["kept"])

    def _control(self, m: Module) -> None:
        """`stop` is a pulse; `start` and `resume` stay until the trainer is busy."""
        written = self._now["control"]
        asked = {bit: (self.bus.write_data & bit).any() for bit in Control}
        m.d.sync += self.stop.eq(written & asked[Control.STOP])
        with m.If(self.busy):
            m.d.sync += [self.start.eq(0), self.resume.eq(0)]
        with m.Elif(written):
            m.d.sync += [
                self.start.eq(asked[Control.START] | asked[Control.PAUSE]),
                self.resume.eq(asked[Control.RESUME]),
                self.pause.eq(asked[Control.PAUSE]),
            ]

    def _samples(self, m: Module) -> Value:
        """Count words and rows; return whether what is addressed is there."""
        if not self.spec.sample_bits:
            return Const(1)
        row, word = Signal.like(self.write.row), Signal.like(self.write.word)
        words = -(-self.spec.sample_bits // 32)
        here, full = Signal(), Signal()
        last = Signal(init=words == 1, name="last_word")
        first = [word.eq(0), last.eq(words == 1)]
        m.d.comb += here.eq(self._now["sample_data"])
        with m.If(self._now["row"]):
            m.d.sync += [
                row.eq(self.bus.write_data),
                full.eq(~below(self.bus.write_data, self.spec.samples)),
                *first,
            ]
        ends = Signal(name="sample_ends")
        m.d.comb += ends.eq(self.write.enable & last)
        with m.If(self.write.enable):
            m.d.sync += [word.eq(word + 1), last.eq(word == words - 2)]
            with m.If(ends):
                m.d.sync += [*first, row.eq(row + 1)]
                with m.If(row == self.spec.samples - 1):
                    m.d.sync += [row.eq(0)] if self.spec.ring else [full.eq(1)]
        no_place = full
        if self.spec.ring:
            no_place = full | (self.full & self.busy)
            m.d.comb += self.put.eq(ends)
            with m.If(self.opens):
                m.d.sync += [row.eq(0), full.eq(0), *first]
        m.d.comb += [
            self.write.enable.eq(here & ~no_place),
            self.write.row.eq(row),
            self.write.word.eq(word),
            self.write.data.eq(self.bus.write_data),
        ]
        return ~(here & no_place)
