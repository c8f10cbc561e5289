"""The network: layer after layer, and the tag that travels with an evaluation."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.number import fixed
from hdl.number.delay import delay
from hdl.optimizer.bus import Tag
from hdl.plant.layer.dense import Dense
from spec.plant import NetworkSpec


class Network(wiring.Component):
    """y = f(x; w), a pipeline that takes an evaluation a clock.

    Latency: `spec.latency` clocks from `x` and `tag` to `y` and `tag_o`. The weights of a layer
    come `WEIGHT_LATENCY` clocks after its `spec.offsets`. Throughput: one evaluation a clock.

    Parameters
    ----------
    spec : NetworkSpec

    Members
    -------
    tag, tag_o : In(Tag), Out(Tag)
    x : In(array of inputs)
    weights : In(struct of arrays)
        Of each neuron, in documented order.
    y : Out(array of activations)
    inputs : Out(struct of arrays)
        What each layer sees, when an evaluation reaches it.
    fill, defects : In
        As those of `DefectiveActivation`, through all neurons; only with defects.
    """

    tag: Any
    tag_o: Any
    x: data.View
    weights: data.View
    y: data.View
    inputs: data.View
    fill: Signal
    defects: fixed.Value

    def __init__(self, spec: NetworkSpec) -> None:
        self.spec = spec
        self.layers = [Dense(layer) for layer in spec.layers]
        weights, inputs = {}, {}
        for index, layer in enumerate(spec.layers):
            row = data.ArrayLayout(fixed.of(layer.weight), layer.fan_in)
            for _ in range(layer.neurons):
                weights[f"block_{len(weights)}"] = row
            inputs[f"group_{index}"] = self.layers[index].x.shape()
        members = {
            "tag": In(Tag),
            "tag_o": Out(Tag),
            "x": In(self.layers[0].x.shape()),
            "weights": In(data.StructLayout(weights)),
            "y": Out(self.layers[-1].a.shape()),
            "inputs": Out(data.StructLayout(inputs)),
        }
        if spec.layers[0].defects:
            members |= {"fill": In(1), "defects": In(shapes.defect(spec.layers[0]))}
        super().__init__(members)

    @property
    def latency(self) -> int:
        """Clocks from `x` to `y`."""
        return self.spec.latency

    def elaborate(self, platform: object) -> Module:
        """Connect the layers."""
        m: Any = Module()
        x, tag, neuron = self.x, self.tag, 0
        line = self.defects if self.spec.layers[0].defects else None
        for index, layer in enumerate(self.layers):
            m.submodules[f"layer_{index}"] = layer
            m.d.comb += [self.inputs[f"group_{index}"].eq(x), layer.x.eq(x)]
            rows = [self.weights[f"block_{neuron + k}"] for k in range(layer.spec.neurons)]
            m.d.comb += Value.cast(layer.weights).eq(Cat(*rows))
            neuron += len(rows)
            if line is not None:
                m.d.comb += [layer.fill.eq(self.fill), layer.line_i.eq(line)]
                line = layer.line_o
            tag = delay(m, tag, Tag, layer.latency, f"tag_{index}")
            x = layer.a
        m.d.comb += [self.y.eq(x), self.tag_o.eq(tag)]
        return m
