"""The cross-entropy of classes, one output after the other."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.number import fixed
from hdl.number.delay import delay
from hdl.plant.cost import cross_entropy
from spec.plant import CrossEntropySpec


class SerialCrossEntropy(wiring.Component):
    """Computes what `CrossEntropy` does, of two evaluations, with the logic for one output.

    The outputs go round, four times: the largest one of the first evaluation is found, then its
    cost; then those of the second.

    Latency: `spec.latency` clocks from `start` to `costs`. Throughput: two evaluations at a time.

    Parameters
    ----------
    spec : CrossEntropySpec

    Members
    -------
    start : In(1)
        Strobe: the first output of both evaluations is there.
    y : In(array of 2)
        An output of each; after `turns`, the next one, and the first after the last.
    turns : Out(1)
        Strobe.
    label : In
        The right class, until `done`.
    costs : Out(array of 2)
        From `done` on; not registered.
    largest : Out
        Which output of the first evaluation is the largest, the first one among equals; likewise.
    done : Out(1)
        Strobe.
    """

    start: Signal
    y: data.View
    turns: Signal
    label: Signal
    costs: data.View
    largest: Signal
    done: Signal

    def __init__(self, spec: CrossEntropySpec) -> None:
        self.spec = spec
        index, cost = range(spec.outputs), cross_entropy.shape(spec)
        super().__init__(
            {
                "start": In(1),
                "y": In(data.ArrayLayout(shapes.number(spec.output), 2)),
                "turns": Out(1),
                "label": In(index),
                "costs": Out(data.ArrayLayout(cost, 2)),
                "largest": Out(index),
                "done": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the counters, and a pipeline for one output."""
        m: Any = Module()
        spec = self.spec
        index, goes = Signal(range(spec.outputs)), Signal()
        sums, rail, ends, last = Signal(), Signal(), Signal(), Signal()
        m.d.comb += [
            self.turns.eq(self.start | goes),
            ends.eq(index == spec.outputs - 1),
            last.eq(ends & sums & rail),
        ]
        with m.If(self.turns):
            m.d.sync += [index.eq(Mux(ends, 0, index + 1)), goes.eq(~last)]
            with m.If(ends):
                m.d.sync += [sums.eq(~sums), rail.eq(rail ^ sums)]
        y = fixed.named(m, fixed.mux(rail, self.y[1], self.y[0]), "turn")
        behind = self._behind(m, y, (index == 0) & ~sums, self.turns & ~sums, index, rail)
        power = cross_entropy.power(m, spec, behind, "turn")
        # Of the second evaluation, the sum begins anew; that of the first was complete.
        flags: dict[str, Value] = {"counts": self.turns & sums, "begins": index == 0}
        flags |= {"right": index == self.label, "second": rail}
        counts, begins, right, second = (delay(m, flag, 1, 2, name) for name, flag in flags.items())
        number = delay(m, behind, behind.shape(), 1, "behind_of_power")
        s = Signal(spec.sum_fraction + spec.largest_exponent + 1)
        of_right, first_cost = Signal(behind.shape()), Signal(spec.width)
        cost = cross_entropy.cost(m, spec, s, of_right)
        with m.If(counts):
            m.d.sync += s.eq(Mux(begins, 0, s) + power.as_value())
            with m.If(right):
                m.d.sync += of_right.eq(number)
            with m.If(begins & second):
                m.d.sync += first_cost.eq(cost)
        m.d.comb += [
            self.costs[0].as_value().eq(first_cost),
            self.costs[1].as_value().eq(cost),
            self.done.eq(delay(m, self.turns & last, 1, 3, "done")),
        ]
        return m

    def _behind(
        self, m: Any, y: fixed.Value, begins: Value, compares: Value, index: Signal, rail: Signal
    ) -> Signal:
        """Return m - y a clock later, m the largest y of the round before."""
        largest, larger = fixed.signal(y.shape(), "largest_y"), Signal()
        m.d.comb += larger.eq((y > largest) | begins)
        with m.If(compares & larger):
            m.d.sync += largest.eq(y)
            with m.If(~rail):
                m.d.sync += self.largest.eq(index)
        behind = Signal(range(self.spec.span + 1))
        m.d.sync += behind.eq(largest.as_value() - y.as_value())
        return behind
