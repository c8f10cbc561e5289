"""Constants that differ from layer to layer, chosen by the layer's number."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from amaranth.hdl import Const, Module, Mux, Signal, Value

from spec.folded import FoldedLayerSpec, FoldedSpec


def chosen(m: Module, layer: Value, values: Sequence[int]) -> Value:
    """Return the value of a layer, of one for each."""
    if len(set(values)) == 1:
        return Const(values[0])
    found = Signal(range(max(values) + 1))
    with m.Switch(layer):
        for k, value in enumerate(values):
            with m.Case(k):
                m.d.comb += found.eq(value)
    return found


def of_layer(
    m: Module, spec: FoldedSpec, layer: Value, what: Callable[[FoldedLayerSpec], int]
) -> Value:
    """Return what a layer's spec says."""
    return chosen(m, layer, [what(one) for one in spec.layers])


def either(node: Value, yes: Value, no: Value) -> Value:
    """Return what is so by node, or by weight; no choice if `node` is a constant."""
    if isinstance(node, Const):
        return yes if node.value else no
    return Mux(node, yes, no)
