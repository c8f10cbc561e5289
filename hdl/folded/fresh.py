"""Fresh bits, of those that are drawn in a clock: which lane has which, and how many are used."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value

from hdl.folded.by_layer import of_layer
from hdl.number.delay import delay
from spec.folded import FoldedSpec


def fresh_bit(m: Module, spec: FoldedSpec, drawn: Value, layer: Value, lane: int) -> Value:
    """Return a lane's bit of those that are drawn: copies have the first ones' bits."""
    lanes = [layer.lanes for layer in spec.layers]
    if all(lane < count for count in lanes):
        return drawn[lane]
    bit = Signal(name=f"drawn_{lane}")
    with m.Switch(layer):
        for k, count in enumerate(lanes):
            with m.Case(k):
                m.d.comb += bit.eq(drawn[lane % count])
    return bit


def bits_used(m: Module, spec: FoldedSpec, visit: Any, takes: Value) -> Value:
    """Return strobes, a clock later: so many bits are used, of what `spec.leaps` says.

    Where a layer is by node, biases alone have bits, and of the last group there are as many as
    neurons.

    Parameters
    ----------
    m : Module
    spec : FoldedSpec
    visit : visit
    takes : Value
        Whether it is one whose words get new bits.
    """
    node = of_layer(m, spec, visit.layer, lambda layer: layer.node)
    if isinstance(node, Const):
        return delay(m, takes, 1, 1, "draws")
    few = spec.leaps[1:]
    fewer = Signal(len(few))
    for layer, group in zip(spec.layers, spec.last_groups, strict=True):
        if layer.node and layer.last_group in few:
            with m.If(visit.group == group):
                m.d.comb += fewer[few.index(layer.last_group)].eq(1)
    used = Mux(takes & (visit.bias | ~node), Cat(~fewer.any(), fewer), 0)
    return delay(m, used, len(spec.leaps), 1, "draws")
