"""A trained network alone: its weights are constants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Cat, Const, Module, Shape, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.number.delay import delay
from hdl.plant.layer.dense import Dense
from spec.plant import NetworkSpec


class Inference(wiring.Component):
    """y = f(x; w), for constant w: nothing of it learns.

    Latency: `spec.latency` clocks from `x…` and `valid_i` to `y…` and `valid_o`. Throughput: a
    sample a clock.

    Parameters
    ----------
    spec : NetworkSpec
        Without defects.
    weights : sequence of int
        In LSBs of the layers' `weight`, in documented order.

    Members
    -------
    valid_i, valid_o : In(1), Out(1)
        Whether a sample enters; whether its outputs are there.
    x0, x1, … : In
        A bit, or in LSBs of 2**-fraction_bits, as `spec.input` says.
    y0, y1, … : Out
        In LSBs of 2**-fraction_bits of `spec.output`.
    """

    valid_i: Signal
    valid_o: Signal

    def __init__(self, spec: NetworkSpec, weights: Sequence[int]) -> None:
        self.spec = spec
        self.weights = weights
        x = Shape.cast(shapes.signal(spec.input))
        y = Shape.cast(shapes.number(spec.output))
        members = {"valid_i": In(1)} | {f"x{k}": In(x) for k in range(spec.inputs)}
        members |= {"valid_o": Out(1)} | {f"y{k}": Out(y) for k in range(spec.outputs)}
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Connect the layers."""
        m: Any = Module()
        a: Value = Cat(getattr(self, f"x{k}") for k in range(self.spec.inputs))
        for index, (spec, part) in enumerate(zip(self.spec.layers, self.spec.parts, strict=True)):
            m.submodules[f"layer_{index}"] = layer = Dense(spec)
            weights = Cat(Const(w, spec.weight.bits) for w in self.weights[part])
            m.d.comb += [Value.cast(layer.x).eq(a), Value.cast(layer.weights).eq(weights)]
            a = Value.cast(layer.a)
        y = Cat(getattr(self, f"y{k}") for k in range(self.spec.outputs))
        m.d.comb += [
            y.eq(a),
            self.valid_o.eq(delay(m, self.valid_i, 1, self.spec.latency, "valid")),
        ]
        return m
