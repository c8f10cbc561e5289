"""The cost unit: cost, sample-and-hold, change in cost, and the one rounding."""

from __future__ import annotations

from amaranth.hdl import Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import fixed, layouts, tree
from hdl.delay import delay
from spec.config import ETA_SHIFT_BITS, MAX_LEFT_SHIFT, Config
from spec.numbers import Rounding
from spec.phase import Kind
from spec.registers import cost_width


class CostUnit(wiring.Component):
    """C = Σ (y - t)²/outputs; C0 ← C of a baseline; C̃ = C - C0; u = sat(RNE(C̃ · η/Δθ)).

    Latency: `latency` clocks from y to C, then `bus_latency` from C to u. Throughput: one
    evaluation a clock.

    Parameters
    ----------
    config : Config

    Members
    -------
    y : In(array of layouts.activation)
    t : In(array of layouts.target)
    kind : In(Kind)
        What the evaluation is for; NONE leaves everything as it is.
    eta_shift : In(4)
        u = RNE(C̃ · 2**(4 - eta_shift)) in raw integers.
    C, C0 : Out(unsigned)
        In LSBs of 2**-cost_bits.
    C_tilde : Out(signed)
        In LSBs of 2**-cost_bits.
    u : Out(layouts.bus u)
    kind_o : Out(Kind)
        `kind`, beside C.

    Attributes
    ----------
    latency, bus_latency : int
    """

    bus_latency = 3

    y: data.View
    t: data.View
    kind: Signal
    eta_shift: Signal
    C: fixed.Value
    C0: fixed.Value
    C_tilde: fixed.Value
    u: fixed.Value
    kind_o: Signal

    def __init__(self, config: Config) -> None:
        self.config = config
        last = len(config.layer_shapes) - 1
        self.outputs = config.data.outputs
        fraction = config.formats.cost_bits
        self.cost_shape = fixed.UQ(cost_width(config) - fraction, fraction)
        self.tilde_shape = fixed.SQ(cost_width(config) + 1 - fraction, fraction)
        super().__init__(
            {
                "y": In(data.ArrayLayout(layouts.activation(config, last), self.outputs)),
                "t": In(data.ArrayLayout(layouts.target(config), self.outputs)),
                "kind": In(Kind),
                "eta_shift": In(ETA_SHIFT_BITS),
                "C": Out(self.cost_shape),
                "C0": Out(self.cost_shape),
                "C_tilde": Out(self.tilde_shape),
                "u": Out(fixed.of(config.bus)),
                "kind_o": Out(Kind),
            }
        )

    @property
    def latency(self) -> int:
        """Clocks from `y` to `C`: error, square, sum, mean."""
        return 3 + tree.latency(self.outputs)

    def elaborate(self, platform: object) -> Module:
        """Build the pipeline."""
        m = Module()
        early = delay(m, self.kind, Kind, self.latency - 1, "kind")
        kind = delay(m, early, Kind, 1, "kind_of_C")
        m.d.comb += self.kind_o.eq(kind)

        squares = []
        for k in range(self.outputs):
            difference = self.y[k] - self.t[k]
            error = fixed.signal(difference.shape(), f"error_{k}")
            square = fixed.signal((error * error).shape(), f"square_{k}")
            m.d.sync += [error.eq(difference), square.eq(error * error)]
            squares.append(square)
        total = tree.adder_tree(m, squares)

        C = fixed.signal(self.cost_shape)
        C0 = fixed.signal(self.cost_shape)
        mean = self._mean(total.reshape(self.config.formats.cost_bits, Rounding.TRUNCATE))
        with m.If(early != Kind.NONE):
            m.d.sync += C.eq(mean)
        with m.If((kind == Kind.BASELINE) | (kind == Kind.OPPOSITE)):
            m.d.sync += C0.eq(C)

        C_tilde = fixed.signal(self.tilde_shape)
        with m.If(kind == Kind.PERTURBED):
            m.d.sync += C_tilde.eq(C - C0)
        perturbed = delay(m, kind == Kind.PERTURBED, 1, 2, "perturbed")

        scaled = self._shift(C_tilde)
        shifted = fixed.signal(scaled.shape())
        m.d.sync += shifted.eq(scaled)
        u = fixed.signal(self.u.shape())
        with m.If(perturbed):
            rounded = shifted.reshape(u.shape().f_bits, Rounding.NEAREST_EVEN)
            m.d.sync += u.eq(rounded.saturate(u.shape()))
        m.d.comb += [self.C.eq(C), self.C0.eq(C0), self.C_tilde.eq(C_tilde), self.u.eq(u)]
        return m

    def _mean(self, total: fixed.Value) -> fixed.Value:
        """Divide by the number of outputs, towards zero, by an exact reciprocal.

        ⌊x/n⌋ = ⌊x·m / 2**s⌋ for all x below 2**w with s = w + bits of n and m = ⌈2**s / n⌉, as
        then x·(m·n - 2**s) < 2**s.
        """
        raw = total.as_value().as_unsigned()
        if self.outputs & (self.outputs - 1) == 0:
            quotient = raw >> (self.outputs.bit_length() - 1)
        else:
            exponent = len(raw) + self.outputs.bit_length()
            quotient = raw * -(-(1 << exponent) // self.outputs) >> exponent
        width = self.cost_shape.storage.width
        return fixed.Value(self.cost_shape, quotient[:width])

    def _shift(self, C_tilde: fixed.Value) -> fixed.Value:
        """C̃ · 2**(MAX_LEFT_SHIFT - eta_shift), exactly, in LSBs of θ."""
        room = (1 << ETA_SHIFT_BITS) - 1
        wide = C_tilde.as_value().as_signed().shift_left(room)
        f_bits = self.config.theta.fraction_bits + room - MAX_LEFT_SHIFT
        return fixed.Value(fixed.Shape(wide.shape(), f_bits), wide >> self.eta_shift)
