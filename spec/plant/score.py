"""The score of a check."""

from __future__ import annotations

from dataclasses import dataclass

from spec.numbers import bits_for
from spec.plant.arithmetic import tree_latency
from spec.plant.signal import SignalSpec


@dataclass(frozen=True)
class ScoreSpec:
    """What a check counts: correct samples and the sum of their costs; `samples` at most.

    Outputs are compared beside the cost; unless that is `serial`, and compares them.
    """

    outputs: int
    output: SignalSpec
    label_bits: int
    cost_width: int
    samples: int
    cost_latency: int
    serial: bool = False

    @property
    def levels(self) -> int:
        """Comparisons in a clock: one, if there is time for that beside the cost."""
        return 1 if tree_latency(self.outputs, 1) <= self.cost_latency else 2

    @property
    def tree_latency(self) -> int:
        """Clocks from y to the index of the largest."""
        return tree_latency(self.outputs, self.levels)

    @property
    def correct_width(self) -> int:
        """Bits that count correct samples, and one more value: more than there are."""
        return bits_for(self.samples + 2)

    @property
    def sum_width(self) -> int:
        """Bits of the sum of the costs of all samples."""
        return self.cost_width + bits_for(self.samples)
