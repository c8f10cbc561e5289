"""The sequencer: which word is visited in a clock, and with which input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from amaranth.hdl import Const, Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from spec.folded import FoldedLayerSpec, FoldedSpec
from spec.numbers import bits_for


def visit_layout(spec: FoldedSpec) -> data.StructLayout:
    """Lay out a visit.

    valid
        Whether there is one.
    address
        Of the word.
    input
        Number of its input, among those of all layers.
    bias
        Whether that is the 1 of a bias instead.
    first, last
        Of a neuron's visits.
    first_group
        Whether the layer's inputs are seen for the first time.
    rail
        Second clock of a visit that takes two.
    layer, group
        Which layer; which group, counted through all layers.
    lane
        Of the initial θ: whose word is made.
    """
    return data.StructLayout(
        {
            **dict.fromkeys(("valid", "bias", "first", "last", "first_group", "rail"), 1),
            "address": spec.address_bits,
            "input": max(1, bits_for(spec.stored_inputs)),
            "layer": max(1, bits_for(len(spec.layers))),
            "group": max(1, bits_for(spec.groups)),
            "lane": max(1, bits_for(spec.lanes)),
        }
    )


class Sequencer(wiring.Component):
    """Goes through all words: forward in a pass, or backward, lane by lane, for the initial θ.

    Latency: the first visit comes a clock after `start` or `fill`. Throughput: a visit in each
    clock, but where an evaluation needs a clock of its own, or one group waits for another.

    Parameters
    ----------
    spec : FoldedSpec

    Members
    -------
    start, fill : In(1)
        Strobes: a pass; a bit of the initial θ.
    layer_done : In(1)
        Strobe: all outputs of the layer are in memory; the next layer's visits begin.
    visit : Out(visit)
    filled : Out(1)
        Strobe, with the last visit of `fill`.
    """

    start: Signal
    fill: Signal
    layer_done: Signal
    visit: Any
    filled: Signal

    def __init__(self, spec: FoldedSpec) -> None:
        self.spec = spec
        super().__init__(
            {
                "start": In(1),
                "fill": In(1),
                "layer_done": In(1),
                "visit": Out(visit_layout(spec)),
                "filled": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the counters."""
        m = Module()
        spec = self.spec
        now: Any = Signal(visit_layout(spec), name="now")
        self._cell = cell = Signal(range(max(layer.fan_in for layer in spec.layers)))
        self._left = left = Signal(range(max(layer.groups for layer in spec.layers)))
        going, filling, rest = Signal(), Signal(), self._gaps()
        at_end = Signal()  # of a neuron's cells
        m.d.comb += [
            at_end.eq(cell == self._of_layer(m, now.layer, lambda layer: layer.fan_in - 1)),
            now.valid.eq(going & (rest == 0)),
            now.first.eq(cell == 0),
            now.last.eq(at_end),
            now.bias.eq(at_end),
            self.visit.eq(now),
        ]
        m.d.comb += now.first_group.eq(
            left == self._of_layer(m, now.layer, lambda layer: layer.groups - 1)
        )
        with m.If(self.start):
            m.d.sync += [
                going.eq(1), filling.eq(0), now.address.eq(0), now.input.eq(0), cell.eq(0),
                now.rail.eq(0), now.layer.eq(0), now.group.eq(0),
                left.eq(spec.layers[0].groups - 1),
            ]  # fmt: skip
        with m.Elif(self.fill):
            last = spec.layers[-1]
            m.d.sync += [
                going.eq(1), filling.eq(1), now.address.eq(spec.words - 1), now.rail.eq(0),
                cell.eq(last.fan_in - 1), now.layer.eq(len(spec.layers) - 1),
                now.group.eq(spec.groups - 1), left.eq(0), now.lane.eq(last.last_group - 1),
            ]  # fmt: skip
        with m.Elif(going & filling):
            self._backward(m, now, going)
        with m.Elif(going):
            with m.If(rest != 0):
                m.d.sync += rest.eq(rest - 1)
            with m.Else():
                self._forward(m, now, going, rest, at_end)
        with m.Elif(self.layer_done):
            self._next_layer(m, now, going)
        return m

    def _gaps(self) -> Signal:
        return Signal(range(1 + max(layer.gap for layer in self.spec.layers) + 1))

    def _of_layer(self, m: Module, layer: Value, what: Callable[[FoldedLayerSpec], int]) -> Value:
        """Return a constant of the layer that is visited."""
        values = [what(one) for one in self.spec.layers]
        if len(set(values)) == 1:
            return Const(values[0])
        found = Signal(range(max(values) + 1))
        with m.Switch(layer):
            for k, value in enumerate(values):
                with m.Case(k):
                    m.d.comb += found.eq(value)
        return found

    def _forward(self, m: Module, now: Any, going: Signal, rest: Signal, at_end: Signal) -> None:
        """Go on to the next visit of a pass."""
        ends, wide = Signal(), self._of_layer(m, now.layer, lambda layer: layer.rails - 1)
        m.d.comb += ends.eq(now.rail == wide)
        with m.If(~ends):
            m.d.sync += now.rail.eq(1)
        with m.Else():
            m.d.sync += [now.rail.eq(0), now.address.eq(now.address + 1)]
            with m.If(~at_end):
                m.d.sync += [self._cell.eq(self._cell + 1), now.input.eq(now.input + 1)]
            with m.Else():
                m.d.sync += [self._cell.eq(0), now.group.eq(now.group + 1)]
                m.d.sync += now.input.eq(self._of_layer(m, now.layer, lambda layer: layer.input))
                m.d.sync += rest.eq(self._of_layer(m, now.layer, lambda layer: layer.gap))
                m.d.sync += self._left.eq(self._left - 1)
                with m.If(self._left == 0):
                    m.d.sync += [going.eq(0), rest.eq(0)]

    def _next_layer(self, m: Module, now: Any, going: Signal) -> None:
        """Begin with the next layer, if there is one."""
        layers = self.spec.layers
        with m.Switch(now.layer):
            for k, layer in enumerate(layers[1:]):
                with m.Case(k):
                    m.d.sync += [
                        going.eq(1), now.layer.eq(k + 1), now.input.eq(layer.input),
                        self._left.eq(layer.groups - 1),
                    ]  # fmt: skip

    def _backward(self, m: Module, now: Any, going: Signal) -> None:
        """Go on to the parameter before, in documented order."""
        top = self._of_layer(m, now.layer, lambda layer: layer.fan_in - 1)
        with m.If(self._cell != 0):
            m.d.sync += [self._cell.eq(self._cell - 1), now.address.eq(now.address - 1)]
        with m.Elif(now.lane != 0):
            m.d.sync += [
                self._cell.eq(top), now.lane.eq(now.lane - 1), now.address.eq(now.address + top),
            ]  # fmt: skip
        with m.Else():
            groups = self._of_layer(m, now.layer, lambda layer: layer.groups - 1)
            m.d.sync += [
                self._cell.eq(top), now.lane.eq(self.spec.lanes - 1),
                now.address.eq(now.address - 1), now.group.eq(now.group - 1),
                self._left.eq(self._left + 1),
            ]  # fmt: skip
            with m.If(self._left == groups):
                self._layer_before(m, now, going)

    def _layer_before(self, m: Module, now: Any, going: Signal) -> None:
        """Go on with the last word of the layer before, or end with the first one."""
        m.d.comb += self.filled.eq(now.layer == 0)
        with m.If(now.layer == 0):
            m.d.sync += going.eq(0)
        m.d.sync += [now.layer.eq(now.layer - 1), self._left.eq(0)]
        with m.Switch(now.layer):
            for k, layer in enumerate(self.spec.layers[:-1]):
                with m.Case(k + 1):
                    m.d.sync += [
                        self._cell.eq(layer.fan_in - 1), now.lane.eq(layer.last_group - 1)
                    ]  # fmt: skip
