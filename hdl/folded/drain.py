"""The drain: sums leave the lanes, neuron by neuron, and become activations."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.folded.by_layer import chosen, of_layer
from hdl.folded.lane import change_shape, sum_shape
from hdl.number import fixed
from hdl.number.delay import delay
from hdl.plant.activation import ActivationUnit
from spec.folded import FoldedSpec
from spec.numbers import bits_for


def group_layout(spec: FoldedSpec) -> data.StructLayout:
    """Lay out what is known of a group at a place.

    layer
        Which it is in.
    last
        Whether it is the layer's last group at the last place.
    ends
        Whether it is the last place.
    opens, closes
        Whether it is the first, the last place of those that pooling makes one of.
    """
    flags = dict.fromkeys(("last", "ends", "opens", "closes"), 1)
    return data.StructLayout({"layer": max(1, bits_for(len(spec.layers))), **flags})


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
        Which one it is, and at which place.
    last_group : In(1)
        Whether it is the layer's last one, which may be of fewer neurons.
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
    last_group: Signal
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
        members |= {"last_group": In(1)}
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
        neurons = of_layer(m, spec, self.group.layer, lambda one: one.last_group)
        with m.If(self.load):
            m.d.sync += [
                group.eq(self.group), leaving.eq(1),
                left.eq(Mux(self.last_group, neurons, spec.lanes) - 1),
            ]  # fmt: skip
        with m.Else():
            m.d.sync += [left.eq(left - 1), leaving.eq(leaving & (left != 0))]
        z, a = self._sums(m, group), []
        tag: Any = Signal(self._tag, name="tag")
        m.d.comb += [tag.group.eq(group), tag.leaving.eq(leaving), tag.final.eq(left == 0)]
        tag = delay(m, tag, self._tag, 1 + spec.activation_latency, "tag")  # beside a
        layer = tag.group.layer
        for rail in range(2):
            a.append(self._activated(m, z[rail], layer, rail))
        ends = Signal()
        m.d.comb += [
            self.valid.eq(tag.leaving & tag.group.closes),
            self.of_output.eq(layer == len(spec.layers) - 1),
            ends.eq(tag.leaving & tag.final & tag.group.last),
            self.layer_done.eq(ends),
            self.done.eq(ends & self.of_output),
        ]
        self._count(m, tag)
        if any(one.image and one.image.pooled for one in spec.layers):
            a = self._pooled(m, a, tag)
        m.d.comb += [mine.eq(its) for mine, its in zip((self.a[0], self.a[1]), a, strict=True)]
        return m

    def _count(self, m: Any, tag: Any) -> None:
        """Say which input the next activation is.

        Channels of a place lie side by side: if they are several groups', each skips the others'.
        """
        spec, layer = self.spec, tag.group.layer
        place, base = Signal(len(self.address)), Signal(len(self.address), name="group_base")
        starts = [one.input for one in spec.layers[1:]]
        others = [
            one.neurons - one.lanes if one.image and one.groups > 1 else 0 for one in spec.layers
        ]
        skip = chosen(m, layer, [1 + other for other in others])
        later = chosen(m, layer, [*starts[1:], 0, 0][: len(spec.layers)])
        m.d.comb += self.address.eq(place)
        with m.If(self.restart):
            first = spec.layers[1].input if len(spec.layers) > 1 else 0
            m.d.sync += [place.eq(first), base.eq(first)]
        with m.Elif(self.valid):
            m.d.sync += place.eq(place + 1)
            with m.If(tag.final):
                m.d.sync += place.eq(place + skip)
                with m.If(tag.group.ends):
                    m.d.sync += [place.eq(base + spec.lanes), base.eq(base + spec.lanes)]
                with m.If(tag.group.last):
                    m.d.sync += [place.eq(later), base.eq(later)]

    def _pooled(self, m: Any, a: Sequence[fixed.Value], tag: Any) -> list[fixed.Value]:
        """Return the largest of a lane's activations since a place that opens."""
        spec, shape = self.spec, data.ArrayLayout(shapes.number(self.spec.x), 2)
        m.submodules.best = best = memory.Memory(shape=shape, depth=max(2, spec.lanes), init=[])
        read, write = best.read_port(domain="comb"), best.write_port()
        lane = Signal(range(max(2, spec.lanes)))
        with m.If(tag.leaving):
            m.d.sync += lane.eq(lane + 1)
            with m.If(tag.final):
                m.d.sync += lane.eq(0)
        found = []
        for rail, now in enumerate(a):
            larger, before = Signal(), read.data[rail]
            m.d.comb += larger.eq(before > now)
            chosen = fixed.mux(larger & ~tag.group.opens, before, now)
            found.append(fixed.named(m, chosen, f"largest_{rail}"))
        m.d.comb += [
            read.addr.eq(lane), write.addr.eq(lane), write.en.eq(tag.leaving),
            *(write.data[rail].eq(one) for rail, one in enumerate(found)),
        ]  # fmt: skip
        return found

    @property
    def _tag(self) -> data.StructLayout:
        """What goes beside a neuron: of which group, whether it is one, and the group's last."""
        return data.StructLayout({"group": group_layout(self.spec), "leaving": 1, "final": 1})

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
