"""Costs."""

from __future__ import annotations

from dataclasses import dataclass

from spec.plant.arithmetic import Multipliers, tree_latency
from spec.plant.signal import SignalSpec


@dataclass(frozen=True)
class CostSpec:
    """A cost of y and t, never negative.

    Parameters
    ----------
    outputs : int
    output, target : SignalSpec
        A target is one bit if all are 0 or 1, else as an output.
    fraction_bits : int
        Of a cost.
    multipliers : Multipliers
    """

    outputs: int
    output: SignalSpec
    target: SignalSpec
    fraction_bits: int
    multipliers: Multipliers = Multipliers.INFERRED

    @property
    def width(self) -> int:
        """Bits of a cost: that of the largest error."""
        dropped = 2 * self.output.fraction_bits - self.fraction_bits
        return ((self.output.high - self.output.low) ** 2 >> dropped).bit_length()

    @property
    def latency(self) -> int:
        """Clocks from y to the cost, which is not registered: error, square, sum.

        Multipliers that register their operands need no register for the error.
        """
        return max(2, self.multipliers.latency) + tree_latency(self.outputs)
