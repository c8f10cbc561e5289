"""Fresh bits, of those that are drawn in a clock: which lane has which, and how many are used."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value

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


def bits_used(m: Module, spec: FoldedSpec, soon: Any, takes: Value, node: Value) -> Value:
    """Return strobes: so many bits are used, of what `spec.leaps` says.

    Where a layer is by node, biases alone have bits, and of the last group there are as many as
    neurons.

    Parameters
    ----------
    m : Module
    spec : FoldedSpec
    soon : visit
        A visit, a clock before all below.
    takes : Value
        Whether it is one whose words get new bits.
    node : Value
        Whether its layer is by node; a constant if all are alike.
    """
    if isinstance(node, Const):
        return takes
    few = spec.leaps[1:]
    fewer = Signal(len(few))
    for layer, group in zip(spec.layers, spec.last_groups, strict=True):
        if layer.node and layer.last_group in few:
            with m.If(soon.group == group):
                m.d.comb += fewer[few.index(layer.last_group)].eq(1)
    fewer = delay(m, fewer, len(few), 1, "fewer")
    bias = delay(m, soon.bias, 1, 1, "drawn_by_bias")
    return Mux(takes & (bias | ~node), Cat(~fewer.any(), fewer), 0)
