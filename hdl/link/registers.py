"""The register file: the map's addresses on one side, a trainer's ports on the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Array, Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out

from hdl.link.bus import BUS
from hdl.link.by_hand import ByHand
from hdl.link.selector import Selector
from spec.map import (
    ENTRIES,
    MAGIC,
    MAP,
    MAP_VERSION,
    TRACE_DEPTH,
    Control,
    Kind,
    RegistersSpec,
    address_of,
)
from spec.numbers import bits_for
from spec.phase import Phase

WINDOW_SHIFT = 10
"""Addresses below 1 << this are of the first page; the bits above choose a window."""

KEPT = 64
"""Words of the first page, of which a memory has the constants and the registers."""

COUNTER_BITS = 16

BY_HAND = ("line", "u", "learn", "evaluate")


class RegisterFile(wiring.Component):
    """Registers, status, windows and commands of a trainer.

    Reading changes nothing in the trainer. While it is busy, what would disturb a run is refused.

    Latency: a read takes `latency` clocks; a write one, but for commands by hand, which are done
    when they have happened. Throughput: one access at a time.

    Parameters
    ----------
    spec : RegistersSpec
    orders, line : data.StructLayout
        As those of `ByHand`.
    reuse : int

    Members
    -------
    bus : In(BUS)
    state : In(3)
        busy, done, solved.
    phase, step, correct, cost_sum, C, C0 : In
        As those of the trainer.
    checked, answered, evaluated, saturated : In(1)
        Whether a check has ended; outputs are there; C is that of an evaluation; u is as large as
        it can be.
    theta, G, y : In(array)
    sample : In
    start, stop, pause, resume : Out(1)
    write : Out(struct)
        For the sample memory.
    hand, line : Out
    (one for each register) : Out
        As `spec.registers` names them.
    """

    bus: Any
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
    write: Any
    hand: Any
    line: Any
    checked: Signal
    answered: Signal
    evaluated: Signal
    saturated: Signal
    start: Signal
    stop: Signal
    pause: Signal
    resume: Signal

    def __init__(
        self, spec: RegistersSpec, orders: data.StructLayout, line: data.StructLayout,
        reuse: int = 1,
    ) -> None:  # fmt: skip
        self.spec = spec
        self.by_hand = ByHand(orders, line, reuse)
        self.cells = Selector(max(spec.theta_bits, spec.gradient_bits), 2 * spec.parameters)
        self.words = -(-spec.sample_bits // 32)
        rows, word = max(1, bits_for(spec.samples)), max(1, bits_for(self.words))
        self.write_layout = data.StructLayout({"enable": 1, "row": rows, "word": word, "data": 32})
        members: dict[str, Any] = {
            "bus": In(BUS),
            "state": In(3),
            "phase": In(4),
            "step": In(32),
            "correct": In(17),
            "cost_sum": In(spec.sum_bits),
            "C": In(spec.cost_bits),
            "C0": In(spec.cost_bits),
            "theta": In(spec.theta_bits).array(spec.parameters),
            "G": In(spec.gradient_bits).array(spec.parameters),
            "y": In(spec.output_bits).array(spec.outputs),
            "sample": In(spec.sample_bits),
            "write": Out(self.write_layout),
            "hand": Out(orders),
            "line": Out(line),
        }
        members |= dict.fromkeys(("checked", "answered", "evaluated", "saturated"), In(1))
        members |= dict.fromkeys(("start", "stop", "pause", "resume"), Out(1))
        members |= {name: Out(width, init=value) for name, width, value in spec.registers}  # pyright: ignore[reportCallIssue]
        super().__init__(members)

    @property
    def latency(self) -> int:
        """Clocks of a read."""
        return self.cells.latency + 2

    def elaborate(self, platform: object) -> Module:
        """Build both directions."""
        m: Any = Module()
        bus, busy = self.bus, self.state[0]
        self._keeps = Signal()
        self._read(m)
        wrote, refused = Signal(), Signal()
        m.submodules.by_hand = by_hand = self.by_hand
        manual = Signal()
        m.d.comb += [
            manual.eq(self._is(*BY_HAND) & ~busy),
            by_hand.write.eq(bus.write & manual),
            by_hand.address.eq(bus.address),
            by_hand.data.eq(bus.write_data),
            by_hand.answered.eq(self.evaluated),
            self.hand.eq(by_hand.hand),
            self.line.eq(by_hand.line),
            wrote.eq(bus.write & Mux(manual, by_hand.done, ~self.checked)),
        ]
        self._commands(m)
        allowed = self._writes(m, busy)
        m.d.comb += refused.eq(Mux(bus.write, ~allowed, ~self._readable))
        waited = Signal(range(self.latency + 1))
        answered = Signal()
        m.d.comb += answered.eq(bus.read & (waited == self.latency))
        with m.If(bus.read & ~answered):
            m.d.sync += waited.eq(waited + 1)
        with m.Else():
            m.d.sync += waited.eq(0)
        m.d.comb += [bus.done.eq(answered | wrote), bus.refused.eq(refused)]
        return m

    def _is(self, *names: str) -> Value:
        """Whether one of these is addressed."""
        return Cat(self.bus.address == address_of(name) for name in names).any()

    def _commands(self, m: Any) -> None:
        """Control: pulses, and `start` until the trainer is busy."""
        bus, busy = self.bus, self.state[0]
        pause = Signal()
        with m.If(busy):
            m.d.sync += [self.start.eq(0), self.resume.eq(0)]
        with m.If(bus.write & self._is("control")):
            asked = {bit: (bus.write_data & bit).any() for bit in Control}
            m.d.comb += self.stop.eq(asked[Control.STOP])
            with m.If(~busy):
                m.d.sync += [
                    self.start.eq(asked[Control.START] | asked[Control.PAUSE]),
                    self.resume.eq(asked[Control.RESUME]),
                    pause.eq(asked[Control.PAUSE]),
                ]
        m.d.comb += self.pause.eq(pause)

    def _writes(self, m: Any, busy: Value) -> Value:
        """Write registers and samples; return whether what is addressed may be written now."""
        bus, allowed = self.bus, Signal()
        row, word = Signal.like(self.write.row), Signal.like(self.write.word)
        live = ("tau_p", "tau_x", "tau_theta", "eta_shift")
        with m.Switch(bus.address):
            for name, _, _ in self.spec.registers:
                with m.Case(address_of(name)):
                    m.d.comb += allowed.eq(1 if name in live else ~busy)
                    with m.If(bus.write & allowed & ~self.checked):
                        m.d.comb += self._keeps.eq(1)
                        m.d.sync += getattr(self, name).eq(bus.write_data)
            with m.Case(address_of("control")):
                m.d.comb += allowed.eq(1)
            with m.Case(*(address_of(name) for name in BY_HAND)):
                m.d.comb += allowed.eq(~busy)
            with m.Case(address_of("row")):
                m.d.comb += allowed.eq(~busy)
                with m.If(bus.write):
                    m.d.sync += [row.eq(bus.write_data), word.eq(0)]
            with m.Case(address_of("sample_data")):
                m.d.comb += [
                    allowed.eq(~busy & (row < self.spec.samples)),
                    self.write.enable.eq(bus.write & allowed),
                ]
                with m.If(bus.write & allowed):
                    m.d.sync += word.eq(word + 1)
                    with m.If(word == self.words - 1):
                        m.d.sync += [word.eq(0), row.eq(row + 1)]
        m.d.comb += [
            self.write.row.eq(row),
            self.write.word.eq(word),
            self.write.data.eq(bus.write_data),
        ]
        return allowed

    def _read(self, m: Any) -> None:
        """Choose what is read, in registers; say whether there is anything."""
        spec, bus = self.spec, self.bus
        readable, now, page = Signal(), Signal(32), Signal(32)
        status = self._status(m)
        with m.Switch(bus.address[:3]):
            for name, value in status.items():
                with m.Case(address_of(name) & 7):
                    m.d.comb += now.eq(value)
        kept = self._kept(m)
        m.d.sync += page.eq(Mux(bus.address[3:6] == address_of("state") >> 3, now, kept))

        m.submodules.cells = cells = self.cells
        for k in range(spec.parameters):
            m.d.comb += [
                cells.values[2 * k].eq(self.theta[k].as_signed()),
                cells.values[2 * k + 1].eq(self.G[k].as_signed()),
            ]
        is_G = bus.address[13]
        m.d.comb += cells.place.eq(Cat(is_G, bus.address[: bits_for(spec.parameters)]))

        outputs = Signal(spec.output_bits)
        held = [Signal(spec.output_bits, name=f"y_{k}") for k in range(spec.outputs)]
        with m.If(self.answered & ~self.state[0]):
            m.d.sync += [register.eq(value) for register, value in zip(held, self.y, strict=True)]
        m.d.sync += outputs.eq(Array(held)[bus.address[: bits_for(spec.outputs)]])
        output = outputs.as_signed() if spec.output_signed else outputs
        sample = Signal(32)
        m.d.sync += sample.eq(self.sample.word_select(bus.address[: bits_for(self.words)], 32))

        windows = {
            "theta": (cells.value.as_signed(), spec.parameters),
            "G": (cells.value.as_signed(), spec.parameters),
            "y": (output, spec.outputs),
            "sample": (sample, self.words),
            "trace": (kept, TRACE_DEPTH),
        }
        in_page = [
            entry.address + word
            for entry in ENTRIES
            if entry.kind not in (Kind.WINDOW, Kind.COMMAND)
            for word in range(entry.words)
        ]
        with m.Switch(bus.address[WINDOW_SHIFT:]):
            with m.Case(0):
                m.d.comb += [bus.read_data.eq(page)]
                with m.Switch(bus.address[:WINDOW_SHIFT]), m.Case(*in_page):
                    m.d.comb += readable.eq(1)
            for name, (value, count) in windows.items():
                base = address_of(name) >> WINDOW_SHIFT
                span = range(base, base + max(1, -(-count >> WINDOW_SHIFT)))
                with m.Case(*span):
                    m.d.comb += [
                        bus.read_data.eq(value),
                        readable.eq(bus.address - address_of(name) < count),
                    ]
        self._readable = readable

    def _status(self, m: Any) -> dict[str, Value]:
        """Values of the first page that are not constant."""
        spec = self.spec
        saturated = Signal(COUNTER_BITS)
        with m.If(self.phase == Phase.CLEAR):
            m.d.sync += saturated.eq(0)
        with m.Elif(self.saturated):
            m.d.sync += saturated.eq(saturated + 1)
        self._points = Signal(COUNTER_BITS)
        signed = (lambda value: value.as_signed()) if spec.cost_signed else (lambda value: value)
        status: dict[str, Value] = {
            "state": Cat(self.state, Const(0, 1), self.phase),
            "step": self.step,
            "correct": self.correct,
            "cost_sum": self.cost_sum,
            "C": signed(self.C),
            "C0": signed(self.C0),
            "u_saturated": saturated,
            "checks": self._points,
        }
        return status

    def _kept(self, m: Any) -> Value:
        """Read constants, registers and trace in a memory, where they are written too.

        It takes no logic, and holds constants and registers as they are at power-up.
        """
        bus, spec = self.bus, self.spec
        page = [0] * KEPT
        page[address_of("magic")], page[address_of("map_version")] = MAGIC, MAP_VERSION
        for name, value in spec.constants:
            for word in range(MAP[name].words):
                page[address_of(name, word)] = value >> 32 * word & 0xFFFF_FFFF
        for name, _, value in spec.registers:
            page[address_of(name)] = value
        m.submodules.kept = kept = memory.Memory(shape=32, depth=2 * TRACE_DEPTH, init=page)
        write, read = kept.write_port(), kept.read_port()
        with m.If(self.phase == Phase.CLEAR):
            m.d.sync += self._points.eq(0)
        with m.Elif(self.checked):
            m.d.sync += self._points.eq(self._points + 1)
        in_trace = bus.address[WINDOW_SHIFT:].any()
        m.d.comb += [
            # No register is written while a check ends: `_writes` waits.
            write.en.eq(self._keeps | self.checked),
            write.addr.eq(Mux(self.checked, Cat(self._points[:8], 1), bus.address)),
            write.data.eq(Mux(self.checked, self.cost_sum, bus.write_data)),
            read.addr.eq(Cat(bus.address[:8], in_trace)),
        ]
        return read.data
