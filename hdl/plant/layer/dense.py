"""A dense layer: neurons that all see the same inputs."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Array, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.number import fixed
from hdl.number.delay import delay
from hdl.plant.layer.neuron import Neuron
from spec.plant import LayerSpec


class Dense(wiring.Component):
    """a_k = f(Σ w_k·x + w_k,bias) for each neuron k.

    Latency: `spec.latency` clocks from `x` to `a`; the weights of an evaluation come
    `spec.wait` clocks after its x. Throughput: one evaluation a clock; where multipliers are
    shared, in as many clocks as weights share one, for which x must stay.

    Parameters
    ----------
    spec : LayerSpec

    Members
    -------
    begin : In(1)
        Whether an evaluation enters; only used where multipliers are shared.
    x : In(array of inputs)
    weights : In(array for each neuron of arrays)
    a : Out(array of activations)
    fill, line_i, line_o
        As those of `Neuron`, through all of them; only with defects.
    """

    begin: Signal
    x: data.View
    weights: data.View
    a: data.View
    fill: Signal
    line_i: fixed.Value
    line_o: fixed.Value

    def __init__(self, spec: LayerSpec) -> None:
        self.spec = spec
        weights = data.ArrayLayout(fixed.of(spec.weight), spec.cells)
        members = {
            "begin": In(1),
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

    def elaborate(self, platform: object) -> Module:
        """Build the neurons."""
        m: Any = Module()
        spec, x, first, last = self.spec, self.x, Signal(), Signal()
        if spec.shared:
            x = self._in_turns(m, first, last)
        x = delay(m, x, x.shape(), spec.wait, "x")
        line = self.line_i if spec.defects else None
        for k in range(spec.neurons):
            m.submodules[f"neuron_{k}"] = neuron = Neuron(spec)
            m.d.comb += [
                neuron.x.eq(x),
                neuron.weights.eq(self.weights[k]),
                neuron.first.eq(first),
                neuron.last.eq(last),
                self.a[k].eq(neuron.a),
            ]
            if spec.defects:
                m.d.comb += [neuron.fill.eq(self.fill), neuron.line_i.eq(line)]
                line = neuron.line_o
        if spec.defects:
            m.d.comb += self.line_o.eq(line)
        return m

    def _in_turns(self, m: Any, first: Signal, last: Signal) -> data.View:
        """Choose what each cell multiplies; the bias is the weight of a 1. The last comes first."""
        spec, count = self.spec, Signal(range(self.spec.reuse))
        shape = shapes.signal(spec.input)
        one: Any = 1
        if isinstance(shape, fixed.Shape):
            one = fixed.constant(shape, 1).as_value()
        inputs = [*(Value.cast(self.x[k]) for k in range(spec.fan_in - 1)), one]
        chosen: Any = Signal(data.ArrayLayout(shape, spec.cells), name="x_in_turns")
        for k, parameters in enumerate(spec.sharing):
            m.d.comb += Value.cast(chosen[k]).eq(
                Array(inputs[j] for j in reversed(parameters))[count]
            )
        end = count == spec.reuse - 1
        with m.If(self.begin | (count != 0)):
            m.d.sync += count.eq(Mux(end, 0, count + 1))
        m.d.sync += [first.eq(self.begin & (count == 0)), last.eq(end)]
        return chosen
