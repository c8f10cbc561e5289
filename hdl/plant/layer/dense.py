"""A dense layer: neurons that all see the same inputs."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.number import fixed
from hdl.number.delay import copy, delay
from hdl.plant.layer.neuron import Neuron
from spec.plant import LayerSpec

MOST = 64
"""Bits of products that a register of x goes to: with more, some are far from it."""


class Dense(wiring.Component):
    """a_k = f(Σ w_k·x + w_k,bias) for each neuron k.

    Latency: `spec.latency` clocks from `x` to `a`; the weights of an evaluation come
    `spec.wait` clocks after its x. Throughput: one evaluation a clock.

    Parameters
    ----------
    spec : LayerSpec

    Members
    -------
    x : In(array of inputs)
    weights : In(array for each neuron of arrays)
    a : Out(array of activations)
    fill, line_i, line_o
        As those of `Neuron`, through all of them; only with defects.
    """

    x: data.View
    weights: data.View
    a: data.View
    fill: Signal
    line_i: fixed.Value
    line_o: fixed.Value

    def __init__(self, spec: LayerSpec) -> None:
        self.spec = spec
        weights = data.ArrayLayout(fixed.of(spec.weight), spec.fan_in)
        members = {
            "x": In(data.ArrayLayout(shapes.signal(spec.input), spec.fan_in - 1)),
            "weights": In(data.ArrayLayout(weights, spec.neurons)),
            "a": Out(data.ArrayLayout(shapes.number(spec.output), spec.neurons)),
        }
        if spec.defects:
            draw = shapes.defect(spec)
            members |= {"fill": In(1), "line_i": In(draw), "line_o": Out(draw)}
        super().__init__(members)

    @property
    def latency(self) -> int:
        """Clocks from `x` to `a`: weights, then a neuron."""
        return self.spec.latency

    @property
    def _apart(self) -> bool:
        """Whether each neuron has registers of its own for x, as those of all drive too much."""
        spec = self.spec
        return spec.wait == 1 and spec.input.binary and spec.neurons * spec.weight.bits > MOST

    def elaborate(self, platform: object) -> Module:
        """Build the neurons."""
        m: Any = Module()
        spec = self.spec
        x = delay(m, self.x, self.x.shape(), 0 if self._apart else spec.wait, "x")
        line = self.line_i if spec.defects else None
        for k in range(spec.neurons):
            m.submodules[f"neuron_{k}"] = neuron = Neuron(spec)
            m.d.comb += [
                neuron.x.eq(copy(m, x, x.shape(), f"x_of_{k}") if self._apart else x),
                neuron.weights.eq(self.weights[k]),
                self.a[k].eq(neuron.a),
            ]
            if spec.defects:
                m.d.comb += [neuron.fill.eq(self.fill), neuron.line_i.eq(line)]
                line = neuron.line_o
        if spec.defects:
            m.d.comb += self.line_o.eq(line)
        return m
