"""The score of a check: correct samples and the sum of their costs."""

from __future__ import annotations

from amaranth.hdl import Const, Module, Mux, Signal, Value, ValueLike
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import layouts
from hdl.number import fixed, tree
from hdl.number.delay import delay
from spec.config import Config
from spec.cost import cost_sum_width, cost_width
from spec.numbers import bits_for
from spec.phase import Kind

Player = tuple[fixed.Value, Value]
"""An output and its index."""


class Score(wiring.Component):
    """Counts over the evaluations of a check.

    Latency: `latency` clocks from a cost to the counts. Throughput: one evaluation a clock.

    Parameters
    ----------
    config : Config
    cost_latency : int
        Clocks from `y` to `cost`, which is the cost unit's latency.

    Members
    -------
    y : In(array of layouts.activation)
    label : In
        The sample's class, beside y: whether y > 1/2 is right, or which output is the largest,
        the first one among equals.
    cost : In(unsigned)
        C, `cost_latency` clocks later than y.
    kind : In(Kind)
        Beside `cost`; only CHECK counts.
    clear : In(1)
        Strobe: both counts become zero.
    correct : Out(17)
    cost_sum : Out(unsigned)
        In LSBs of 2**-cost_bits.
    """

    y: data.View
    label: Signal
    cost: Signal
    kind: Signal
    clear: Signal
    correct: Signal
    cost_sum: Signal

    latency = 1

    def __init__(self, config: Config, cost_latency: int) -> None:
        self.config = config
        self.cost_latency = cost_latency
        last = len(config.layer_shapes) - 1
        super().__init__(
            {
                "y": In(data.ArrayLayout(layouts.activation(config, last), config.data.outputs)),
                "label": In(layouts.label_bits(config)),
                "cost": In(cost_width(config)),
                "kind": In(Kind),
                "clear": In(1),
                "correct": Out(17),
                "cost_sum": Out(cost_sum_width(config)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the comparison and the two counters."""
        m = Module()
        outputs = self.config.data.outputs
        if outputs == 1:
            half = fixed.constant(fixed.UQ(1, 1), 0.5)
            found, late = self.y[0] > half, 0
        else:
            found, late = self._largest(m), tree.latency(outputs)
        label = delay(m, self.label, self.label.shape(), late, "label")
        hit = delay(m, found == label, 1, self.cost_latency - late, "hit")
        with m.If(self.clear):
            m.d.sync += [self.correct.eq(0), self.cost_sum.eq(0)]
        with m.Elif(self.kind == Kind.CHECK):
            m.d.sync += [
                self.correct.eq(self.correct + hit),
                self.cost_sum.eq(self.cost_sum + self.cost),
            ]
        return m

    def _largest(self, m: Module) -> ValueLike:
        """Index of the largest output, by a tournament."""
        bits = bits_for(self.config.data.outputs)

        def winner(first: Player, second: Player) -> Player:
            better = second[0] > first[0]
            return fixed.mux(better, second[0], first[0]), Mux(better, second[1], first[1])

        def register(player: Player, name: str) -> Player:
            value = fixed.signal(player[0].shape(), f"best_{name}")
            index = Signal(bits, name=f"index_{name}")
            m.d.sync += [value.eq(player[0]), index.eq(player[1])]
            return value, index

        outputs = range(self.config.data.outputs)
        players: list[Player] = [(self.y[k], Const(k, bits)) for k in outputs]
        return tree.tree(players, winner, register)[1]
