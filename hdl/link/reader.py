"""What is read: status and windows; and the page, for all that does not change by itself."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from hdl.link.bus import BUS
from hdl.link.page import NO_COLLISION, SLOW, meanings
from hdl.link.page import status as status_of
from hdl.link.selector import Pair, below, clocks, pairs, select, travel
from hdl.number.delay import delay
from spec.map import LANE_WORDS, SPACING, TRACE_DEPTH, RegistersSpec, address_of
from spec.numbers import bits_for
from spec.phase import Phase

OTHER_PAIRS = 1
"""Of words, in windows other than `theta`, `G` and `y`, but for the status."""

SHORT = 16
"""Of a window with more words than these, one is chosen before the words of all windows meet."""

CELLS = ("theta", "G")
"""Windows of parameters."""

COUNTER_BITS = 16
"""Of what is counted here."""


class Reader(wiring.Component):
    """Answers reads of the bus. Reading changes nothing.

    Latency: a read takes `latency` clocks; of a word that is fetched, as many after it has come.
    Throughput: one at a time.

    Parameters
    ----------
    spec : RegistersSpec
    page_latency : int
        Of the `Page`, and of other block RAM.

    Members
    -------
    bus : In(BUS)
        `done` and `refused` are for reads, and a clock early: there is a register behind them.
    reads : Out(1)
    word, meaning : In
        As those of the `Page`.
    state : In(3)
        busy, done, solved.
    phase, step, correct, cost_sum, C, C0 : In
        As those of the trainer; of no bits where it has none.
    checked, answered, saturated : In(1)
        Strobes: a check has ended; outputs are there; u is as large as it can be.
    y : In(array)
    theta, G, sample : In(array), In(array), In
        Not with a folded engine; the first two not if they are words of memory.
    fetch, came, fetched : Out(1), In(1), In
        With either of these: whether the word is asked for that is at the bus's address; the strobe
        that it is there; itself, signed.
    (one for each counter) : In
        As `RegistersSpec.counters` names them.
    """

    bus: Any
    reads: Signal
    word: Signal
    meaning: Any
    state: Signal
    phase: Signal
    step: Signal
    correct: Signal
    cost_sum: Signal
    C: Signal
    C0: Signal
    theta: Sequence[Signal]
    G: Sequence[Signal]
    y: Sequence[Signal]
    sample: Signal
    fetch: Signal
    came: Signal
    fetched: Signal
    checked: Signal
    answered: Signal
    saturated: Signal

    def __init__(self, spec: RegistersSpec, page_latency: int = SLOW) -> None:
        self.spec = spec
        self.page_latency = page_latency
        self.folded = bool(spec.lanes)
        self.fetches = self.folded or spec.memory
        self._of_memory = Signal(name="of_memory")  # a word of one, that there is
        self.words = 0 if self.folded else -(-spec.sample_bits // 32)
        members: dict[str, Any] = {
            "bus": In(BUS),
            "reads": Out(1),
            "word": In(32),
            "meaning": In(meanings(spec)),
            "state": In(3),
            "phase": In(4),
            "step": In(32),
            "correct": In(spec.correct_bits),
            "cost_sum": In(spec.sum_bits),
            "C": In(spec.cost_bits),
            "C0": In(spec.cost_bits),
            "y": In(spec.output_bits).array(spec.outputs),
        }
        if self.fetches:
            bits = max(spec.theta_bits, spec.gradient_bits) if spec.memory else spec.theta_bits
            members |= {"fetch": Out(1), "came": In(1), "fetched": In(bits)}
        else:
            members |= {
                "theta": In(spec.theta_bits).array(spec.parameters),
                "G": In(spec.gradient_bits).array(spec.parameters),
            }
        if not self.folded:
            members["sample"] = In(spec.sample_bits)
        members |= {name: In(bits) for name, bits in spec.counters.items()}
        members |= dict.fromkeys(("checked", "answered", "saturated"), In(1))
        super().__init__(members)

    @property
    def latency(self) -> int:
        """Clocks from the first one of a read to that in which it is done."""
        spec = self.spec
        cells = () if self.fetches else (spec.parameters, spec.parameters)
        counts = (*cells, spec.outputs)
        short, long = ([n for n in counts if (n > SHORT) is b] for b in (False, True))
        windows = len(long) + sum(n // 2 for n in short) + -(-sum(n % 2 for n in short) // 2)
        first = max(clocks(self.words) if self.words else 0, *map(clocks, long), 0)
        others = OTHER_PAIRS + len(status_of(spec)) + self.fetches
        return first + 1 + self.page_latency + windows + others

    def elaborate(self, platform: object) -> Module:
        """Join what is selected, and the word of the page: one of them is 0."""
        m = Module()
        bus, meaning = self.bus, self.meaning
        self._window = window = bus.address[bits_for(SPACING) :]
        low = Signal()
        of_windows, odd = self._windows(m)
        # Of `sample` and `trace`, which are 1 and 2, or of two words of a larger window.
        m.d.sync += low.eq(meaning.odd | odd | Mux(window[2], bus.address[0], window[0]))
        # Narrow ones first.
        chosen = sorted(of_windows + self._others(m), key=lambda pair: max(map(len, pair[1:])))
        found = travel(m, low, chosen, "found").as_signed()
        m.d.comb += bus.read_data.eq(found | self.word)

        waited, fetches = Signal(range(self.latency + 1)), self._fetches(m)
        with m.If(~bus.read):
            m.d.sync += waited.eq(0)
        with m.Elif(~fetches):
            m.d.sync += waited.eq(waited + 1)
        # A clock ahead, in a register: the addresses of block RAM are far away.
        before = self.latency - self.page_latency - 1
        m.d.sync += self.reads.eq(bus.read & ~fetches & (waited == before))
        m.d.comb += [
            bus.done.eq(delay(m, self.reads, 1, self.page_latency - 1, "read")),
            bus.refused.eq(~(meaning.readable | self._readable(m))),
        ]
        return m

    def _windows(self, m: Module) -> tuple[list[Pair], Value]:
        """Pairs of the larger windows, with signs, and whether the second of two windows is meant.

        Of a window with an odd number of words, the last is in a pair with that of another one.
        """
        spec, address = self.spec, self.bus.address
        held = [Signal.like(y, name=f"held_{k}", reset_less=True) for k, y in enumerate(self.y)]
        with m.If(self.answered & ~self.state[0]):
            m.d.sync += [kept.eq(y) for kept, y in zip(held, self.y, strict=True)]
        windows = {"y": [_signed(y, spec.output_signed) for y in held]}
        if not self.fetches:
            windows = {
                "theta": [theta.as_signed() for theta in self.theta],
                "G": [G.as_signed() for G in self.G],
            } | windows
        found, last = [], []
        for name, values in windows.items():
            here = Signal(name=f"is_{name}")
            m.d.sync += here.eq(self._window == address_of(name) // SPACING)
            place = address[: max(1, bits_for(len(values)))]
            if len(values) > SHORT:
                values, place = [select(m, values, address, name)], address[:1]
            elif len(values) % 2:
                chosen = Signal(name=f"last_{name}")
                m.d.comb += chosen.eq(here & ((place == len(values) - 1) | (len(values) == 1)))
                last.append((chosen, values.pop()))
            found += pairs(m, values, place, name, here)
        odd: Value = Const(0, 1)
        for first, second in zip_longest(
            last[::2], last[1::2], fillvalue=(Const(0, 1), Const(0, 1))
        ):
            odd |= second[0]
            found.append((first[0] | second[0], first[1], second[1]))
        return found, odd

    def _others(self, m: Module) -> list[Pair]:
        """All else but the page, with signs."""
        spec, address, window = self.spec, self.bus.address, self._window
        saturated, checks, trace = self._counted(m)
        words: list[Value] = [Const(0)]
        if self.words:
            bits = spec.sample_bits
            sample = delay(m, self.sample, bits, self.page_latency - 1, "sample_before")
            words = [sample.word_select(k, 32) for k in range(self.words)]
        status: dict[str, Value] = {
            "state": _signed(Cat(self.state, Const(0, 1), self.phase)),
            "correct": _signed(self.correct),
            "cost_sum": _signed(self.cost_sum),
            "C": _signed(self.C, spec.cost_signed),
            "C0": _signed(self.C0, spec.cost_signed),
            "step": self.step.as_signed(),
            "u_saturated": _signed(saturated),
            "checks": _signed(checks),
        }
        counted = {name: getattr(self, name) for name in spec.counters}
        status |= {name: _signed(value, len(value) == 32) for name, value in counted.items()}
        found: list[Pair] = []
        for k, names in enumerate(status_of(spec)):
            even, odd = (*(status[name] for name in names), Const(0))[:2]
            found.append((self.meaning[f"status_{k}"], even, odd))
        here = Signal(name="beside_here")
        m.d.sync += here.eq((window == 1) | (window == 2))
        found.append((here, _signed(trace), _signed(select(m, words, address, "sample"))))
        if self.fetches:
            here, word = Signal(name="word_here"), self.fetched.as_signed()
            m.d.sync += here.eq(self._of_memory)
            found.append((here, word, word))
        return found

    def _fetches(self, m: Module) -> Value:
        """Ask for a word of memory, if that is what is read; return whether it has not come."""
        if not self.fetches:
            return Const(0)
        there = Signal(name="fetched_there")
        m.d.sync += there.eq(self.bus.read & (there | self.came))
        m.d.comb += self.fetch.eq(self.bus.read & self._of_memory & ~there)
        return self.fetch

    def _counted(self, m: Module) -> tuple[Signal, Signal, Value]:
        """Count saturated u, and checks; remember the checks."""
        saturated, checks = (
            Signal(COUNTER_BITS, name=name, reset_less=True) for name in ("saturations", "checks")
        )
        # A clock late, so that each bit of the counters is one LUT behind its carry.
        clears, saturates, ends = Signal(), Signal(), Signal()
        m.d.sync += [
            clears.eq(self.phase == Phase.CLEAR),
            saturates.eq(self.saturated),
            ends.eq(self.checked),
            saturated.eq(Mux(clears, 0, saturated + saturates)),
            checks.eq(Mux(clears, 0, checks + ends)),
        ]
        depth, width = TRACE_DEPTH, min(32, self.spec.sum_bits)
        m.submodules.trace = trace = memory.Memory(  # pyright: ignore[reportCallIssue]
            shape=width, depth=depth, init=[], attrs=NO_COLLISION
        )
        write, read = trace.write_port(), trace.read_port()
        m.d.comb += [
            write.en.eq(ends),
            write.addr.eq(checks),
            write.data.eq(self.cost_sum),
            read.en.eq(~write.en),
            read.addr.eq(self.bus.address),
        ]
        word = delay(m, read.data, width, self.page_latency - 1, "word_of_trace")
        return saturated, checks, word

    def _readable(self, m: Module) -> Value:
        """Whether there is anything to read in a window."""
        spec, low = self.spec, self.bus.address[: bits_for(SPACING)]
        cells = {"sample": self.words, "theta": spec.parameters, "G": spec.parameters}
        counts = {"trace": TRACE_DEPTH, "y": spec.outputs}
        counts |= {} if self.folded else cells
        readable = Signal()
        if self.folded:
            place = self.bus.address[: bits_for(LANE_WORDS)]
            m.d.comb += self._of_memory.eq(self.bus.address[-1] & below(place, spec.lane_words))
            with m.If(self._of_memory):
                m.d.comb += readable.eq(1)
        with m.Switch(self._window):
            for name, count in counts.items():
                with m.Case(address_of(name) // SPACING):
                    m.d.comb += readable.eq(below(low, count))
                    if spec.memory and name in CELLS:
                        m.d.comb += self._of_memory.eq(below(low, count))
        return readable


def _signed(value: Value, signed: bool = False) -> Value:
    """Return a value's bits as a signed value."""
    return value.as_signed() if signed else Cat(value, Const(0, 1)).as_signed()
