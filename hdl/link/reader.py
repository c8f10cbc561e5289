"""What is read: status, windows, and a memory for all that does not change by itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In

from hdl.link.bus import BUS
from hdl.link.selector import below, clocks, select
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

NARROW = 7
"""Words of few bits, among which one is chosen; and no more signed ones."""

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
        first = max(map(clocks, (spec.parameters, spec.outputs, self.words)))
        return first + clocks(NARROW) + 1

    def elaborate(self, platform: object) -> Module:
        """Join what is selected: all of it is 0, but for what is asked for."""
        m = Module()
        bus = self.bus
        page = bus.address[: bits_for(PAGE)]
        self._window, self._in_page = bus.address[bits_for(SPACING) :], Signal()
        status, is_step, value = Signal(), Signal(), Signal(32)
        m.d.comb += [
            self._in_page.eq(self._window == 0),
            status.eq(self._in_page & (page >> 3 == address_of("state") >> 3)),
            is_step.eq(status & (page[:3] == address_of("step") & 7)),
        ]
        found = (self._signed(m), *self._unsigned(m, status), Mux(is_step, self.step, 0))
        m.d.sync += value.eq(reduce(or_, found))
        m.d.comb += bus.read_data.eq(value | self._memory(m))

        waited = Signal(range(self.latency + 1))
        with m.If(bus.read & ~bus.done):
            m.d.sync += waited.eq(waited + 1)
        with m.Else():
            m.d.sync += waited.eq(0)
        m.d.comb += [
            bus.done.eq(bus.read & (waited == self.latency)),
            bus.refused.eq(~self._readable(m)),
        ]
        return m

    def _signed(self, m: Module) -> Value:
        """θ, G or y, a register; else 0."""
        spec = self.spec
        held = [Signal.like(y, name=f"held_{k}") for k, y in enumerate(self.y)]
        with m.If(self.answered & ~self.state[0]):
            m.d.sync += [kept.eq(y) for kept, y in zip(held, self.y, strict=True)]
        if spec.output_signed:
            held = [y.as_signed() for y in held]
        windows = {
            "theta": [theta.as_signed() for theta in self.theta],
            "G": [G.as_signed() for G in self.G],
            "y": held,
        }
        found = [select(m, value, self.bus.address, name) for name, value in windows.items()]
        return select(m, found, self._window, "signed", self._window[2])

    def _unsigned(self, m: Module, status: Value) -> tuple[Value, Value]:
        """Samples, trace, and status but for n; else 0: narrow ones, and counts."""
        spec, address, window = self.spec, self.bus.address, self._window
        saturated, checks = Signal(COUNTER_BITS), Signal(COUNTER_BITS)
        with m.If(self.phase == Phase.CLEAR):
            m.d.sync += [saturated.eq(0), checks.eq(0)]
        with m.Else():
            m.d.sync += [
                saturated.eq(saturated + self.saturated),
                checks.eq(checks + self.checked),
            ]
        depth, width = TRACE_DEPTH, min(32, spec.sum_bits)
        m.submodules.trace = trace = memory.Memory(  # pyright: ignore[reportCallIssue]
            shape=width, depth=depth, init=[], attrs=NO_COLLISION
        )
        write, read = trace.write_port(), trace.read_port()
        m.d.comb += [
            write.en.eq(self.checked),
            write.addr.eq(checks),
            write.data.eq(self.cost_sum),
            read.en.eq(~write.en),
            read.addr.eq(address),
        ]
        signed = (lambda cost: cost.as_signed()) if spec.cost_signed else (lambda cost: cost)
        words = [self.sample.word_select(k, 32) for k in range(self.words)]
        narrow = {
            "state": Cat(self.state, Const(0, 1), self.phase),
            "correct": self.correct,
            "cost_sum": self.cost_sum,
            "C": signed(self.C),
            "C0": signed(self.C0),
            "sample": select(m, words, address, "sample"),
            "trace": read.data,
        }
        place, is_narrow, is_count = Signal(3), Signal(), Signal()
        m.d.comb += [
            # Windows 1 and 2 behind the status.
            place.eq(Mux(self._in_page, address[:3], Cat(window[:2], 1))),
            is_count.eq(status & address[1:3].all()),
            is_narrow.eq(Mux(self._in_page, status & (address[:3] < 5), ~window[2])),
        ]
        return (
            select(m, list(narrow.values()), place, "narrow", is_narrow),
            select(m, [saturated, checks], address[:1], "count", is_count),
        )

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
