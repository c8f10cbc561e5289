"""A lane: memory for the parameters of every so many neurons, and the adders that they share."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Const, Module, Mux, Signal, Value
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.folded.single_port import SinglePort
from hdl.number import fixed, saturating
from hdl.number.delay import delay
from hdl.number.multiplier import multiply
from spec.folded import MEMORY_LATENCY, UPDATE_LATENCY, FoldedSpec

ORDERS = data.StructLayout(dict.fromkeys(("take", "replace", "update", "draw"), 1))
"""What happens to a word: its bit is heard; θ begins with `given`; θ moves by `amount`; its bit
becomes `bit`. In the second clock of a visit of two, θ does so again, from the same word."""

TURN = data.StructLayout(dict.fromkeys(("first", "rail", "perturbed", "counts"), 1))
"""Of a product: whether sums begin with it; which evaluation it belongs to, if they take turns;
whether it, or it as well, belongs to the perturbed one; and, where memory has one port, whether it
belongs to any: a visit may take a clock without a product."""


class Lane(wiring.Component):
    """θ ← sat(θ ∓ u), a fresh bit, and products with both inputs, for a word after the other.

    Latency, from `address`: `MEMORY_LATENCY` clocks to `orders`, `write`, `plus`, `bit`, `amount`;
    `UPDATE_LATENCY` more to `x` and `turn`; the multiplier's latency and one more to the sums.
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
        What the word is multiplied by, unperturbed and perturbed; if evaluations take turns, only
        that of the turn counts.
    turn : In(TURN)
    found : Out(theta)
        The word's θ, in the clock of `orders`.
    stored : Out(1)
        The word's bit, likewise; 0 if it has none.
    kept : Out(word)
        What is written back, from `UPDATE_LATENCY` after `orders` on; with one port, a clock later.
    sums : Out(array of 2)
        Σ θ·x, in LSBs of θ·x.
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
            "turn": In(TURN),
            "found": Out(self.theta),
            "stored": Out(1),
            "kept": Out(self.word),
            "sums": Out(data.ArrayLayout(sum_shape(spec), 2)),
        }
        if spec.sums_changes:
            members["change"] = Out(change_shape(spec))
        if spec.perturbs_weights:
            members["move"] = In(move_shape(spec))
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Build memory, update and sums."""
        m: Any = Module()
        kept: Any = Signal(self.word, name="kept_word")
        writes = delay(m, self.write, 1, self.spec.written - self.spec.found, "writes")
        found = (self._two_ports if self.spec.word_ports > 1 else self._one_port)(m, kept, writes)
        held = delay(m, found, self.word, MEMORY_LATENCY - 1, "held")
        self._update(m, held, kept)
        m.d.comb += [self.found.eq(held.theta), self.kept.eq(kept)]
        if self.spec.stored_bits:
            m.d.comb += self.stored.eq(held.bit)
        self._sum(m, kept)
        return m

    def _two_ports(self, m: Any, kept: Any, writes: Signal) -> Any:
        """Read a word in each clock, and write another."""
        block: Any = {"ram_style": "block", "no_rw_check": 1}
        m.submodules.words = words = memory.Memory(
            shape=self.word, depth=max(2, self.spec.words), init=[], attrs=block
        )
        read, write = words.read_port(), words.write_port()
        place = delay(m, self.address, len(self.address), MEMORY_LATENCY + UPDATE_LATENCY, "place")
        m.d.comb += [
            read.addr.eq(self.address),
            write.addr.eq(place),
            write.data.eq(kept),
            write.en.eq(writes),
        ]
        return read.data

    def _one_port(self, m: Any, kept: Any, writes: Signal) -> Any:
        """Read a word or write another: `address` is that of either."""
        m.submodules.words = words = SinglePort(self.word.size, max(2, self.spec.words))
        m.d.comb += [
            words.address.eq(self.address),
            words.write.eq(writes),
            words.data.eq(kept),
        ]
        return words.found

    def _update(self, m: Any, held: Any, kept: Any) -> None:
        """Keep the word with θ ← sat(θ ∓ u) and its new bit: both signs first, then the sum."""
        orders = self.orders
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
        with m.If(delay(m, orders.take, 1, 1, "taken") if one_port else Const(1)):
            m.d.sync += kept.theta.eq(saturating.add(m, theta, addend, carry))
        if self.spec.stored_bits:
            bit = Signal(name="new_bit")
            with m.If(orders.take):
                m.d.sync += bit.eq(Mux(orders.draw, self.bit, held.bit))
            m.d.sync += kept.bit.eq(bit)

    def _sum(self, m: Any, kept: Any) -> None:
        """Multiply and add up."""
        spec = self.spec
        top = fixed.Value(fixed.of(spec.weight), kept.theta.as_value()[spec.dropped :].as_signed())
        turn: Any = delay(m, self.turn, TURN, spec.multipliers.latency, "turn")
        any_counts = turn.counts if spec.word_ports == 1 else Const(1)
        if spec.lane_multipliers == 1:
            x = fixed.named(m, fixed.mux(self.turn.rail, self.x[1], self.x[0]), "chosen")
            products = [multiply(m, top, x, spec.multipliers, "product")] * 2
            counts = [~turn.rail, turn.rail]
        else:
            other = self._perturbed(m, top, kept.bit) if spec.perturbs_weights else top
            products = [
                multiply(m, weight, x, spec.multipliers, f"product_{rail}")
                for rail, (weight, x) in enumerate(((top, self.x[0]), (other, self.x[1])))
            ]
            counts = [Const(1), Const(1)]
        for rail, product in enumerate(products):
            total = fixed.signal(sum_shape(spec), f"sum_{rail}")
            with m.If(counts[rail] & any_counts):
                m.d.sync += total.as_value().eq(self._added(m, total, product, turn.first, rail))
            m.d.comb += self.sums[rail].eq(total)
        if spec.sums_changes:
            self._change(m, kept.bit, turn, turn.perturbed & any_counts)

    def _perturbed(self, m: Any, weight: fixed.Value, bit: Any) -> fixed.Value:
        """Return the weight of the perturbed evaluation, which is exact."""
        move = fixed.named(m, fixed.mux(bit, self.move, -self.move), "signed_move")
        return fixed.named(m, weight + move, "perturbed")

    def _added(self, m: Any, total: Any, term: Any, first: Any, name: Any) -> Any:
        """Return the sum with a term, which is exact: it holds them all."""
        before = fixed.named(
            m, fixed.mux(first, fixed.constant(total.shape(), 0), total), f"before_{name}"
        )
        return (before + term).as_value()[: total.shape().storage.width]

    def _change(self, m: Any, bit: Any, turn: Any, counts: Value) -> None:
        """Add up what the perturbations make of z, in units of Δθ."""
        spec = self.spec
        x = self.x[1]
        plain = fixed.named(m, x, "seen")
        signed = fixed.named(m, fixed.mux(bit, plain, -plain), "signed")
        late = delay(
            m, signed.as_value(), signed.shape().storage, spec.multipliers.latency, "signed"
        )
        total = fixed.signal(change_shape(spec), "change_sum")
        with m.If(counts):
            m.d.sync += total.as_value().eq(
                self._added(m, total, fixed.Value(signed.shape(), late), turn.first, "change")
            )
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
