"""The cost unit: cost, sample-and-hold or high-pass, change in cost, and the one rounding."""

from __future__ import annotations

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import layouts
from hdl.number import fixed, saturating
from hdl.number.delay import delay
from hdl.number.noise import shape_of
from hdl.plant.cost.mse import MeanSquaredError
from spec.config import ETA_SHIFT_BITS, MAX_LEFT_SHIFT, Config
from spec.cost import guard_bits, held_width, tilde_width
from spec.numbers import Rounding
from spec.phase import Kind


class CostUnit(wiring.Component):
    """C = Σ (y - t)²/outputs; C0 ← C of a baseline; C̃ = C - C0; u = sat(RNE(C̃ · η/Δθ)).

    Latency: `latency` clocks from y to C, then `bus_latency` from C to u. Throughput: one
    evaluation a clock.

    Parameters
    ----------
    config : Config

    Members
    -------
    y, y_perturbed : In(array of layouts.activation)
        With two rails, both evaluations come at once; else there is only y.
    t : In(array of layouts.target)
    kind : In(Kind)
        What the evaluation is for; NONE leaves everything as it is.
    eta_shift : In(4)
        u = RNE(C̃ · 2**(4 - eta_shift)) in raw integers.
    C, C0 : Out(unsigned; signed with noise)
        In LSBs of 2**-cost_bits. In the analog loop, C0 is the cost before C.
    C_tilde : Out(signed)
        In LSBs of 2**-(cost_bits + guard_bits).
    clear : In(1)
        Strobe: C̃ becomes zero; of the analog loop only.
    noise_i, draw : In, Out(1)
        Noise for a perturbed cost, and the strobe that it is used; only where there is some.
    prepare, init_u : In
        Strobe: u becomes `init_u`, of which the initial θ is made.
    u : Out(layouts.bus u)
    kind_o : Out(Kind)
        `kind`, beside C.

    Attributes
    ----------
    latency, bus_latency : int
    """

    bus_latency = 3

    y: data.View
    y_perturbed: data.View
    t: data.View
    kind: Signal
    eta_shift: Signal
    C: fixed.Value
    C0: fixed.Value
    C_tilde: fixed.Value
    prepare: Signal
    init_u: fixed.Value
    u: fixed.Value
    kind_o: Signal
    clear: Signal
    noise_i: fixed.Value
    draw: Signal

    def __init__(self, config: Config) -> None:
        self.config = config
        last = len(config.layer_shapes) - 1
        self.errors = [MeanSquaredError(config) for _ in range(config.build.rails)]
        fraction = config.formats.cost_bits
        self.cost_shape = self.errors[0].shape
        if config.cost_noise:
            self.cost_shape = fixed.SQ(held_width(config) - fraction, fraction)
        fine = fraction + guard_bits(config)
        self.tilde_shape = fixed.SQ(tilde_width(config) - fine, fine)
        y = data.ArrayLayout(layouts.activation(config, last), config.data.outputs)
        members = {
            "y": In(y),
            "t": In(data.ArrayLayout(layouts.target(config), config.data.outputs)),
            "kind": In(Kind),
            "eta_shift": In(ETA_SHIFT_BITS),
            "C": Out(self.cost_shape),
            "C0": Out(self.cost_shape),
            "C_tilde": Out(self.tilde_shape),
            "prepare": In(1),
            "init_u": In(fixed.of(config.bus)),
            "u": Out(fixed.of(config.bus)),
            "kind_o": Out(Kind),
        }
        if config.build.rails == 2:
            members["y_perturbed"] = In(y)
        if config.analog:
            members["clear"] = In(1)
        if config.cost_noise:
            members |= {"noise_i": In(shape_of(config.cost_noise, fraction)), "draw": Out(1)}
        super().__init__(members)

    @property
    def latency(self) -> int:
        """Clocks from `y` to `C`: error, square, sum, mean."""
        return self.errors[0].latency + 1

    def elaborate(self, platform: object) -> Module:
        """Build the pipeline."""
        m = Module()
        early = delay(m, self.kind, Kind, self.latency - 1, "kind")
        kind = delay(m, early, Kind, 1, "kind_of_C")
        m.d.comb += self.kind_o.eq(kind)

        for k, (error, y) in enumerate(zip(self.errors, self._outputs(), strict=True)):
            m.submodules[f"error_{k}"] = error
            m.d.comb += [error.y.eq(y), error.t.eq(self.t)]
        C = fixed.signal(self.cost_shape)
        C0 = fixed.signal(self.cost_shape)
        with m.If(early != Kind.NONE):
            m.d.sync += C.eq(self._noisy(m, self.errors[-1].cost, early))
        C_tilde = fixed.signal(self.tilde_shape)
        if self.config.analog:
            last = layouts.perturbed(kind, self.config)
            self._high_pass(m, kind, C, C0, C_tilde)
        else:
            last = kind == Kind.PERTURBED
            if self.config.build.rails == 2:
                with m.If(early != Kind.NONE):
                    m.d.sync += C0.eq(self.errors[0].cost)
            with m.If((kind == Kind.BASELINE) | (kind == Kind.OPPOSITE)):
                m.d.sync += C0.eq(C)
            with m.If(last):
                m.d.sync += C_tilde.eq(C - C0)
        perturbed = delay(m, last, 1, 2, "perturbed")

        scaled = self._shift(C_tilde)
        shifted = fixed.signal(scaled.shape())
        m.d.sync += shifted.eq(scaled)
        u = fixed.signal(self.u.shape())
        with m.If(self.prepare):
            m.d.sync += u.eq(self.init_u)
        with m.Elif(perturbed):
            m.d.sync += u.eq(saturating.nearest(m, shifted, u.shape()))
        m.d.comb += [self.C.eq(C), self.C0.eq(C0), self.C_tilde.eq(C_tilde), self.u.eq(u)]
        return m

    def _outputs(self) -> tuple[data.View, ...]:
        """What each rail puts out, that of the perturbed one last."""
        return (self.y, self.y_perturbed) if self.config.build.rails == 2 else (self.y,)

    def _noisy(self, m: Module, mean: fixed.Value, kind: Value) -> fixed.Value:
        """Add noise to the cost of a perturbed evaluation, and let it be followed by another."""
        if not self.config.cost_noise:
            return mean
        m.d.comb += self.draw.eq(layouts.perturbed(kind, self.config))
        noise = fixed.mux(self.draw, self.noise_i, fixed.constant(self.noise_i.shape(), 0))
        return fixed.named(m, mean + noise, "noisy").saturate(self.cost_shape)

    def _high_pass(
        self, m: Module, kind: Value, C: fixed.Value, C0: fixed.Value, C_tilde: fixed.Value
    ) -> None:
        """C̃ ← (C̃ + C - C0)·(1 - 1/τ_hp), rounded to zero; C0 ← C, before if the sample is new."""
        step = fixed.mux(kind == Kind.FIRST, fixed.constant(self.cost_shape, 0), C - C0)
        total = fixed.named(m, C_tilde + step, "total")
        leaked = total.scaled(-guard_bits(self.config))
        kept = fixed.named(m, total - leaked.reshape(C_tilde.shape().f_bits, Rounding.AWAY), "kept")
        with m.If(layouts.perturbed(kind, self.config)):
            m.d.sync += [C0.eq(C), C_tilde.eq(kept.saturate(C_tilde.shape()))]
        with m.If(self.clear):
            m.d.sync += C_tilde.eq(fixed.constant(C_tilde.shape(), 0))

    def _shift(self, C_tilde: fixed.Value) -> fixed.Value:
        """C̃ · 2**(MAX_LEFT_SHIFT - eta_shift), exactly, in LSBs of θ."""
        room = (1 << ETA_SHIFT_BITS) - 1
        wide = C_tilde.as_value().as_signed().shift_left(room)
        f_bits = self.config.theta.fraction_bits + room - MAX_LEFT_SHIFT + guard_bits(self.config)
        return fixed.Value(fixed.Shape(wide.shape(), f_bits), wide >> self.eta_shift)
