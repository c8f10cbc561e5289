"""The score of a check: correct samples and the sum of their costs."""

from __future__ import annotations

from amaranth.hdl import Const, Module, Mux, Signal, Value, ValueLike, signed
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.number import fixed, tree
from hdl.number.delay import delay
from spec.numbers import bits_for
from spec.plant import ScoreSpec

Player = tuple[fixed.Value, Value]
"""An output and its index."""


class Score(wiring.Component):
    """Counts over the evaluations of a check, and judges them.

    Latency: `latency` clocks from a cost to the counts. Throughput: one evaluation a clock.

    Parameters
    ----------
    spec : ScoreSpec

    Members
    -------
    y : In(array of numbers)
        Or, if they are serial, `largest`: which is the largest, beside `cost`, as the label then.
    label : In
        The sample's class, beside y: whether y > 1/2 is right, or which output is the largest,
        the first one among equals.
    cost : In(unsigned)
        C, `spec.cost_latency` clocks later than y.
    count : In(1)
        Beside `cost`: whether it counts.
    clear : In(1)
        Strobe: both counts become zero.
    solved_correct : In(17)
    solved_cost : In(unsigned)
        In LSBs of 2**-cost_bits; read with `clear`: what is left of it is counted down, as a
        comparison with the sum would be long.
    correct : Out(17)
    cost_sum : Out(unsigned)
        In LSBs of 2**-cost_bits.
    target_met : Out(1)
        Whether at least `solved_correct` are correct, and the costs are at most `solved_cost`.
    """

    y: data.View
    largest: Signal
    label: Signal
    cost: Signal
    count: Signal
    clear: Signal
    solved_correct: Signal
    solved_cost: Signal
    correct: Signal
    cost_sum: Signal
    target_met: Signal

    latency = 1

    def __init__(self, spec: ScoreSpec) -> None:
        self.spec = spec
        y = In(data.ArrayLayout(shapes.number(spec.output), spec.outputs))
        largest = In(range(spec.outputs))
        super().__init__(
            {
                **({"largest": largest} if spec.serial else {"y": y}),
                "label": In(spec.label_bits),
                "cost": In(spec.cost_width),
                "count": In(1),
                "clear": In(1),
                "solved_correct": In(17),
                "solved_cost": In(spec.sum_width),
                "correct": Out(17),
                "cost_sum": Out(spec.sum_width),
                "target_met": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the comparisons and the two counters."""
        m = Module()
        outputs = self.spec.outputs
        if self.spec.serial:
            found, clocks = self.largest, self.spec.cost_latency
        elif outputs == 1:
            half = fixed.constant(fixed.UQ(1, 1), 0.5)
            found, clocks = self.y[0] > half, 0
        else:
            found, clocks = self._largest(m), self.spec.tree_latency
        late = 0 if self.spec.serial else clocks
        label = delay(m, self.label, self.label.shape(), late, "label")
        hit = delay(m, found == label, 1, self.spec.cost_latency - clocks, "hit")
        correct = Signal(self.spec.correct_width)
        m.d.comb += self.correct.eq(correct)
        with m.If(self.clear):
            m.d.sync += [correct.eq(0), self.cost_sum.eq(0)]
        with m.Elif(self.count):
            m.d.sync += [
                correct.eq(correct + hit),
                self.cost_sum.eq(self.cost_sum + self.cost),
            ]
        enough = self.correct >= self.solved_correct
        m.d.comb += self.target_met.eq(enough & (self._left(m) >= 0))
        return m

    def _left(self, m: Module) -> Value:
        """Return what the costs so far leave of `solved_cost`."""
        left = Signal(signed(self.spec.sum_width + 1))
        with m.If(self.clear | self.count):
            m.d.sync += left.eq(Mux(self.clear, self.solved_cost, left - self.cost))
        return left

    def _largest(self, m: Module) -> ValueLike:
        """Index of the largest output, by a tournament."""
        bits = bits_for(self.spec.outputs)

        def winner(first: Player, second: Player) -> Player:
            better = Signal()
            m.d.comb += better.eq(second[0] > first[0])
            larger = fixed.named(m, fixed.mux(better, second[0], first[0]), "larger")
            return larger, Mux(better, second[1], first[1])

        def register(player: Player, name: str) -> Player:
            value = fixed.signal(player[0].shape(), f"best_{name}")
            index = Signal(bits, name=f"index_{name}")
            m.d.sync += [value.eq(player[0]), index.eq(player[1])]
            return value, index

        outputs = range(self.spec.outputs)
        players: list[Player] = [(self.y[k], Const(k, bits)) for k in outputs]
        return tree.tree(players, winner, register, self.spec.levels)[1]
