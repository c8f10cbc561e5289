"""A neuron: its synapse cells, the multiply-accumulate tree, the activation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Array, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import layouts
from hdl.number import fixed
from hdl.number.delay import delay
from hdl.number.noise import shape_of
from hdl.optimizer.synapse import SynapseCell
from hdl.plant.layer.rail import Rail
from spec.config import DEFECT_FRACTION, Config


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
    turn, first, last, count : In
        As those of `Turns`, with reuse only.
    noise_i, noise_o, defects_i, defects_o
        The same for noise and for the draws of `DefectiveActivation`, where there are any.
    x, x_perturbed : In(array of inputs)
        One bit each for binary samples, activations otherwise. With two rails, an unperturbed and a
        perturbed evaluation come at once; else there is only x, for both.
    a, a_perturbed : Out(layouts.activation)
    cells : array of Out(layouts.cells)
        For the probe only.

    Attributes
    ----------
    latency : int
        Clocks from `x` and `perturbed` to `a`; with reuse, from those of the first turn.
    """

    bus: data.View
    perturbed: Signal
    opposite: Signal
    chain_i: Signal
    chain_o: Signal
    correlate: Signal
    turn: Signal
    first: Signal
    last: Signal
    count: Signal
    noise_i: fixed.Value
    noise_o: fixed.Value
    defects_i: fixed.Value
    defects_o: fixed.Value
    x: data.View
    x_perturbed: data.View
    a: fixed.Value
    a_perturbed: fixed.Value
    cells: Sequence[data.View]

    def __init__(self, config: Config, layer: int, neuron: int = 0) -> None:
        self.config = config
        self.first_cell = config.first_cell(layer, neuron)
        self.sharing = config.sharing(layer)
        self.number = config.neuron_number(layer, neuron)
        self.layer = layer
        _, self.fan_in = config.layer_shapes[layer]
        self.x_shape = layouts.neuron_input(config, layer)
        self.rails = [Rail(config, layer) for _ in range(config.build.rails)]
        x, a = data.ArrayLayout(self.x_shape, self.fan_in - 1), layouts.activation(config, layer)
        members = {
            "bus": In(layouts.bus(config)),
            "perturbed": In(1),
            "opposite": In(1),
            "chain_i": In(1),
            "chain_o": Out(1),
            "x": In(x),
            "a": Out(a),
            "cells": Out(layouts.cells(config)).array(self.fan_in),
        }
        if config.build.reuse > 1:
            members |= dict.fromkeys(("turn", "first", "last"), In(1))
            members["count"] = In(range(config.build.reuse))
        if config.update_delay:
            members["correlate"] = In(self.fan_in)
        if config.update_noise:
            noise = layouts.update_noise(config)
            members |= {"noise_i": In(noise), "noise_o": Out(noise)}
        if config.build.rails == 2:
            members |= {"x_perturbed": In(x), "a_perturbed": Out(a)}
        if config.defects:
            draw = shape_of(config.defects, DEFECT_FRACTION)
            members |= {"defects_i": In(draw), "defects_o": Out(draw)}
        super().__init__(members)

    @property
    def latency(self) -> int:
        """Clocks from `x` and `perturbed` to `a`: weight, product, sum, activation."""
        return SynapseCell.latency + self.rails[0].latency

    def elaborate(self, platform: object) -> Module:
        """Build the neuron."""
        m = Module()
        config = self.config
        chain = self.chain_i
        noise = self.noise_i if config.update_noise else None
        cells: list[SynapseCell] = []
        for k, parameters in enumerate(self.sharing):
            bias = self.fan_in - 1 in parameters
            number = self.number if config.node else self.first_cell + k
            m.submodules[f"cell_{k}"] = cell = SynapseCell(
                config, number, None if bias else self.x_shape, len(parameters)
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
                *(self.cells[j].eq(cell.state[k]) for k, j in enumerate(parameters)),
            ]
            if config.build.reuse > 1:
                own = self.count < len(parameters)
                m.d.comb += [
                    cell.turn.eq(self.turn & own),
                    cell.place.eq(Mux(own, self.count, 0)),
                ]
            if config.update_delay:
                m.d.comb += cell.correlate.eq(self.correlate[k])
            chain = cell.chain_o
        m.d.comb += self.chain_o.eq(chain)
        if config.update_noise:
            m.d.comb += self.noise_o.eq(noise)
        if config.node:
            self._share(m, cells)

        self._rail(m, self.rails[0], self.x, [cell.weight for cell in cells], self.a)
        if config.build.rails == 2:
            weights = [cell.weight_perturbed for cell in cells]
            self._rail(m, self.rails[1], self.x_perturbed, weights, self.a_perturbed)
        return m

    def _rail(
        self, m: Module, rail: Rail, x: data.View, weights: list[fixed.Value], a: fixed.Value
    ) -> None:
        """Connect a rail; every one has the defects of the neuron."""
        name = "perturbed" if a is not self.a else "rail"
        m.submodules[name] = rail
        x = self._in_turns(m, x) if self.config.build.reuse > 1 else x
        late = delay(m, x, x.shape(), SynapseCell.latency, f"x_of_{name}")
        m.d.comb += [rail.x.eq(late), a.eq(rail.a)]
        m.d.comb += [rail.weight[k].eq(weight) for k, weight in enumerate(weights)]
        if self.config.defects:
            m.d.comb += [rail.fill.eq(self.bus.fill), rail.defects_i.eq(self.defects_i)]
            if a is self.a:
                m.d.comb += self.defects_o.eq(rail.defects_o)

    def _in_turns(self, m: Module, x: data.View) -> data.View:
        """Choose what each cell multiplies; the bias is the weight of a 1. The last comes first."""
        one: Any = 1
        if isinstance(self.x_shape, fixed.Shape):
            one = fixed.constant(self.x_shape, 1).as_value()
        inputs = [*(Value.cast(x[k]) for k in range(self.fan_in - 1)), one]
        chosen = Signal(data.ArrayLayout(self.x_shape, len(self.sharing)), name="x_in_turns")
        for k, parameters in enumerate(self.sharing):
            m.d.comb += Value.cast(chosen[k]).eq(
                Array(inputs[j] for j in reversed(parameters))[self.count]
            )
        for rail in self.rails:
            m.d.sync += [rail.first.eq(self.first), rail.last.eq(self.last)]
        return chosen

    def _share(self, m: Module, cells: list[SynapseCell]) -> None:
        """Node perturbation: u by the bias cell's perturbation, and the inputs it was made with."""
        held = Signal(self.x.shape())
        with m.If(self.perturbed):
            m.d.sync += held.eq(self.x)
        for k, cell in enumerate(cells[:-1]):
            m.d.comb += [cell.share_i.eq(cells[-1].share_o), cell.x.eq(held[k])]
