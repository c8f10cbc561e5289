"""The bank whose cells are words of memory."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out

from hdl.number import fixed
from hdl.number.delay import delay
from hdl.optimizer import correlator
from hdl.optimizer import perturbation as perturbations
from hdl.optimizer import rule as rules
from hdl.optimizer.bus import STROBES, Tag, layout
from hdl.optimizer.memory.line import NEVER_AT_ONCE, Line
from hdl.optimizer.memory.words import Words, number_bits, request_layout, writes_layout
from hdl.optimizer.rule import Integrate
from hdl.optimizer.state import noise_shape
from spec.numbers import Rounding
from spec.optimizer import MemoryBankSpec


class MemoryBank(wiring.Component):
    """θ and G in block RAM, and one cell that all words share: what `Bank` makes, word by word.

    A perturbation is a shift of the line, or a new column or turn: a clock, as in `Bank`. All else
    is a sweep, in which each word is read, accumulates what was ordered since the sweep before,
    updates if that is ordered now, and is written back.

    Latency: `spec.word_latency` from a number to its weight; `spec.sweep` clocks from the first one
    of `visits` to `swept`, both included; 2 from a request to `came`, if nothing is in its way,
    which a sweep is. Throughput: a weight, or a word of a sweep, in each clock. A request holds the
    weights for 2 clocks.

    Parameters
    ----------
    spec : MemoryBankSpec

    Members
    -------
    bus, tag, line, noise : In
        As those of `Bank`. `u`, `update` and `initialise` stay during a sweep, and the tag from
        `begin` of the weights on. `perturb` and `fill` come in no clock of a sweep, nor of weights.
    visits : In(1)
        Whether there is a sweep: it begins as this rises, or after `swept`, until which this stays.
    swept : Out(1)
        Strobe: its last clock.
    words : In(Words)
        Weights. None are asked for in a sweep.
    request : In(request)
        For a word.
    came, word : Out(1), Out
        Strobe: it is there; the word, signed, until the next one.
    writes : Out(struct)
        For the probe only.
    """

    bus: data.View
    tag: Any
    line: data.View
    noise: fixed.Value
    visits: Signal
    swept: Signal
    words: Any
    request: Any
    came: Signal
    word: Signal
    writes: Any

    def __init__(self, spec: MemoryBankSpec) -> None:
        self.spec = spec
        cell = spec.cell
        self.perturbation = perturbations.of(cell.perturbation)
        self.rule = rules.of(cell)
        super().__init__(
            {
                "bus": In(layout(cell.bus, self.perturbation.broadcast)),
                "tag": In(Tag),
                "line": In(data.StructLayout(self.perturbation.line)),
                "noise": In(noise_shape(cell)),
                "visits": In(1),
                "swept": Out(1),
                "words": In(Words(cell.weight, spec.parameters)),
                "request": In(request_layout(spec)),
                "came": Out(1),
                "word": Out(max(cell.theta.bits, cell.gradient.bits)),
                "writes": Out(writes_layout(spec)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the memories, what reads them, the cell, and what it writes."""
        m: Any = Module()
        self._learns, self._fresh = Signal(name="learns"), Signal(name="fresh")
        with m.If(self.bus.accumulate):
            m.d.sync += self._learns.eq(1)
        with m.Elif(self.swept):
            m.d.sync += self._learns.eq(0)
        with m.If(self.bus.clear):
            m.d.sync += self._fresh.eq(1)
        with m.Elif(self.swept):
            m.d.sync += self._fresh.eq(0)
        number = self._sweep(m)
        theta, G = self._read(m, number)
        self._perturb(m)
        self._weigh(m, theta)
        self._write(m, *self._learn(m, theta, G))
        return m

    def _sweep(self, m: Any) -> Signal:
        """Count through the words; return the number of the word that is visited."""
        number, visited = Signal(number_bits(self.spec), name="visited_number"), Signal()
        self._begins, self._sweeps = Signal(name="begins"), Signal(name="sweeps")
        m.d.sync += visited.eq(self.visits & ~self.swept)
        m.d.comb += self._begins.eq(self.visits & ~visited)
        with m.If(self._begins):
            m.d.sync += [number.eq(0), self._sweeps.eq(1)]
        with m.Elif(self._sweeps):
            m.d.sync += number.eq(number + 1)
            with m.If(number == self.spec.parameters - 1):
                m.d.sync += self._sweeps.eq(0)
        # Where a word is: read, in registers, accumulated, updated.
        self._there = [self._sweeps]
        for k in range(self.spec.visit_latency):
            self._there.append(delay(m, self._there[-1], 1, 1, f"there_{k}"))
        m.d.comb += self.swept.eq(self._there[-1] & ~self._there[-2])
        return number

    def _read(self, m: Any, visited: Signal) -> tuple[fixed.Value, fixed.Value | None]:
        """Read words: of a sweep, of a request, or those asked for; return θ and G, if any."""
        request, words, cell = self.request, self.words, self.spec.cell
        asked, granted, grants = (Signal(name=name) for name in ("asked", "granted", "grants"))
        m.d.comb += [
            grants.eq(request.ask & ~asked & ~granted & ~self.visits),
            words.blocked.eq(grants | granted),
        ]
        m.d.sync += [asked.eq(request.ask & (asked | grants)), granted.eq(grants)]
        number = Signal(number_bits(self.spec), name="number_asked")
        read = Signal.like(number, name="number_read")
        m.d.comb += number.eq(words.number)
        with m.If(granted):  # what was read before the request is read again
            m.d.comb += number.eq(read)
        with m.If(grants):
            m.d.comb += number.eq(request.number)
        with m.If(self._sweeps):
            m.d.comb += number.eq(visited)
        self._read_number, self._ports, found = read, {}, []
        with m.If(words.moves):
            m.d.sync += read.eq(number)
        for name, form in self._held().items():
            shape = fixed.of(form)
            m.submodules[name] = held = memory.Memory(
                shape=form.bits, depth=max(2, self.spec.parameters), init=[],
                attrs=NEVER_AT_ONCE,
            )  # fmt: skip
            port, value = held.read_port(), fixed.signal(shape, f"{name}_read")
            m.d.comb += [port.addr.eq(number), port.en.eq(words.moves | words.blocked)]
            raw = port.data & (~self._fresh).replicate(len(port.data))
            with m.If(words.moves):
                m.d.sync += value.as_value().eq(raw)
            with m.If(granted & (request.of_G == (name == "G"))):
                m.d.sync += self.word.eq(raw.as_signed())
            found.append(value)
            self._ports[name] = held.write_port()
        if not cell.accumulate:
            with m.If(granted & request.of_G):
                m.d.sync += self.word.eq(0)
        m.d.sync += self.came.eq(granted)
        return found[0], found[1] if cell.accumulate else None

    def _held(self) -> dict[str, Any]:
        """Formats of what there is a memory for, by name."""
        cell = self.spec.cell
        return {"theta": cell.theta} | ({"G": cell.gradient} if cell.accumulate else {})

    def _perturb(self, m: Any) -> None:
        """Find the perturbation of the word that is read, by the line or by its number."""
        bus, perturbation, moves = self.bus, self.perturbation, self.words.moves
        restarts = self._begins | self.words.begin
        m.submodules.line = line = Line(self.line.shape(), self.spec.parameters)
        m.d.comb += [
            line.shift.eq(perturbation.shifts(bus.fill, bus.perturb)),
            line.entering.eq(self.line),
            line.restart.eq(restarts),
            line.moves.eq(moves),
        ]
        # As a cell hears it that takes its perturbation now: that of the last strobe.
        heard: Any = Signal(bus.shape(), name="heard")
        filled = Signal(name="filled")
        with m.If(bus.fill):
            m.d.sync += filled.eq(1)
        with m.Elif(bus.perturb):
            m.d.sync += filled.eq(0)
        m.d.comb += [heard.perturb.eq(1), heard.fill.eq(filled)]
        for name, shape in perturbation.broadcast.items():
            held = Signal(shape, name=f"{name}_held")
            with m.If(bus.perturb):
                m.d.sync += held.eq(bus[name])
            m.d.comb += heard[name].eq(held)
        self._state = Signal(perturbation.bits, name="perturbation")
        with m.If(moves):
            perturbation.follow(m, self._state, heard, line.value, self._read_number)
        self._tilde: Any = Signal(data.StructLayout(perturbation.tilde), name="tilde")
        perturbation.decode(m, self._state, self._tilde)
        if self.spec.cell.noise:
            m.submodules.noise_line = noise = Line(self.noise.shape(), self.spec.parameters)
            updates = bus.update & ~bus.initialise & self.swept
            m.d.comb += [
                noise.shift.eq((bus.fill & ~bus.initialise) | updates),
                Value.cast(noise.entering).eq(Value.cast(self.noise)),
                noise.restart.eq(restarts),
                noise.moves.eq(moves),
            ]
            shape = self.noise.shape()
            self._noise = fixed.Value(
                shape, delay(m, noise.value.as_value(), shape.storage, 2, "noise")
            )

    def _weigh(self, m: Any, theta: fixed.Value) -> None:
        """Make θ, or θ ± θ̃."""
        top = theta.reshape(self.spec.cell.weight.fraction_bits, Rounding.TRUNCATE)
        weight = self.perturbation.perturbed(m, top, self._tilde, self.tag, "theta_tilde")
        m.d.comb += self.words.weight.eq(weight)

    def _learn(
        self, m: Any, theta: fixed.Value, G: fixed.Value | None
    ) -> tuple[fixed.Value, fixed.Value | None]:
        """Accumulate in one clock, update in the next one; return θ and G after both."""
        bus, rule = self.bus, self.rule
        shape = correlator.shape(self.perturbation, fixed.of(self.spec.cell.bus), None, bias=False)
        contribution, carry = fixed.signal(shape, "contribution"), Signal(name="carry")
        learned = correlator.by_weight(
            m, self.perturbation, bus.u, self._tilde, self._tilde.plus, bus.initialise,
            descends=rule.descends,
        )  # fmt: skip
        m.d.comb += [contribution.eq(learned[0]), carry.eq(learned[1])]
        strobes: Any = Signal(STROBES, name="strobes")
        m.d.comb += [strobes.accumulate.eq(1), strobes.initialise.eq(bus.initialise)]
        before = theta if G is None else G
        moved, summed = rule.next(m, theta, before, (contribution, carry), strobes, None)
        first, last = (fixed.signal(theta.shape(), f"theta_{name}") for name in AFTER)
        if G is None or not isinstance(rule, Integrate):
            m.d.sync += [first.eq(fixed.mux(bus.update, moved, theta)), last.eq(first)]
            return last, None
        listens = self._learns & (self.perturbation.active(self._tilde) | bus.initialise)
        total, rest = (fixed.signal(G.shape(), f"G_{name}") for name in AFTER)
        m.d.sync += [first.eq(theta), total.eq(fixed.mux(listens, summed, G))]
        noise = None
        if self.spec.cell.noise:
            nothing = fixed.constant(self._noise.shape(), 0)
            noise = fixed.mux(bus.initialise, nothing, self._noise)
        updated, kept = rule.updated(m, first, total, noise), rule.kept(m, total, strobes)
        m.d.sync += [
            last.eq(fixed.mux(bus.update, updated, first)),
            rest.eq(fixed.mux(bus.update, kept, total)),
        ]
        return last, rest

    def _write(self, m: Any, theta: fixed.Value, G: fixed.Value | None) -> None:
        """Write words back, and show them."""
        late = self.spec.visit_latency - 1
        number = delay(m, self._read_number, number_bits(self.spec), late, "number")
        state = delay(m, self._state, len(self._state), late - 1, "state")
        written, shown = self._there[-1], {"number": number, "perturbation": state}
        shown |= {"theta": theta.as_value()} | ({} if G is None else {"G": G.as_value()})
        for name, port in self._ports.items():
            m.d.comb += [port.addr.eq(number), port.data.eq(shown[name]), port.en.eq(written)]
        m.d.comb += self.writes.written.eq(written)
        with m.If(written):
            for name, value in shown.items():
                m.d.comb += Value.cast(self.writes[name]).eq(value)


AFTER = ("accumulated", "updated")
"""What a word has done, by the name of the registers behind."""
