"""A neuron: products, adder tree, activation."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.number import fixed, tree
from hdl.number.delay import delay
from hdl.number.multiplier import multiply
from hdl.number.product import product
from hdl.plant.activation import ActivationUnit
from hdl.plant.defects import DefectiveActivation
from spec.numbers import bits_for
from spec.plant import LayerSpec

FEW = 4
"""Signs that one LUT counts."""


class Neuron(wiring.Component):
    """a = f(Σ w·x + w_bias).

    Latency: `spec.neuron_latency` clocks from `x` and `weights` to `a`. Throughput: one evaluation
    a clock.

    Parameters
    ----------
    spec : LayerSpec

    Members
    -------
    x : In(array of inputs)
        Without the bias's.
    weights : In(array of weights)
        The last for the bias.
    a : Out(activation)
    fill, line_i, line_o
        As those of `DefectiveActivation`; only with defects.
    """

    x: data.View
    weights: data.View
    a: fixed.Value
    fill: Signal
    line_i: fixed.Value
    line_o: fixed.Value

    def __init__(self, spec: LayerSpec) -> None:
        self.spec = spec
        x, weight = shapes.signal(spec.input), fixed.of(spec.weight)
        members = {
            "x": In(data.ArrayLayout(x, spec.fan_in - 1)),
            "weights": In(data.ArrayLayout(weight, spec.fan_in)),
            "a": Out(shapes.number(spec.output)),
        }
        shape = product(fixed.signal(weight), Signal(x, name="x"), spec.input).shape()
        # The product's shape, and the sum's growth.
        self.z = z = fixed.SQ(shape.i_bits + bits_for(spec.fan_in), shape.f_bits)
        self.activation: Any
        self.activation = (
            DefectiveActivation(spec, z) if spec.defects else ActivationUnit(spec.activation, z)
        )
        if spec.defects:
            draw = shapes.defect(spec)
            members |= {"fill": In(1), "line_i": In(draw), "line_o": Out(draw)}
        super().__init__(members)

    @property
    def latency(self) -> int:
        """Clocks from `x` and `weights` to `a`: product, sum, activation."""
        return self.spec.neuron_latency

    def elaborate(self, platform: object) -> Module:
        """Build products, adder tree and activation."""
        m: Any = Module()
        spec = self.spec
        products = [self._product(m, k) for k in range(spec.fan_in)]
        m.submodules.activation = self.activation
        total = tree.adder_tree(m, products, spec.levels, at_once=spec.at_once)
        m.d.comb += [self.activation.z.eq(self._narrow(total)), self.a.eq(self.activation.a)]
        if spec.defects:
            m.d.comb += [
                self.activation.fill.eq(self.fill),
                self.activation.line_i.eq(self.line_i),
                self.line_o.eq(self.activation.line_o),
            ]
        return m

    def _narrow(self, total: fixed.Value) -> fixed.Value:
        """Return the sum in the bits that the products' exact sum needs: it has no more."""
        raw, width = total.as_value(), len(Value.cast(self.activation.z))
        return fixed.Value(self.z, raw[:width].as_signed()) if len(raw) > width else total

    def _product(self, m: Any, k: int) -> fixed.Value:
        """Return what the tree adds for an input or the bias, `product_latency` clocks later.

        Of a few signs, -w is ~w + 1, and the bias takes all those ones: no product has a carry.
        """
        spec, weight, name = self.spec, self.weights[k], f"product_{k}"
        bias = k == spec.fan_in - 1
        if not spec.input.binary:
            if bias:
                return delay(m, weight, weight.shape(), spec.product_latency, name)
            return multiply(m, weight, self.x[k], spec.multipliers, name)
        signs = spec.input.low < 0 and len(self.x) <= FEW
        if bias:
            value = weight
            if signs:
                ones = fixed.signal(fixed.span(0, len(self.x), weight.shape().f_bits), "ones")
                m.d.comb += ones.as_value().eq(sum(Value.cast(x) == 0 for x in self.x))
                value += ones
        elif signs:
            minus = Signal(len(weight.as_value()), name=f"minus_{k}")
            m.d.comb += minus.eq(~Value.cast(self.x[k].replicate(len(minus))))
            raw = weight.as_value() ^ minus
            value = fixed.Value(weight.shape(), raw.as_signed())
        else:
            value = product(weight, self.x[k], spec.input)
        register = fixed.signal(value.shape(), name)
        m.d.sync += register.eq(value)
        return register
