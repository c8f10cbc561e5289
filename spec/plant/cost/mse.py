"""The mean squared error."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from spec.plant.arithmetic import Pipeline
from spec.plant.cost.base import CostSpec

MOST_LOOKED_UP = 1 << 7
"""The largest error, in LSBs, whose square a short pipeline looks up."""


@dataclass(frozen=True)
class MeanSquaredErrorSpec(CostSpec):
    """C = Σ (y - t)² / outputs."""

    @property
    def largest(self) -> int:
        """The largest error, in LSBs of an output."""
        return self.output.high - self.output.low

    @property
    def width(self) -> int:
        """Bits of the largest error, squared."""
        dropped = 2 * self.output.fraction_bits - self.fraction_bits
        return (self.largest**2 >> dropped).bit_length()

    @property
    def looked_up(self) -> bool:
        """Whether a table has the squares, and no multiplier makes them."""
        return self.pipeline is Pipeline.SHORT and self.largest <= MOST_LOOKED_UP

    @property
    def curvature(self) -> Fraction:
        """∂²C/∂y²: 2 / outputs."""
        return Fraction(2, self.outputs)

    @property
    def latency(self) -> int:
        """Clocks from y to the cost, which is not registered: error, square, sum.

        Multipliers that register their operands need no register for the error.
        """
        square = 2 if self.looked_up else max(2, self.multipliers.latency)
        return square + self.tree_latency
