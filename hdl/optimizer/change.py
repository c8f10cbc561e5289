"""The change in cost: sample-and-hold or high-pass, C̃, and the one rounding."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.number import fixed, saturating
from hdl.number.delay import delay
from hdl.optimizer.bus import Tag
from spec.numbers import Rounding
from spec.optimizer import ETA_SHIFT_BITS, MAX_LEFT_SHIFT, ChangeSpec


class ChangeInCost(wiring.Component):
    """C0 ← C of what is held; C̃ = C - C0; u = sat(RNE(C̃ · η/Δθ)).

    Latency: `spec.register_latency` clocks from a cost to C, then `spec.latency` from C to u.
    Throughput: an evaluation a clock.

    Parameters
    ----------
    spec : ChangeSpec

    Members
    -------
    costs : In(array of unsigned)
        One of each rail, in LSBs of 2**-cost_fraction_bits.
    tag_i, tag : In(Tag), Out(Tag)
        Of the evaluation that they are of; the same beside C.
    noise : In
        Added to a perturbed cost; where there is none, a bit that is not used.
    draw : Out(1)
        Strobe: the noise is used.
    eta_shift : In(4)
        u = RNE(C̃ · 2**(4 - eta_shift)) in raw integers.
    clear : In(1)
        Strobe: C̃ of the analog loop becomes zero.
    prepare, init_u : In
        Strobe: u becomes `init_u`, of which the initial θ is made.
    C, C0 : Out(unsigned; signed with noise)
        In the analog loop, C0 is the cost before C.
    C_tilde : Out(signed)
        In LSBs of 2**-(cost_fraction_bits + guard).
    u : Out(bus format)
    u_next, moves : Out
        Strobe: u becomes `u_next`; for registers that take what u takes.
    ready : Out(1)
        Strobe: from the next clock on, u is that of the last perturbed evaluation.
    saturated : Out(1)
        Strobe, two clocks after `ready`: that u is the largest or smallest of its format.
    """

    costs: data.View
    tag_i: Any
    tag: Any
    noise: fixed.Value
    draw: Signal
    eta_shift: Signal
    clear: Signal
    prepare: Signal
    init_u: fixed.Value
    C: fixed.Value
    C0: fixed.Value
    C_tilde: fixed.Value
    u: fixed.Value
    u_next: fixed.Value
    moves: Signal
    ready: Signal
    saturated: Signal

    def __init__(self, spec: ChangeSpec) -> None:
        self.spec = spec
        fraction = spec.cost_fraction_bits
        cost = fixed.UQ(spec.cost_width - fraction, fraction)
        self.held = fixed.SQ(spec.held_width - fraction, fraction) if spec.noise else cost
        fine = fraction + spec.guard
        noise = shapes.draw(spec.noise, fraction) if spec.noise else fixed.SQ(1, 0)
        super().__init__(
            {
                "costs": In(data.ArrayLayout(cost, spec.rails)),
                "tag_i": In(Tag),
                "tag": Out(Tag),
                "noise": In(noise),
                "draw": Out(1),
                "eta_shift": In(ETA_SHIFT_BITS),
                "clear": In(1),
                "prepare": In(1),
                "init_u": In(fixed.of(spec.bus)),
                "C": Out(self.held),
                "C0": Out(self.held),
                "C_tilde": Out(fixed.SQ(spec.tilde_width - fine, fine)),
                "u": Out(fixed.of(spec.bus)),
                "u_next": Out(fixed.of(spec.bus)),
                "moves": Out(1),
                "ready": Out(1),
                "saturated": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the pipeline."""
        m: Any = Module()
        spec = self.spec
        tag = delay(m, self.tag_i, Tag, spec.register_latency, "tag_of_C")
        m.d.comb += self.tag.eq(tag)
        C, C0 = fixed.signal(self.held), fixed.signal(self.held)
        C_tilde = fixed.signal(self.C_tilde.shape())
        m.d.comb += self.draw.eq(self.tag_i.perturb)
        with m.If(self.tag_i.valid):
            m.d.sync += C.eq(self._noisy(m, self.costs[spec.rails - 1]))
        changes = Signal()
        m.d.comb += changes.eq(tag.changes)
        if spec.analog:
            self._high_pass(m, changes, tag.first, C, C0, C_tilde)
        else:
            self._sample_and_hold(m, changes, tag.hold, C, C0, C_tilde)

        m.d.comb += self.ready.eq(delay(m, changes, 1, 2, "changed"))
        rounded = saturating.nearest(m, self._scaled(C_tilde), self.eta_shift, self.u.shape())
        u = fixed.signal(self.u.shape())
        m.d.comb += [
            self.moves.eq(self.prepare | self.ready),
            self.u_next.eq(fixed.mux(self.prepare, self.init_u, rounded)),
        ]
        with m.If(self.moves):
            m.d.sync += u.eq(self.u_next)
        came, bits = Signal(), u.as_value()
        m.d.sync += [
            came.eq(self.ready),
            self.saturated.eq(came & Mux(bits[-1], ~bits[:-1].any(), bits[:-1].all())),
        ]
        m.d.comb += [self.C.eq(C), self.C0.eq(C0), self.C_tilde.eq(C_tilde), self.u.eq(u)]
        return m

    def _noisy(self, m: Any, cost: fixed.Value) -> fixed.Value:
        """Add noise to a perturbed cost."""
        if not self.spec.noise:
            return cost
        noise = fixed.mux(self.draw, self.noise, fixed.constant(self.noise.shape(), 0))
        return fixed.named(m, cost + noise, "noisy").saturate(self.held)

    def _sample_and_hold(
        self, m: Any, changes: Any, hold: Any, C: Any, C0: Any, C_tilde: Any
    ) -> None:
        """C0 ← C of an evaluation that is held; C̃ = C - C0 of one that is not."""
        if self.spec.rails == 2:
            with m.If(self.tag_i.valid):
                m.d.sync += C0.eq(self.costs[0])
        with m.If(hold):
            m.d.sync += C0.eq(C)
        with m.If(changes):
            m.d.sync += C_tilde.eq(C - C0)

    def _high_pass(self, m: Any, changes: Any, first: Any, C: Any, C0: Any, C_tilde: Any) -> None:
        """C̃ ← (C̃ + C - C0)·(1 - 1/τ_hp), rounded to zero; C0 ← C, before if the sample is new."""
        step = fixed.mux(first, fixed.constant(self.held, 0), C - C0)
        total = fixed.named(m, C_tilde + step, "total")
        leaked = total.scaled(-self.spec.guard).reshape(C_tilde.shape().f_bits, Rounding.AWAY)
        kept = fixed.named(m, total - leaked, "kept")
        with m.If(changes):
            m.d.sync += [C0.eq(C), C_tilde.eq(kept.saturate(C_tilde.shape()))]
        with m.If(self.clear):
            m.d.sync += C_tilde.eq(fixed.constant(C_tilde.shape(), 0))

    def _scaled(self, C_tilde: fixed.Value) -> fixed.Value:
        """C̃ · 2**MAX_LEFT_SHIFT, exactly, in LSBs of θ."""
        f_bits = self.spec.bus.fraction_bits - MAX_LEFT_SHIFT + self.spec.guard
        return fixed.Value(fixed.Shape(C_tilde.as_value().shape(), f_bits), C_tilde.as_value())
