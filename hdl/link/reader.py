"""What is read: status, windows, and a memory for all that does not change by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from hdl.link.bus import BUS
from hdl.link.selector import below, levels, select
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
        return max(map(levels, (spec.parameters, spec.outputs, self.words))) + 2

    def elaborate(self, platform: object) -> Module:
        """Join what is selected: all of it is 0, but for what is asked for."""
        m = Module()
        bus = self.bus
        self._window = bus.address[bits_for(SPACING) :]
        self._in_page, is_step = Signal(), Signal()
        page = bus.address[: bits_for(PAGE)]
        m.d.comb += [
            self._in_page.eq(self._window == 0),
            is_step.eq(self._in_page & (page == address_of("step"))),
        ]
        now, value = Signal(32), Signal(32)
        m.d.comb += now.eq(self._signed(m) | self._unsigned(m))
        m.d.sync += value.eq(now | Mux(is_step, self.step, 0))
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

    def _unsigned(self, m: Module) -> Value:
        """Samples, trace, and status but for n, a register; else 0."""
        spec, address = self.spec, self.bus.address
        saturated, checks = Signal(COUNTER_BITS), Signal(COUNTER_BITS)
        with m.If(self.phase == Phase.CLEAR):
            m.d.sync += [saturated.eq(0), checks.eq(0)]
        with m.Else():
            m.d.sync += [
                saturated.eq(saturated + self.saturated),
                checks.eq(checks + self.checked),
            ]
        C, C0 = (c.as_signed() if spec.cost_signed else c for c in (self.C, self.C0))
        status: dict[str, Value] = {
            "state": Cat(self.state, Const(0, 1), self.phase),
            "step": Const(0, 1),
            "correct": self.correct,
            "cost_sum": self.cost_sum,
            "C": C,
            "C0": C0,
            "u_saturated": saturated,
            "checks": checks,
        }
        assert [address_of(name) & 7 for name in status] == list(range(8))
        halves = list(status.values())
        low, high = (select(m, halves[k : k + 4], address, f"status_{k}") for k in (0, 4))
        words = [self.sample.word_select(k, 32) for k in range(self.words)]
        sample = select(m, words, address, "sample")
        m.submodules.trace = trace = memory.Memory(
            shape=min(32, spec.sum_bits), depth=TRACE_DEPTH, init=[]
        )
        write, read = trace.write_port(), trace.read_port()
        m.d.comb += [
            write.en.eq(self.checked),
            write.addr.eq(checks),
            write.data.eq(self.cost_sum),
            read.addr.eq(address),
        ]
        place, wanted = Signal(2), Signal()
        m.d.comb += [
            place.eq(Mux(self._in_page, Cat(address[2], 0), Cat(self._window[1], 1))),
            wanted.eq(
                Mux(self._in_page, address[3:6] == address_of("state") >> 3, ~self._window[2])
            ),
        ]
        return select(m, [low, high, sample, read.data], place, "unsigned", wanted)

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
        m.submodules.page = kept = memory.Memory(shape=32, depth=2 * PAGE, init=page)
        write, read = kept.write_port(), kept.read_port()
        m.d.comb += [
            write.en.eq(self.kept),
            write.addr.eq(bus.address[: bits_for(PAGE)]),
            write.data.eq(bus.write_data),
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
            if entry.kind in (Kind.CONSTANT, Kind.STATUS, Kind.REGISTER)
            for word in range(entry.words)
        ]
        readable, low = Signal(), address[: bits_for(SPACING)]
        m.d.sync += readable.eq(0)
        with m.Switch(self._window):
            with m.Case(0):
                m.d.sync += readable.eq((low < PAGE) & low[: bits_for(PAGE)].matches(*page))
            for name, count in counts.items():
                with m.Case(address_of(name) // SPACING):
                    m.d.sync += readable.eq(below(low, count))
        return readable
