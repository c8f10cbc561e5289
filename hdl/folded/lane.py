"""A lane: memory for the parameters of every so many neurons, and the adders that they share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial, reduce
from operator import or_
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.folded.single_port import SinglePort
from hdl.number import fixed, saturating
from hdl.number.accumulator import Accumulator
from hdl.number.delay import copy, delay
from hdl.number.multiplier import multiply
from spec.folded import MEMORY_LATENCY, UPDATE_LATENCY, FoldedSpec

ORDERS = data.StructLayout(dict.fromkeys(("take", "replace", "update", "draw"), 1))
"""What happens to a word: its bit is heard; θ begins with `given`; θ moves by `amount`; its bit
becomes `bit`. In the second clock of a visit of two, θ does so again, from the same word."""

Write = Callable[[Any, Any], Sequence[Any]]
"""What writes a word: of a module and the word, statements."""


def turn_layout(spec: FoldedSpec) -> data.StructLayout:
    """Lay out what is known of a product.

    first
        Whether sums begin with it.
    rail
        Which evaluation it belongs to, if they take turns.
    perturbed
        Whether it, or it as well, belongs to the perturbed one.
    counts
        Where memory has one port, whether it belongs to any: a visit may take a clock without a
        product.
    """
    counts = {"counts": 1} if spec.word_ports == 1 else {}
    return data.StructLayout(dict.fromkeys(("first", "rail", "perturbed"), 1) | counts)


class Lane(wiring.Component):
    """θ ← sat(θ ∓ u), a fresh bit, and products with both inputs, for a word after the other.

    Latency, from `address`: `MEMORY_LATENCY` clocks to `orders`, `write`, `plus`, `bit`, `amount`;
    `UPDATE_LATENCY` more to `x` and `turn`; `spec.product_latency` and one more to the sums.
    Throughput: a visit a clock, or every other clock if one multiplier makes both evaluations, or
    words are written to memory of one port.

    Parameters
    ----------
    spec : FoldedSpec

    Members
    -------
    address : In
        Of a word; with one port, of the one that is written in this clock, if one is.
    orders : In(ORDERS)
    write : In(1)
        Whether the word is written back.
    given : In(theta)
        What θ is to begin with, if not with what it is.
    plus : In(1)
        Whether θ moves down: the sign of the perturbation that made u.
    bit : In(1)
        A random bit.
    amount : In
        u, or u·x rounded, or what the initial θ is made of.
    x : In(array of 2)
        What the word is multiplied by, unperturbed and perturbed; if evaluations take turns, both
        are that of the turn.
    turn : In(turn)
    found : Out(theta)
        The word's θ, in the clock of `orders`.
    stored : Out(1)
        The word's bit, likewise; 0 if it has none.
    kept : Out(word)
        What is written back, from `UPDATE_LATENCY` after `orders` on; with one port, a clock later.
    sums : Out(array of 2)
        Σ θ·x, in LSBs of θ·x.
    clear : In(1)
        Whether sums become 0; if `spec.sums_stay`, and then the first product does not do so.
    change : Out
        Σ ±x of the perturbed evaluation, in LSBs of x; if `spec.sums_changes`.
    move : In
        By how much weights are perturbed, beside `x`; if `spec.perturbs_weights`.
    """

    address: Signal
    orders: Any
    write: Signal
    given: fixed.Value
    plus: Signal
    bit: Signal
    amount: fixed.Value
    x: data.View
    turn: Any
    found: fixed.Value
    stored: Signal
    kept: Any
    sums: data.View
    clear: Signal
    change: fixed.Value
    move: fixed.Value

    def __init__(self, spec: FoldedSpec) -> None:
        self.spec = spec
        self.theta, self.operand = fixed.of(spec.theta), shapes.number(spec.x)
        bit = {"bit": 1} if spec.stored_bits else {}
        self.word = data.StructLayout({"theta": self.theta, **bit})
        members = {
            "address": In(spec.address_bits),
            "orders": In(ORDERS),
            "write": In(1),
            "given": In(self.theta),
            "plus": In(1),
            "bit": In(1),
            "amount": In(amount_shape(spec)),
            "x": In(data.ArrayLayout(self.operand, 2)),
            "turn": In(turn_layout(spec)),
            "found": Out(self.theta),
            "stored": Out(1),
            "kept": Out(self.word),
            "sums": Out(data.ArrayLayout(sum_shape(spec), 2)),
        }
        if spec.sums_stay:
            members["clear"] = In(1)
        if spec.sums_changes:
            members["change"] = Out(change_shape(spec))
        if spec.perturbs_weights:
            members["move"] = In(move_shape(spec))
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Build memory, update and sums."""
        m: Any = Module()
        found, write = (self._two_ports if self.spec.word_ports > 1 else self._one_port)(m)
        held = delay(m, found, self.word, MEMORY_LATENCY - 1, "held")
        kept = self._updated(m, held)
        m.d.comb += [self.found.eq(held.theta), self.kept.eq(kept), *write(m, kept)]
        if self.spec.stored_bits:
            m.d.comb += self.stored.eq(held.bit)
        self._sum(m, kept)
        return m

    def _two_ports(self, m: Any) -> tuple[Any, Write]:
        """Read a word in each clock; return it, and what writes another."""
        block: Any = {"ram_style": "block", "no_rw_check": 1}
        m.submodules.words = words = memory.Memory(
            shape=self.word, depth=max(2, self.spec.words), init=[], attrs=block
        )
        read, write = words.read_port(), words.write_port()
        m.d.comb += read.addr.eq(self.address)
        return read.data, partial(self._write_another, write)

    def _write_another(self, port: Any, m: Any, kept: Any) -> Sequence[Any]:
        late, bits = MEMORY_LATENCY + UPDATE_LATENCY, len(self.address)
        place = delay(m, self.address, bits, late, "place")
        return port.addr.eq(place), port.data.eq(kept), port.en.eq(self._writes(m))

    def _one_port(self, m: Any) -> tuple[Any, Write]:
        """Read a word, or write another: `address` is that of either. Return as `_two_ports`."""
        m.submodules.words = words = SinglePort(self.word.size, max(2, self.spec.words))
        m.d.comb += words.address.eq(self.address)
        return words.found, partial(self._write_instead, words)

    def _write_instead(self, words: SinglePort, m: Any, kept: Any) -> Sequence[Any]:
        return words.write.eq(self._writes(m)), words.data.eq(kept)

    def _writes(self, m: Any) -> Signal:
        return delay(m, self.write, 1, self.spec.written - self.spec.found, "writes")

    def _updated(self, m: Any, held: Any) -> Any:
        """Return the word with θ ← sat(θ ∓ u) and its new bit: both signs first, then the sum."""
        orders, kept = self.orders, Signal(self.word, name="kept_word")
        low = self.amount.reshape(self.theta.f_bits)
        signed = saturating.complement(m, low, self.plus)
        theta, addend = fixed.signal(self.theta, "theta"), fixed.signal(signed.shape(), "addend")
        carry, width = Signal(), signed.shape().storage.width
        m.d.sync += [
            theta.eq(fixed.mux(orders.replace, self.given, held.theta)),
            addend.as_value().eq(signed.as_value() & orders.update.replicate(width)),
            carry.eq(self.plus & orders.update),
        ]
        # With one port, a word is kept until it can be written.
        one_port = self.spec.word_ports == 1
        with m.If(delay(m, orders.take, 1, 1, "taken")) if one_port else nullcontext():
            m.d.sync += kept.theta.eq(saturating.add(m, theta, addend, carry))
        if self.spec.stored_bits:
            bit = Signal(name="new_bit")
            with m.If(orders.take):
                m.d.sync += bit.eq(Mux(orders.draw, self.bit, held.bit))
            m.d.sync += kept.bit.eq(bit)
        return kept

    def _sum(self, m: Any, kept: Any) -> None:
        """Multiply and add up: what says to which sum, in registers of each lane."""
        spec = self.spec
        top = fixed.Value(fixed.of(spec.weight), kept.theta.as_value()[spec.dropped :].as_signed())
        turn: Any = delay(m, self.turn, self.turn.shape(), spec.product_latency - 1, "turn")
        if spec.sums_stay:
            self._accumulate(m, top, kept)
        else:
            self._add_up(m, top, turn)
        if spec.sums_changes:
            self._change(m, kept.bit, turn)

    def _add_up(self, m: Any, top: fixed.Value, turn: Any) -> None:
        """Add products up in logic."""
        spec = self.spec
        totals = [fixed.signal(sum_shape(spec), f"sum_{rail}") for rail in range(2)]
        if spec.lane_multipliers == 1:
            product = self._product(m, top, self.x[0], "product")
            counts = [self._counted(turn, ~turn.rail), self._counted(turn, turn.rail)]
            self._add(m, totals, product, counts, turn.first, "sum")
        else:
            for rail, x in enumerate((self.x[0], self.x[1])):
                product = self._product(m, top, x, f"product_{rail}")
                self._add(
                    m, totals[rail : rail + 1], product, [Const(1)], turn.first, f"sum_{rail}"
                )
        m.d.comb += [self.sums[rail].eq(total) for rail, total in enumerate(totals)]

    def _product(self, m: Any, top: fixed.Value, x: fixed.Value, name: str) -> fixed.Value:
        """Multiply; return the product near the sum."""
        spec = self.spec
        product = multiply(m, top, x, spec.multipliers, name)
        late = spec.product_latency - spec.multipliers.latency
        return delay(m, product, product.shape(), late, f"{name}_near")

    def _accumulate(self, m: Any, top: fixed.Value, kept: Any) -> None:
        """Multiply and add up in one: a block has both, but no sum of more than it has."""
        spec = self.spec
        other = self._perturbed(m, top, kept.bit) if spec.perturbs_weights else top
        for rail, weight in enumerate((top, other)):
            x = self.x[rail]
            unit = Accumulator(weight.shape(), x.shape(), sum_shape(spec), spec.multipliers)
            m.submodules[f"accumulator_{rail}"] = unit
            m.d.comb += [
                unit.a.eq(weight),
                unit.b.eq(x),
                unit.adds.eq(self.turn.counts),
                unit.clear.eq(self.clear),
                self.sums[rail].eq(unit.total),
            ]

    def _counted(self, turn: Any, counts: Value) -> Value:
        """Return whether a product counts, if so it does where memory has two ports."""
        return counts & turn.counts if self.spec.word_ports == 1 else counts

    def _perturbed(self, m: Any, weight: fixed.Value, bit: Any) -> fixed.Value:
        """Return the weight of the perturbed evaluation, which is exact."""
        move = fixed.named(m, fixed.mux(bit, self.move, -self.move), "signed_move")
        return fixed.named(m, weight + move, "perturbed")

    def _add(
        self,
        m: Any,
        totals: list[Any],
        term: fixed.Value,
        counts: list[Any],
        first: Any,
        name: str,
        carry: Any = None,
    ) -> None:
        """Add a term, and a carry, to the total that counts in the next clock, or begin with it.

        There is one adder for all. The sum is exact: a total holds them all.
        """
        shape, before = totals[0].shape(), []
        for k, (total, its) in enumerate(zip(totals, counts, strict=True)):
            goes_on = copy(m, its & ~first, 1, f"{name}_goes_on_{k}")
            before.append(total.as_value() & goes_on.replicate(shape.storage.width))
        width, so_far = shape.storage.width, Signal(shape.storage, name=f"before_{name}")
        m.d.comb += so_far.eq(reduce(or_, before))
        raw = term.as_value()
        raw = fixed.extend(raw.as_signed() if term.shape().signed else raw, width)
        added = so_far + raw
        if carry is not None:  # as the lowest bit of both, it needs no LUT in front of the chain
            added = (Cat(Const(1, 1), so_far) + Cat(carry, raw))[1:]
        for k, (total, its) in enumerate(zip(totals, counts, strict=True)):
            adds = its if isinstance(its, Const) else copy(m, its, 1, f"{name}_counts_{k}")
            with m.If(adds):
                m.d.sync += total.as_value().eq(added[:width])

    def _change(self, m: Any, bit: Any, turn: Any) -> None:
        """Add up what the perturbations make of z, in units of Δθ."""
        latency = self.spec.product_latency
        # Of a turn that counts, x is the perturbed one; of the first layer, both are.
        plain = delay(m, self.x[1], self.x[1].shape(), latency, "seen")
        minus = delay(m, ~bit, 1, latency, "minus")
        total = fixed.signal(change_shape(self.spec), "change_sum")
        term = saturating.complement(m, plain, minus)
        counts = self._counted(turn, turn.perturbed)
        self._add(m, [total], term, [counts], turn.first, "change", minus)
        m.d.comb += self.change.eq(total)


def amount_shape(spec: FoldedSpec) -> fixed.Shape:
    """Shape of what θ moves by: u, u·x rounded, or a bit of the initial θ."""
    u = fixed.of(spec.bus)
    lowest = u.min_raw << max(layer.doublings for layer in spec.layers)
    ends = [lowest]
    if spec.node:
        ends += [lowest * x >> spec.x.fraction_bits for x in (spec.x.low, spec.x.high)]
    largest = max(1 << spec.init_bits - 1, *(abs(end) + 1 for end in ends))
    return fixed.span(-largest, largest, u.f_bits)


def sum_shape(spec: FoldedSpec) -> fixed.Shape:
    """Shape that holds Σ θ·x of every layer, exactly."""
    weight = 1 << spec.theta.bits - spec.dropped - 1
    if spec.perturbs_weights:
        weight += move_shape(spec).max_raw << spec.weight.fraction_bits + spec.amplitude
    return _signed(weight * _most(spec), spec.theta.fraction_bits - spec.dropped, spec)


def move_shape(spec: FoldedSpec) -> fixed.Shape:
    """Shape of Δθ of every layer."""
    return fixed.span(0, max(1 << layer.doublings for layer in spec.layers), -spec.amplitude)


def change_shape(spec: FoldedSpec) -> fixed.Shape:
    """Shape that holds Σ ±x of every layer, exactly."""
    return _signed(_most(spec), 0, spec)


def _most(spec: FoldedSpec) -> int:
    """Largest sum of inputs, in LSBs."""
    largest = max(abs(spec.x.low), abs(spec.x.high))
    return max(layer.fan_in for layer in spec.layers) * largest


def _signed(most: int, fraction_bits: int, spec: FoldedSpec) -> fixed.Shape:
    """Shape of ±most, with as many fraction bits more than an input has."""
    return fixed.span(-most, most, fraction_bits + spec.x.fraction_bits)
