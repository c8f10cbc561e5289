"""What is read: status, windows, and a memory for all that does not change by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In

from hdl.link.bus import BUS
from hdl.link.selector import Pair, below, clocks, pairs, select, travel
from spec.map import (
    ENTRIES,
    MAGIC,
    MAP,
    MAP_VERSION,
    PAGE,
    SPACING,
    TRACE_DEPTH,
    Kind,
    RegistersSpec,
    address_of,
)
from spec.numbers import bits_for
from spec.phase import Phase

OTHER_PAIRS = 5
"""Of words, in the status and windows other than `theta`, `G` and `y`."""

SHORT = 16
"""Of a window with more words than these, one is chosen before the words of all windows meet."""

NO_COLLISION: Any = {"no_rw_check": 1}
"""Of a memory that is not read while it is written: synthesis need not care for that case."""

COUNTER_BITS = 16
"""Of what is counted here."""


class Reader(wiring.Component):
    """Answers reads of the bus. Reading changes nothing.

    Latency: a read takes `latency` clocks. Throughput: one at a time.

    Parameters
    ----------
    spec : RegistersSpec

    Members
    -------
    bus : In(BUS)
        `done` and `refused` are for reads.
    kept : In(1)
        Strobe: `bus.write_data` is written to a register; it is read from a memory.
    state : In(3)
        busy, done, solved.
    phase, step, correct, cost_sum, C, C0 : In
        As those of the trainer.
    checked, answered, saturated : In(1)
        Strobes: a check has ended; outputs are there; u is as large as it can be.
    theta, G, y : In(array)
    sample : In
    """

    bus: Any
    kept: Signal
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
    checked: Signal
    answered: Signal
    saturated: Signal

    def __init__(self, spec: RegistersSpec) -> None:
        self.spec = spec
        self.words = -(-spec.sample_bits // 32)
        members: dict[str, Any] = {
            "bus": In(BUS),
            "state": In(3),
            "phase": In(4),
            "step": In(32),
            "correct": In(spec.correct_bits),
            "cost_sum": In(spec.sum_bits),
            "C": In(spec.cost_bits),
            "C0": In(spec.cost_bits),
            "theta": In(spec.theta_bits).array(spec.parameters),
            "G": In(spec.gradient_bits).array(spec.parameters),
            "y": In(spec.output_bits).array(spec.outputs),
            "sample": In(spec.sample_bits),
        }
        members |= dict.fromkeys(("kept", "checked", "answered", "saturated"), In(1))
        super().__init__(members)

    @property
    def latency(self) -> int:
        """Clocks from the first one of a read to that in which it is done."""
        spec = self.spec
        counts = (spec.parameters, spec.parameters, spec.outputs)
        chain = sum(-(-count // 2) if count <= SHORT else 1 for count in counts) + OTHER_PAIRS
        first = [clocks(self.words), *(clocks(count) for count in counts if count > SHORT)]
        return max(*first, 0) + 2 + chain

    def elaborate(self, platform: object) -> Module:
        """Join what is selected, and the memory: one of them is 0."""
        m = Module()
        bus = self.bus
        self._page, self._window = bus.address[: bits_for(PAGE)], bus.address[bits_for(SPACING) :]
        in_page, low = Signal(), Signal()
        self._status, self._beside, self._in_page = Signal(), Signal(), in_page
        waited = Signal(range(self.latency))
        m.d.comb += in_page.eq(self._window == 0)
        m.d.sync += [
            self._status.eq(in_page & (self._page >> 3 == address_of("state") >> 3)),
            self._beside.eq((self._window == 1) | (self._window == 2)),  # sample, trace
            low.eq(Mux(self._beside, self._window[0], bus.address[0] & (self._status | ~in_page))),
        ]
        # Narrow ones first.
        chosen = sorted(self._pairs(m), key=lambda pair: max(map(len, pair[1:])))
        found = travel(m, low, chosen, "found").as_signed()
        m.d.comb += [
            bus.read_data.eq(found | self._memory(m)),
            bus.refused.eq(~self._readable(m)),
        ]
        m.d.sync += [
            waited.eq(Mux(bus.read, waited + 1, 0)),
            bus.done.eq(bus.read & (waited == self.latency - 1)),
        ]
        return m

    def _pairs(self, m: Module) -> list[Pair]:
        """All that is there but for the memory, with signs."""
        spec, address, window = self.spec, self.bus.address, self._window
        held = [Signal.like(y, name=f"held_{k}") for k, y in enumerate(self.y)]
        with m.If(self.answered & ~self.state[0]):
            m.d.sync += [kept.eq(y) for kept, y in zip(held, self.y, strict=True)]
        windows = {
            "theta": [theta.as_signed() for theta in self.theta],
            "G": [G.as_signed() for G in self.G],
            "y": [_signed(y, spec.output_signed) for y in held],
        }
        found = []
        for name, values in windows.items():
            here = Signal(name=f"is_{name}")
            m.d.sync += here.eq(window == address_of(name) // SPACING)
            if len(values) > SHORT:
                values = [select(m, values, address, name)]
            found += pairs(m, values, address, name, here)

        saturated, checks, trace = self._counted(m)
        words = [self.sample.word_select(k, 32) for k in range(self.words)]
        cost_sum, C, C0 = (
            _signed(value, signed)
            for value, signed in (
                (self.cost_sum, False),
                (self.C, spec.cost_signed),
                (self.C0, spec.cost_signed),
            )
        )
        status = [
            (_signed(Cat(self.state, Const(0, 1), self.phase)), _signed(self.correct)),
            (cost_sum, C),
            (C0, self.step.as_signed()),
            (_signed(saturated), _signed(checks)),
        ]
        for k, values in enumerate(status):
            here = Signal(name=f"status_{k}_here")
            m.d.sync += here.eq(self._status & (address[1:3] == k))
            found.append((here, *values))
        here = Signal(name="beside_here")
        m.d.sync += here.eq(self._beside)
        found.append((here, _signed(trace), _signed(select(m, words, address, "sample"))))
        return found

    def _counted(self, m: Module) -> tuple[Signal, Signal, Value]:
        """Count saturated u, and checks; remember the checks."""
        saturated, checks = Signal(COUNTER_BITS), Signal(COUNTER_BITS)
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
        return saturated, checks, read.data

    def _memory(self, m: Module) -> Value:
        """Read constants and registers in a memory; 0 at all other addresses.

        It takes no logic, and holds constants and registers as they are at power-up.
        """
        bus, spec = self.bus, self.spec
        page = [0] * PAGE
        page[address_of("magic")], page[address_of("map_version")] = MAGIC, MAP_VERSION
        for name, value in spec.constants:
            for word in range(MAP[name].words):
                page[address_of(name, word)] = value >> 32 * word & 0xFFFF_FFFF
        for name, _, value in spec.registers:
            page[address_of(name)] = value
        m.submodules.page = kept = memory.Memory(  # pyright: ignore[reportCallIssue]
            shape=32, depth=2 * PAGE, init=page, attrs=NO_COLLISION
        )
        write, read = kept.write_port(), kept.read_port()
        m.d.comb += [
            write.en.eq(self.kept),
            write.addr.eq(bus.address[: bits_for(PAGE)]),
            write.data.eq(bus.write_data),
            read.en.eq(~write.en),
            read.addr.eq(Cat(bus.address[: bits_for(PAGE)], ~self._in_page)),
        ]
        return read.data

    def _readable(self, m: Module) -> Value:
        """Whether there is anything to read at the address, a clock later."""
        spec, address = self.spec, self.bus.address
        counts = {
            "sample": self.words,
            "trace": TRACE_DEPTH,
            "theta": spec.parameters,
            "G": spec.parameters,
            "y": spec.outputs,
        }
        page = [
            entry.address + word
            for entry in ENTRIES
            if entry.kind in (Kind.CONSTANT, Kind.STATUS)
            for word in range(entry.words)
        ]
        page += [address_of(name) for name, _, _ in spec.registers]
        readable, low = Signal(), address[: bits_for(SPACING)]
        m.d.sync += readable.eq(0)
        with m.Switch(self._window):
            with m.Case(0):
                m.d.sync += readable.eq((low < PAGE) & low[: bits_for(PAGE)].matches(*page))
            for name, count in counts.items():
                with m.Case(address_of(name) // SPACING):
                    m.d.sync += readable.eq(below(low, count))
        return readable


def _signed(value: Value, signed: bool = False) -> Value:
    """Return a value's bits as a signed value."""
    return value.as_signed() if signed else Cat(value, Const(0, 1)).as_signed()
