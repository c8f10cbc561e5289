"""The drain: sums leave the lanes, neuron by neuron, and become activations."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.folded.lane import change_shape, sum_shape
from hdl.number import fixed
from hdl.number.delay import delay
from hdl.plant.activation import ActivationUnit
from spec.folded import FoldedSpec
from spec.numbers import bits_for


def group_layout(spec: FoldedSpec) -> data.StructLayout:
    """Lay out what is known of a group: its layer, and whether it is the layer's last one."""
    return data.StructLayout({"layer": max(1, bits_for(len(spec.layers))), "last": 1})


class Drain(wiring.Component):
    """a = f(z) for each neuron of a group, one a clock, of both evaluations.

    Latency: `spec.DRAIN_LATENCY` clocks from `load` to the z of the first neuron, and
    `spec.activation_latency` more to its `a`. Throughput: a neuron a clock.

    Parameters
    ----------
    spec : FoldedSpec

    Members
    -------
    load : In(1)
        Strobe: `sums` and `change` of a group are complete.
    restart : In(1)
        Strobe, before the first group of a pass.
    group : In(group)
        Which one it is.
    sums, change : In(array of lanes)
        As those of `Lane`.
    plus : In(array of lanes)
        Signs of the neurons' perturbations; with node perturbation only.
    perturb : In(1)
        Whether the second evaluation is perturbed.
    valid, a, address : Out
        A neuron's activations, unperturbed and perturbed, and which input of all they are.
    of_output : Out(1)
        Whether it is a neuron of the last layer.
    layer_done, done : Out(1)
        Strobes, with the last neuron: of a layer; of all.
    """

    load: Signal
    restart: Signal
    group: Any
    sums: Any
    change: Any
    plus: Signal
    perturb: Signal
    valid: Signal
    a: data.View
    address: Signal
    of_output: Signal
    layer_done: Signal
    done: Signal

    def __init__(self, spec: FoldedSpec) -> None:
        self.spec = spec
        number = shapes.number(spec.x)
        members = {"load": In(1), "restart": In(1), "group": In(group_layout(spec))}
        sums = data.ArrayLayout(sum_shape(spec), 2)
        members |= {"sums": In(data.ArrayLayout(sums, spec.lanes)), "perturb": In(1)}
        if spec.node:
            members["plus"] = In(spec.lanes)
        else:
            members["change"] = In(data.ArrayLayout(change_shape(spec), spec.lanes))
        members |= {"valid": Out(1), "a": Out(data.ArrayLayout(number, 2))}
        members |= {"address": Out(max(1, bits_for(spec.stored_inputs)))}
        members |= dict.fromkeys(("of_output", "layer_done", "done"), Out(1))
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Build shift registers, both sums z, and activations."""
        m: Any = Module()
        spec = self.spec
        group: Any = Signal(group_layout(spec), name="leaving")
        left, leaving = Signal(range(spec.lanes)), Signal()
        neurons = Signal(range(spec.lanes))  # of the group, less one
        self._switch(m, self.group.layer, neurons, [layer.last_group - 1 for layer in spec.layers])
        with m.If(self.load):
            m.d.sync += [
                group.eq(self.group), leaving.eq(1),
                left.eq(Mux(self.group.last, neurons, spec.lanes - 1)),
            ]  # fmt: skip
        with m.Else():
            m.d.sync += [left.eq(left - 1), leaving.eq(leaving & (left != 0))]
        last = Signal()
        m.d.comb += last.eq(group.last & (left == 0))
        z = self._sums(m, group)
        tag = Signal(2 + len(group.layer), name="tag")
        m.d.comb += tag.eq(Cat(leaving, leaving & last, group.layer))
        tag = delay(m, tag, len(tag), 1, "tag")  # beside z
        kinds = delay(m, tag, len(tag), spec.activation_latency, "tag_of_a")
        layer = kinds[2:]
        place = Signal(len(self.address))  # of the next activation
        m.d.comb += [self.valid.eq(kinds[0]), self.layer_done.eq(kinds[1])]
        m.d.comb += [
            self.of_output.eq(layer == len(spec.layers) - 1),
            self.done.eq(self.layer_done & self.of_output),
            self.address.eq(place),
        ]
        with m.If(self.restart):
            m.d.sync += place.eq(spec.inputs if spec.stores_samples else 0)
        with m.Elif(self.valid):
            m.d.sync += place.eq(place + 1)
        for rail in range(2):
            m.d.comb += self.a[rail].eq(self._activated(m, z[rail], layer, rail))
        return m

    def _switch(self, m: Any, layer: Value, target: Signal, values: Sequence[int]) -> None:
        """Drive a constant of the layer."""
        with m.Switch(layer):
            for k, value in enumerate(values):
                with m.Case(k):
                    m.d.comb += target.eq(value)

    def _sums(self, m: Any, group: Any) -> list[fixed.Value]:
        """Return z of both evaluations of the neuron that leaves."""
        spec = self.spec
        z = []
        amplitude = fixed.constant(
            fixed.SQ(spec.amplitude + 2, -spec.amplitude), 2.0**spec.amplitude
        )
        columns = [
            self._column(m, [lane[rail] for lane in self.sums], f"sum_{rail}") for rail in (0, 1)
        ]
        second = columns[1]
        if spec.lane_multipliers == 1:
            shared = group.layer == 0
            second = fixed.named(m, fixed.mux(shared, columns[0], columns[1]), "second")
        if spec.node:
            plus = self._column_of_bits(m)
            moved = fixed.mux(plus, amplitude, -amplitude)
        else:
            moved = self._column(m, list(self.change), "change").scaled(spec.amplitude)
        moved = self._doubled(m, moved, group.layer)
        for name, value in (("z_0", columns[0]), ("z_1", second + moved)):
            register = fixed.signal(value.shape(), name)
            m.d.sync += register.eq(value)
            z.append(register)
        return z

    def _doubled(self, m: Any, plain: fixed.Value, layer: Value) -> fixed.Value:
        """Return how far z is moved, 2**k times as far in layers with k doublings, or 0."""
        doublings = [one.doublings for one in self.spec.layers]
        shape = plain.shape()
        moved = fixed.signal(fixed.SQ(shape.i_bits + max(doublings), shape.f_bits), "moved")
        with m.If(self.perturb), m.Switch(layer):
            for k, times in enumerate(doublings):
                with m.Case(k):
                    m.d.comb += moved.eq(plain.scaled(times))
        return moved

    def _column(self, m: Any, values: Sequence[fixed.Value], name: str) -> fixed.Value:
        """Return the values of the lanes, one after the other, beginning after `load`."""
        registers = [fixed.signal(values[0].shape(), f"{name}_{k}") for k in range(len(values))]
        with m.If(self.load):
            m.d.sync += [mine.eq(value) for mine, value in zip(registers, values, strict=True)]
        with m.Else():
            m.d.sync += [a.eq(b) for a, b in itertools.pairwise(registers)]
        return registers[0]

    def _column_of_bits(self, m: Any) -> Value:
        """Return the signs of the lanes' neurons, one after the other."""
        signs = Signal(self.spec.lanes, name="signs")
        with m.If(self.load):
            m.d.sync += signs.eq(self.plus)
        with m.Else():
            m.d.sync += signs.eq(signs >> 1)
        return signs[0]

    def _activated(self, m: Any, z: fixed.Value, layer: Value, rail: int) -> fixed.Value:
        """Return a, by the activation of the layer."""
        spec = self.spec
        found: dict[Any, fixed.Value] = {}
        for one in spec.layers:
            if one.activation in found:
                continue
            unit = ActivationUnit(one.activation, z.shape())
            m.submodules[f"activation_{len(found)}_{rail}"] = unit
            m.d.comb += unit.z.eq(z)
            late = spec.activation_latency - one.activation.latency
            raw = delay(
                m, unit.a.as_value(), unit.a.shape().storage, late, f"a_{len(found)}_{rail}"
            )
            found[one.activation] = fixed.Value(unit.a.shape(), raw)
        a = fixed.signal(shapes.number(spec.x), f"a_{rail}")
        with m.Switch(layer):
            for k, one in enumerate(spec.layers):
                with m.Case(k):
                    m.d.comb += a.eq(found[one.activation])
        return a
