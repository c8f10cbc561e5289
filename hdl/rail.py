"""A rail: the way of an evaluation through a neuron."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import fixed, layouts, tree
from hdl.activation import ActivationUnit
from hdl.defects import DefectiveActivation
from hdl.product import product
from spec.config import Config
from spec.numbers import bits_for


class Rail(wiring.Component):
    """a = f(Σ w·x + w_bias).

    Latency: see `latency`. Throughput: one evaluation a clock.

    Parameters
    ----------
    config : Config
    layer : int
        0 is the first layer of neurons.

    Members
    -------
    x : In(array of inputs)
        One bit each for binary samples, activations otherwise.
    weight : In(array of layouts.weight)
        One more, for the bias.
    a : Out(layouts.activation)
    fill, defects_i, defects_o
        As those of `DefectiveActivation`, where there are defects.

    Attributes
    ----------
    latency : int
        Clocks from `x` and `weight` to `a`.
    """

    x: data.View
    weight: data.View
    a: fixed.Value
    fill: Signal
    defects_i: fixed.Value
    defects_o: fixed.Value

    def __init__(self, config: Config, layer: int) -> None:
        self.config = config
        _, self.fan_in = config.layer_shapes[layer]
        x = layouts.neuron_input(config, layer)
        weight = layouts.weight(config)
        members = {
            "x": In(data.ArrayLayout(x, self.fan_in - 1)),
            "weight": In(data.ArrayLayout(weight, self.fan_in)),
            "a": Out(layouts.activation(config, layer)),
        }
        shape = product(fixed.signal(weight), Signal(x, name="x"), config).shape()
        # The product's shape, and the tree's growth.
        z = fixed.SQ(shape.i_bits + bits_for(self.fan_in), shape.f_bits)
        self.activation: Any
        if config.defects:
            self.activation = DefectiveActivation(config, layer, z)
            draw = self.activation.draw
            members |= {"fill": In(1), "defects_i": In(draw), "defects_o": Out(draw)}
        else:
            self.activation = ActivationUnit(config.activation_of(layer), z, config)
        super().__init__(members)

    @property
    def latency(self) -> int:
        """Clocks from `x` and `weight` to `a`: product, sum, activation."""
        return 1 + tree.latency(self.fan_in) + self.activation.latency

    def elaborate(self, platform: object) -> Module:
        """Build products, adder tree and activation."""
        m = Module()
        products = []
        for k in range(self.fan_in):
            bias, weight = k == self.fan_in - 1, self.weight[k]
            value = weight if bias else product(weight, self.x[k], self.config)
            register = fixed.signal(value.shape(), f"product_{k}")
            m.d.sync += register.eq(value)
            products.append(register)
        m.submodules.activation = self.activation
        m.d.comb += [
            self.activation.z.eq(tree.adder_tree(m, products)),
            self.a.eq(self.activation.a),
        ]
        if self.config.defects:
            m.d.comb += [
                self.activation.fill.eq(self.fill),
                self.activation.line_i.eq(self.defects_i),
                self.defects_o.eq(self.activation.line_o),
            ]
        return m
