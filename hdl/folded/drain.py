"""The drain: sums leave the lanes, neuron by neuron, and become activations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import data, memory, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.folded.by_layer import chosen, of_layer
from hdl.folded.columns import Columns
from hdl.folded.evaluations import Evaluations
from hdl.folded.lane import change_shape, sum_shape
from hdl.number import fixed
from hdl.number.delay import delay
from hdl.plant.activation import ActivationUnit
from spec.folded import POOL_LATENCY, FoldedSpec
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

    Where lanes have copies for other places, the largest z of theirs is taken; f is monotone.

    Latency: `spec.leaving` clocks from sums that are complete to f(z) of the first neuron, and
    `POOL_LATENCY` more to all outputs. Throughput: a neuron a clock.

    Parameters
    ----------
    spec : FoldedSpec

    Members
    -------
    soon : In(1)
        Strobe, two clocks before `sums` and `change` of a group are complete.
    restart : In(1)
        Strobe, before the first group of a pass.
    group : In(group)
        Which one it is, and at which place.
    last_group : In(1)
        Whether it is the layer's last one, which may be of fewer neurons.
    sums, change : In(array of lanes)
        As those of `Lane`; the latter where lanes have it.
    plus : In(array of lanes)
        Signs of the neurons' perturbations; if there is a layer by node.
    perturb : In(1)
        Whether the second evaluation is perturbed.
    put, address : Out(1), Out
        Strobe: `a` is an input of the next layer; which of all inputs.
    puts_out : Out(1)
        Strobe: `a` is an output.
    a : Out(array of 2)
        A neuron's activations, unperturbed and perturbed.
    done : Out(1)
        Strobe, with the last neuron of all.
    emptied : Out(1)
        Strobe, in the clock after which no sum of a group is needed; if `spec.sums_stay`.
    """

    soon: Signal
    restart: Signal
    group: Any
    last_group: Signal
    sums: Any
    change: Any
    plus: Signal
    perturb: Signal
    put: Signal
    puts_out: Signal
    a: data.View
    address: Signal
    done: Signal
    emptied: Signal

    def __init__(self, spec: FoldedSpec) -> None:
        self.spec = spec
        number = shapes.number(spec.x)
        members = {"soon": In(1), "restart": In(1), "group": In(group_layout(spec))}
        members |= {"last_group": In(1)}
        sums = data.ArrayLayout(sum_shape(spec), 2)
        members |= {"sums": In(data.ArrayLayout(sums, spec.lanes)), "perturb": In(1)}
        if spec.node:
            members["plus"] = In(spec.lanes)
        if spec.sums_changes:
            members["change"] = In(data.ArrayLayout(change_shape(spec), spec.lanes))
        members |= {"a": Out(data.ArrayLayout(number, 2))}
        members |= {"address": Out(max(1, bits_for(spec.stored_inputs)))}
        members |= dict.fromkeys(("put", "puts_out", "done"), Out(1))
        if spec.sums_stay:
            members["emptied"] = Out(1)
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Build shift registers, both sums z, and activations."""
        m: Any = Module()
        spec = self.spec
        group: Any = Signal(group_layout(spec), name="leaving")
        left, leaving = Signal(range(spec.lanes)), Signal()
        columns = Columns(m, spec, self.soon)
        load = columns.load
        neurons = of_layer(m, spec, self.group.layer, lambda one: one.last_group)
        behind_first = Mux(self.last_group, neurons, spec.lanes) - 1
        with m.If(load):
            m.d.sync += [
                group.eq(self.group), leaving.eq(1),
                left.eq(behind_first),
            ]  # fmt: skip
        with m.Else():
            m.d.sync += [left.eq(left - 1), leaving.eq(leaving & (left != 0))]
        if spec.sums_stay:
            last = Mux(load, behind_first == 0, leaving & (left == 1))
            m.d.comb += self.emptied.eq(last)
        z, a = self._evaluations(m, columns, group.layer), []
        tag: Any = Signal(self._tag, name="tag")
        m.d.comb += [tag.group.eq(group), tag.leaving.eq(leaving), tag.final.eq(left == 0)]
        coming = delay(m, tag, self._tag, spec.leaving - 2, "tag")
        tag = delay(m, coming, self._tag, 1, "activated")  # beside f(z)
        layer = tag.group.layer
        for rail in range(2):
            a.append(self._activated(m, z[rail], layer, rail))
        if any(one.image and one.image.pooled for one in spec.layers):
            a = self._pooled(m, a, coming, tag)
        else:
            a = [delay(m, one, one.shape(), POOL_LATENCY - 1, f"a_{k}") for k, one in enumerate(a)]
        m.d.sync += [mine.eq(its) for mine, its in zip((self.a[0], self.a[1]), a, strict=True)]
        of_output, valid = Signal(), Signal()
        m.d.comb += [
            of_output.eq(layer == len(spec.layers) - 1),
            valid.eq(tag.leaving & tag.group.closes),
        ]
        # Registers of their own: they go to all inputs and outputs.
        strobes = {"put": valid & ~of_output, "puts_out": valid & of_output}
        strobes["done"] = tag.leaving & tag.final & tag.group.last & of_output
        for name, strobe in strobes.items():
            m.d.comb += getattr(self, name).eq(delay(m, strobe, 1, POOL_LATENCY, name))
        tag = delay(m, tag, self._tag, POOL_LATENCY, "pooled")
        self._count(m, tag)
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
        with m.Elif(tag.leaving & tag.group.closes):
            m.d.sync += place.eq(place + 1)
            with m.If(tag.final):
                m.d.sync += place.eq(place + skip)
                with m.If(tag.group.ends):
                    m.d.sync += [place.eq(base + spec.lanes), base.eq(base + spec.lanes)]
                with m.If(tag.group.last):
                    m.d.sync += [place.eq(later), base.eq(later)]

    def _pooled(self, m: Any, a: Sequence[fixed.Value], coming: Any, tag: Any) -> list[fixed.Value]:
        """Return the largest of a lane's activations since a place that opens, a clock later.

        Memory is read a clock before, and has what was found a clock later; a lane comes again
        after `SHORTEST_GROUP` clocks at least.
        """
        spec, shape = self.spec, data.ArrayLayout(shapes.number(self.spec.x), 2)
        m.submodules.best = best = memory.Memory(shape=shape, depth=max(2, spec.lanes), init=[])
        read, write = best.read_port(domain="comb"), best.write_port()
        lane = Signal(range(max(2, spec.lanes)))
        with m.If(coming.leaving):
            m.d.sync += lane.eq(lane + 1)
            with m.If(coming.final):
                m.d.sync += lane.eq(0)
        best_before: Any = delay(m, read.data, shape, 1, "best_before")
        found = []
        for rail, now in enumerate(a):
            larger, before = Signal(name=f"larger_{rail}"), best_before[rail]
            m.d.sync += larger.eq((before > now) & ~tag.group.opens)
            one, other = (
                delay(m, value, now.shape(), 1, f"{name}_{rail}")
                for value, name in ((before, "before"), (now, "now"))
            )
            found.append(fixed.mux(larger, one, other))
        late = 1 + POOL_LATENCY
        m.d.comb += [
            read.addr.eq(lane), write.addr.eq(delay(m, lane, lane.shape(), late, "lane")),
            write.en.eq(delay(m, tag.leaving, 1, POOL_LATENCY, "found")),
            write.data.eq(self.a),
        ]  # fmt: skip
        return found

    @property
    def _tag(self) -> data.StructLayout:
        """What goes beside a neuron: of which group, whether it is one, and the group's last."""
        return data.StructLayout({"group": group_layout(self.spec), "leaving": 1, "final": 1})

    def _evaluations(self, m: Any, columns: Columns, layer: Value) -> list[fixed.Value]:
        """Return z of both evaluations of the neuron that leaves."""
        spec = self.spec
        plain, other = (
            columns.of([sums[rail] for sums in self.sums], f"sum_{rail}") for rail in range(2)
        )
        z = list(zip(plain, other, strict=True))
        evaluations = Evaluations(m, spec, layer, self.perturb)
        if not spec.perturbs_weights:
            changes = columns.of(list(self.change), "change") if spec.sums_changes else None
            signs = columns.of_bits(self.plus) if spec.node else None
            moves = evaluations.moves(changes, signs)
            z = [evaluations.moved(*z[k], moves[k], k) for k in range(spec.banks)]
        return evaluations.largest(z)

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
