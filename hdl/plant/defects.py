"""An imperfect neuron's activation: scales and offsets on both sides."""

from __future__ import annotations

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.number import fixed
from hdl.plant.activation import ActivationUnit
from spec.noise import DEFECTS_A_NEURON
from spec.numbers import Rounding
from spec.plant import DEFECT_FRACTION, DEFECT_INTEGER, LayerSpec


class DefectiveActivation(wiring.Component):
    """a = L·f(k·(z - x0)) + y0, saturating; k and L are 1 plus a draw, x0 and y0 a draw.

    The draws come along a line through all neurons while the initial θ is made, and then stay.

    Latency: see `latency`. Throughput: one value a clock.

    Parameters
    ----------
    spec : LayerSpec
        With defects.
    z : fixed.Shape
        Shape of the sum; it is truncated to the LSB of `a`.

    Members
    -------
    z : In(z)
    a : Out(fixed.Shape)
    fill : In(1)
        Strobe: the line moves on by a place.
    line_i, line_o : In, Out
        A draw, into the first and out of the last of this neuron's places.
    """

    z: fixed.Value
    a: fixed.Value
    fill: Signal
    line_i: fixed.Value
    line_o: fixed.Value

    def __init__(self, spec: LayerSpec, z: fixed.Shape) -> None:
        self.spec = spec
        self.draw = shapes.defect(spec)
        number = fixed.SQ(DEFECT_INTEGER, DEFECT_FRACTION)
        self.fraction = spec.activation.fraction_bits
        sum_shape = fixed.SQ(z.i_bits, self.fraction)
        difference = fixed.signal(sum_shape) - fixed.signal(number)
        self.difference = difference.shape()
        self.scaled = (fixed.signal(number) * difference).shape()
        self.number = number
        self.activation = ActivationUnit(spec.activation, self.scaled)
        super().__init__(
            {
                "z": In(z),
                "a": Out(shapes.number(spec.output)),
                "fill": In(1),
                "line_i": In(self.draw),
                "line_o": Out(self.draw),
            }
        )

    @property
    def latency(self) -> int:
        """Clocks from `z` to `a`: - x0, ·k, the activation, ·L, + y0."""
        return self.spec.activation_latency

    def elaborate(self, platform: object) -> Module:
        """Build the line and the pipeline."""
        m = Module()
        places = [fixed.signal(self.draw, f"place_{k}") for k in range(DEFECTS_A_NEURON)]
        with m.If(self.fill):
            m.d.sync += [
                place.eq(before)
                for place, before in zip(places, [self.line_i, *places], strict=False)
            ]
        m.d.comb += self.line_o.eq(places[-1])
        one = fixed.constant(self.number, 1)
        k, L = (
            fixed.named(m, places[place] + one, name).saturate(self.number)
            for place, name in ((0, "k"), (2, "L"))
        )
        x0, y0 = (places[place].saturate(self.number) for place in (1, 3))

        difference = fixed.signal(self.difference)
        scaled = fixed.signal(self.scaled)
        z = self.z.reshape(self.fraction, Rounding.TRUNCATE)
        m.d.sync += [difference.eq(z - x0), scaled.eq(k * difference)]
        m.submodules.activation = self.activation
        product = L * self.activation.a
        bent = fixed.signal(product.shape())
        m.d.comb += self.activation.z.eq(scaled)
        m.d.sync += bent.eq(product)
        a = fixed.signal(self.a.shape())
        total = fixed.named(m, bent + y0, "total").reshape(self.fraction, Rounding.TRUNCATE)
        m.d.sync += a.eq(total.clamp(self.spec.output.low, self.spec.output.high, a.shape()))
        m.d.comb += self.a.eq(a)
        return m
