"""A neuron: its synapse cells, the multiply-accumulate tree, the activation."""

from __future__ import annotations

from collections.abc import Sequence

from amaranth.hdl import Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import fixed, layouts, tree
from hdl.activation import ActivationUnit
from hdl.delay import delay
from hdl.synapse import SynapseCell
from spec.config import Config
from spec.numbers import bits_for
from spec.tasks import Inputs


class Neuron(wiring.Component):
    """a = f(Σ w·x + w_bias), with one cell for each input and one, the last, for the bias.

    Latency: see `latency`. Throughput: one evaluation a clock.

    Parameters
    ----------
    config : Config
    layer : int
        0 is the first layer of neurons.
    first : int
        Number of its first cell in documented order.

    Members
    -------
    bus, perturbed, opposite, chain_i, chain_o
        As those of `SynapseCell`; the chain runs through all cells in order.
    x : In(array of inputs)
        One bit each for binary samples, activations otherwise.
    a : Out(layouts.activation)
    cells : array of Out(layouts.cells)
        For the probe only.

    Attributes
    ----------
    latency : int
        Clocks from `x` and `perturbed` to `a`.
    """

    bus: data.View
    perturbed: Signal
    opposite: Signal
    chain_i: Signal
    chain_o: Signal
    x: data.View
    a: fixed.Value
    cells: Sequence[data.View]

    def __init__(self, config: Config, layer: int, first: int = 0) -> None:
        self.config = config
        self.first = first
        self.layer = layer
        _, self.fan_in = config.layer_shapes[layer]
        self.x_shape = (
            layouts.activation(config, layer - 1) if layer else layouts.sample_input(config)
        )
        super().__init__(
            {
                "bus": In(layouts.bus(config)),
                "perturbed": In(1),
                "opposite": In(1),
                "chain_i": In(1),
                "chain_o": Out(1),
                "x": In(data.ArrayLayout(self.x_shape, self.fan_in - 1)),
                "a": Out(layouts.activation(config, layer)),
                "cells": Out(layouts.cells(config)).array(self.fan_in),
            }
        )
        self.activation = ActivationUnit(config.activation_of(layer), self._sum_shape(), config)

    @property
    def latency(self) -> int:
        """Clocks from `x` and `perturbed` to `a`: weight, product, sum, activation."""
        return SynapseCell.latency + 1 + tree.latency(self.fan_in) + self.activation.latency

    def _product(self, weight: fixed.Value, k: int) -> fixed.Value:
        """w·x; binary inputs need no multiplier."""
        x = self._x[k]
        if isinstance(x, fixed.Value):
            return weight * x
        if self.config.task.inputs is Inputs.BIPOLAR:
            return fixed.mux(x, weight, -weight)
        return fixed.mux(x, weight, fixed.constant(weight.shape(), 0))

    def _product_shape(self) -> fixed.Shape:
        self._x = Signal(data.ArrayLayout(self.x_shape, self.fan_in - 1), name="x_for_weight")
        return self._product(fixed.signal(layouts.weight(self.config)), 0).shape()

    def _sum_shape(self) -> fixed.Shape:
        """Product's shape, and the tree's growth."""
        product = self._product_shape()
        return fixed.SQ(product.i_bits + bits_for(self.fan_in), product.f_bits)

    def elaborate(self, platform: object) -> Module:
        """Build the neuron."""
        m = Module()
        chain = self.chain_i
        weights = []
        for k in range(self.fan_in):
            m.submodules[f"cell_{k}"] = cell = SynapseCell(self.config, self.first + k)
            m.d.comb += [
                cell.bus.eq(self.bus),
                cell.perturbed.eq(self.perturbed),
                cell.opposite.eq(self.opposite),
                cell.chain_i.eq(chain),
                self.cells[k].eq(cell.state),
            ]
            chain = cell.chain_o
            weights.append(cell.weight)
        m.d.comb += self.chain_o.eq(chain)

        self._x = delay(m, self.x, self.x.shape(), SynapseCell.latency, "x")
        products = []
        for k, weight in enumerate(weights):
            bias = k == self.fan_in - 1
            value = weight if bias else self._product(weight, k)
            product = fixed.signal(value.shape(), f"product_{k}")
            m.d.sync += product.eq(value)
            products.append(product)

        m.submodules.activation = self.activation
        m.d.comb += [
            self.activation.z.eq(tree.adder_tree(m, products)),
            self.a.eq(self.activation.a),
        ]
        return m
