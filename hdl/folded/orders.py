"""What becomes of words: which of them are visited, and by how much their θ moves."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.folded.by_layer import either, of_layer
from hdl.folded.lane import ORDERS, amount_shape
from hdl.folded.near import near
from hdl.folded.sequencer import visit_layout
from hdl.number import fixed
from hdl.number.delay import delay
from hdl.number.halves import multiply_by_halves
from hdl.number.multiplier import multiply
from spec.folded import FoldedSpec
from spec.numbers import Rounding
from spec.plant import Multipliers


class Orders(wiring.Component):
    """Orders of a visit for all lanes, which hear them from registers, a clock later.

    Latency: `latency` clocks from `visit`. By node, u·x comes from `before`: the multiplier's
    latency and a clock more.

    Parameters
    ----------
    spec : FoldedSpec

    Members
    -------
    visit : In(visit)
    filling : In(1)
        Whether it makes a bit of the initial θ.
    update, draw : In(1)
        Whether words move, and get new bits, at their first visit in a pass. They stay, and so
        does u.
    bit_of_theta : In
    u : In(bus format)
    stores, chosen, theta : In(1), In(lanes), In(theta bits)
        Whether someone else's θ is to be stored instead, in which lane; the first of them beside
        `visit`, the others stay for two clocks.
    before, x_before : In(visit), In
        A visit to come, and the input that it had in the step before; with node perturbation only.
    orders, amount, given : Out
        As those of `Lane`.
    write : Out(lanes)
        Which of them write back.
    exists : Out(lanes)
        Which have a word to visit.
    anew : Out(1)
        Whether it is the first visit in a pass.
    """

    visit: Any
    filling: Signal
    update: Signal
    draw: Signal
    bit_of_theta: Signal
    u: fixed.Value
    stores: Signal
    chosen: Signal
    theta: Signal
    before: Any
    x_before: fixed.Value
    orders: Any
    amount: fixed.Value
    given: fixed.Value
    write: Signal
    exists: Signal
    anew: Signal

    latency = 1

    def __init__(self, spec: FoldedSpec) -> None:
        self.spec = spec
        members = {"visit": In(visit_layout(spec))}
        members |= dict.fromkeys(("filling", "update", "draw"), In(1))
        members |= {"bit_of_theta": In(range(spec.init_bits)), "u": In(fixed.of(spec.bus))}
        members |= {"stores": In(1), "chosen": In(spec.lanes), "theta": In(spec.theta.bits)}
        if spec.node:
            members |= {"before": In(visit_layout(spec)), "x_before": In(shapes.number(spec.x))}
        members |= {"orders": Out(ORDERS), "amount": Out(amount_shape(spec))}
        members |= {"given": Out(fixed.of(spec.theta)), "write": Out(spec.lanes)}
        super().__init__(members | {"exists": Out(spec.lanes), "anew": Out(1)})

    def elaborate(self, platform: object) -> Module:
        """Choose by layer, group and place."""
        m: Any = Module()
        visit, filling = self.visit, self.filling
        bits = Const(1, self.spec.init_bits) << self.bit_of_theta
        initial = fixed.Value(
            fixed.span(0, (1 << self.spec.init_bits) - 1, self.spec.bus.fraction_bits),
            bits[: self.spec.init_bits],
        )
        takes, anew = visit.valid & ~visit.rail, filling | visit.first_place
        exists, stores = self._existing(m), self.stores
        orders: dict[str, Value] = {
            "take": takes | stores,
            "replace": (filling & (self.bit_of_theta == 0)) | stores,
            "update": Mux(filling, self._hears(m), self.update & anew) & ~stores,
            "draw": (filling | (self.draw & anew)) & ~stores,
        }
        m.d.sync += [getattr(self.orders, name).eq(order) for name, order in orders.items()]
        m.d.sync += [
            self.given.as_value().eq(self.theta & stores.replicate(len(self.theta))),
            self.exists.eq(exists),
            self.anew.eq(anew),
        ]
        writes = near(m, takes & anew & ~stores, 1, self.spec.lanes, "writes_near")
        stored = near(m, stores, 1, self.spec.lanes, "stored_near")
        m.d.comb += self.write.eq((self.chosen & Cat(stored)) | (self.exists & Cat(writes)))
        self._amount(m, initial)
        return m

    def _amount(self, m: Any, initial: fixed.Value) -> None:
        """Put out the initial θ's bit, or what was found."""
        if self.spec.node:
            fills, first = delay(m, self.filling, 1, 1, "fills"), fixed.signal(initial.shape())
            m.d.sync += first.eq(initial)
            moved = fixed.mux(fills, first, self._times_input(m))
            m.d.comb += self.amount.as_value().eq(moved.as_value())
        else:
            moved = fixed.mux(self.filling, initial, self._doubled(m, self.visit))
            m.d.sync += self.amount.as_value().eq(moved.as_value())

    def _hears(self, m: Any) -> Value:
        """Whether the layer's initial θ has this bit."""
        hears = Signal()
        m.d.comb += hears.eq(1)
        for k, layer in enumerate(self.spec.layers):
            if layer.init_bits < self.spec.init_bits:
                with m.If(self.visit.layer == k):
                    m.d.comb += hears.eq(self.bit_of_theta < layer.init_bits)
        return hears

    def _existing(self, m: Any) -> Signal:
        """Return which lanes have a neuron to visit; of the initial θ, the one that is visited."""
        spec, visit = self.spec, self.visit
        exists = Signal(spec.lanes, name="existing")
        one = Const(1, spec.lanes) << visit.lane
        with m.If(self.filling):
            m.d.comb += exists.eq(one)
            for k, layer in enumerate(spec.layers):
                if layer.copies > 1:
                    with m.If(visit.layer == k):
                        m.d.comb += exists.eq(one[: layer.lanes].replicate(layer.copies))
        with m.Else():
            m.d.comb += exists.eq(~0)
            for layer, group in zip(spec.layers, spec.last_groups, strict=True):
                with m.If(visit.group == group):
                    first = Const((1 << layer.last_group) - 1, layer.lanes)
                    m.d.comb += exists.eq(first.replicate(layer.copies))
        return exists

    def _doubled(self, m: Any, visit: Any) -> fixed.Value:
        """Return u, 2**k times as large in layers with k doublings."""
        doublings = {k: layer.doublings for k, layer in enumerate(self.spec.layers)}
        largest = max(doublings.values())
        if not largest:
            return self.u
        u = fixed.signal(
            fixed.SQ(self.u.shape().i_bits + largest, self.u.shape().f_bits), "u_doubled"
        )
        with m.Switch(visit.layer):
            for k, times in doublings.items():
                with m.Case(k):
                    m.d.comb += u.eq(self.u.scaled(times))
        return u

    def _product(self, m: Any, u: fixed.Value, x: fixed.Value, second: Value) -> fixed.Value:
        """Return u·x: where lanes take all multiplier blocks, in both clocks of a visit."""
        spec = self.spec
        logic = spec.multipliers in (Multipliers.REGISTERED, Multipliers.LOGIC)
        if not (spec.sums_stay and logic):
            return multiply(m, u, x, spec.multipliers, "u_times_x")
        return multiply_by_halves(m, u, x, second, "u_times_x")

    def _times_input(self, m: Any) -> fixed.Value:
        """Return RNE(u·x) for what words to come have met in the step before, or u."""
        spec, before = self.spec, self.before
        one = fixed.constant(shapes.number(spec.x), 1)
        node = of_layer(m, spec, before.layer, lambda layer: layer.node)
        alone = either(node, before.bias, Const(1))
        x = fixed.named(m, fixed.mux(alone, one, self.x_before), "x_of_u")
        exact = self._product(m, self._doubled(m, before), x, before.rail)
        rounded = exact.reshape(spec.bus.fraction_bits, Rounding.NEAREST_EVEN)
        raw = rounded.as_value()[: self.amount.shape().storage.width]
        register = fixed.signal(self.amount.shape(), "u_times_x_rounded")
        m.d.sync += register.as_value().eq(raw.as_signed())
        return register
