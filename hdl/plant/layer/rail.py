"""A rail: the way of an evaluation through a neuron."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import layouts
from hdl.number import fixed, tree
from hdl.number.delay import delay
from hdl.number.product import product
from hdl.plant.activation import ActivationUnit
from hdl.plant.defects import DefectiveActivation
from spec.config import Config
from spec.numbers import bits_for


class Rail(wiring.Component):
    """a = f(Σ w·x + w_bias).

    Latency: see `latency`. Throughput: one evaluation a clock; with reuse, in as many clocks.

    Parameters
    ----------
    config : Config
    layer : int
        0 is the first layer of neurons.

    Members
    -------
    x : In(array of inputs)
        One bit each for binary samples, activations otherwise. With reuse, one for each cell, in
        turns.
    weight : In(array of layouts.weight)
        One more, for the bias; with reuse, one for each cell, in turns, of which one is the bias.
    first, last : In(1)
        With reuse only: which turn it is. `a` changes after the last.
    a : Out(layouts.activation)
    fill, defects_i, defects_o
        As those of `DefectiveActivation`, where there are defects.

    Attributes
    ----------
    latency : int
        Clocks from `x` and `weight` to `a`; from those of the first turn.
    """

    x: data.View
    first: Signal
    last: Signal
    weight: data.View
    a: fixed.Value
    fill: Signal
    defects_i: fixed.Value
    defects_o: fixed.Value

    def __init__(self, config: Config, layer: int) -> None:
        self.config = config
        _, fan_in = config.layer_shapes[layer]
        self.shared = config.build.reuse > 1
        self.cells = len(config.sharing(layer))
        x = layouts.neuron_input(config, layer)
        weight = layouts.weight(config)
        members = {
            "x": In(data.ArrayLayout(x, self.cells - (not self.shared))),
            "weight": In(data.ArrayLayout(weight, self.cells)),
            "a": Out(layouts.activation(config, layer)),
        }
        if self.shared:
            members |= {"first": In(1), "last": In(1)}
        shape = product(fixed.signal(weight), Signal(x, name="x"), config).shape()
        # The product's shape, and the sum's growth.
        self.z = z = fixed.SQ(shape.i_bits + bits_for(fan_in), shape.f_bits)
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
        turns = self.config.build.reuse if self.shared else 0
        return 1 + tree.latency(self.cells) + turns + self.activation.latency

    def elaborate(self, platform: object) -> Module:
        """Build products, adder tree and activation."""
        m = Module()
        products = []
        for k in range(self.cells):
            bias, weight = not self.shared and k == self.cells - 1, self.weight[k]
            value = weight if bias else product(weight, self.x[k], self.config)
            register = fixed.signal(value.shape(), f"product_{k}")
            m.d.sync += register.eq(value)
            products.append(register)
        m.submodules.activation = self.activation
        total = tree.adder_tree(m, products)
        z = self._accumulated(m, total) if self.shared else total
        m.d.comb += [self.activation.z.eq(z), self.a.eq(self.activation.a)]
        if self.config.defects:
            m.d.comb += [
                self.activation.fill.eq(self.fill),
                self.activation.line_i.eq(self.defects_i),
                self.defects_o.eq(self.activation.line_o),
            ]
        return m

    def _accumulated(self, m: Module, total: fixed.Value) -> fixed.Value:
        """Add up what the turns give; the sum of all stays until that of the next evaluation."""
        late = 1 + tree.latency(self.cells)
        first = delay(m, self.first, 1, late, "first")
        last = delay(m, self.last, 1, late, "last")
        partial, z = fixed.signal(self.z, "partial"), fixed.signal(self.z, "z")
        following = total + fixed.mux(first, fixed.constant(self.z, 0), partial)
        m.d.sync += partial.as_value().eq(following.as_value())  # z holds the sum of all
        with m.If(last):
            m.d.sync += z.as_value().eq(following.as_value())
        return z
