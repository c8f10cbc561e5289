"""A neuron: its synapse cells, the multiply-accumulate tree, the activation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import fixed, layouts, tree
from hdl.activation import ActivationUnit
from hdl.defects import DefectiveActivation
from hdl.delay import delay
from hdl.product import product
from hdl.synapse import SynapseCell
from spec.config import Config
from spec.numbers import bits_for


class Neuron(wiring.Component):
    """a = f(Σ w·x + w_bias), with one cell for each input and one, the last, for the bias.

    Latency: see `latency`. Throughput: one evaluation a clock.

    Parameters
    ----------
    config : Config
    layer : int
        0 is the first layer of neurons.
    neuron : int
        Which of the layer.

    Members
    -------
    bus, perturbed, opposite, chain_i, chain_o
        As those of `SynapseCell`; the chain runs through all cells in order.
    correlate : In(inputs + 1)
        A bit for each cell, with an overlapped schedule only.
    noise_i, noise_o, defects_i, defects_o
        The same for noise and for the draws of `DefectiveActivation`, where there are any.
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
    correlate: Signal
    noise_i: fixed.Value
    noise_o: fixed.Value
    defects_i: fixed.Value
    defects_o: fixed.Value
    x: data.View
    a: fixed.Value
    cells: Sequence[data.View]

    def __init__(self, config: Config, layer: int, neuron: int = 0) -> None:
        self.config = config
        self.first = config.first_cell(layer, neuron)
        self.number = config.neuron_number(layer, neuron)
        self.layer = layer
        _, self.fan_in = config.layer_shapes[layer]
        self.x_shape = (
            layouts.activation(config, layer - 1) if layer else layouts.sample_input(config)
        )
        members = {
            "bus": In(layouts.bus(config)),
            "perturbed": In(1),
            "opposite": In(1),
            "chain_i": In(1),
            "chain_o": Out(1),
            "x": In(data.ArrayLayout(self.x_shape, self.fan_in - 1)),
            "a": Out(layouts.activation(config, layer)),
            "cells": Out(layouts.cells(config)).array(self.fan_in),
        }
        if config.update_delay:
            members["correlate"] = In(self.fan_in)
        if config.update_noise:
            noise = layouts.update_noise(config)
            members |= {"noise_i": In(noise), "noise_o": Out(noise)}
        if config.defects:
            self.activation = DefectiveActivation(config, layer, self._sum_shape())
            draw = self.activation.draw
            members |= {"defects_i": In(draw), "defects_o": Out(draw)}
        else:
            kind = config.activation_of(layer)
            self.activation = ActivationUnit(kind, self._sum_shape(), config)
        super().__init__(members)

    @property
    def latency(self) -> int:
        """Clocks from `x` and `perturbed` to `a`: weight, product, sum, activation."""
        return SynapseCell.latency + 1 + tree.latency(self.fan_in) + self.activation.latency

    def _product(self, weight: fixed.Value, x: Any) -> fixed.Value:
        return product(weight, x, self.config)

    def _product_shape(self) -> fixed.Shape:
        x = Signal(self.x_shape, name="x_for_weight")
        return self._product(fixed.signal(layouts.weight(self.config)), x).shape()

    def _sum_shape(self) -> fixed.Shape:
        """Product's shape, and the tree's growth."""
        product = self._product_shape()
        return fixed.SQ(product.i_bits + bits_for(self.fan_in), product.f_bits)

    def elaborate(self, platform: object) -> Module:
        """Build the neuron."""
        m = Module()
        config = self.config
        chain = self.chain_i
        noise = self.noise_i if config.update_noise else None
        cells: list[SynapseCell] = []
        for k in range(self.fan_in):
            bias = k == self.fan_in - 1
            number = self.number if config.node else self.first + k
            m.submodules[f"cell_{k}"] = cell = SynapseCell(
                config, number, None if bias else self.x_shape
            )
            if config.update_noise:
                m.d.comb += cell.noise_i.eq(noise)
                noise = cell.noise_o
            cells.append(cell)
            m.d.comb += [
                cell.bus.eq(self.bus),
                cell.perturbed.eq(self.perturbed),
                cell.opposite.eq(self.opposite),
                cell.chain_i.eq(chain),
                self.cells[k].eq(cell.state),
            ]
            if config.update_delay:
                m.d.comb += cell.correlate.eq(self.correlate[k])
            chain = cell.chain_o
        m.d.comb += self.chain_o.eq(chain)
        if config.update_noise:
            m.d.comb += self.noise_o.eq(noise)
        if config.node:
            self._share(m, cells)

        x = delay(m, self.x, self.x.shape(), SynapseCell.latency, "x")
        products = []
        for k, cell in enumerate(cells):
            bias = k == self.fan_in - 1
            value = cell.weight if bias else self._product(cell.weight, x[k])
            register = fixed.signal(value.shape(), f"product_{k}")
            m.d.sync += register.eq(value)
            products.append(register)

        m.submodules.activation = self.activation
        m.d.comb += [
            self.activation.z.eq(tree.adder_tree(m, products)),
            self.a.eq(self.activation.a),
        ]
        if isinstance(self.activation, DefectiveActivation):
            m.d.comb += [
                self.activation.fill.eq(self.bus.fill),
                self.activation.line_i.eq(self.defects_i),
                self.defects_o.eq(self.activation.line_o),
            ]
        return m

    def _share(self, m: Module, cells: list[SynapseCell]) -> None:
        """Node perturbation: u by the bias cell's perturbation, and the inputs it was made with."""
        held = Signal(self.x.shape())
        with m.If(self.perturbed):
            m.d.sync += held.eq(self.x)
        for k, cell in enumerate(cells[:-1]):
            m.d.comb += [cell.share_i.eq(cells[-1].share_o), cell.x.eq(held[k])]
