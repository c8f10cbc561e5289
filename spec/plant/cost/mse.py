"""The mean squared error."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from spec.plant.cost.base import CostSpec


@dataclass(frozen=True)
class MeanSquaredErrorSpec(CostSpec):
    """C = Σ (y - t)² / outputs."""

    @property
    def width(self) -> int:
        """Bits of the largest error, squared."""
        dropped = 2 * self.output.fraction_bits - self.fraction_bits
        return ((self.output.high - self.output.low) ** 2 >> dropped).bit_length()

    @property
    def curvature(self) -> Fraction:
        """∂²C/∂y²: 2 / outputs."""
        return Fraction(2, self.outputs)

    @property
    def latency(self) -> int:
        """Clocks from y to the cost, which is not registered: error, square, sum.

        Multipliers that register their operands need no register for the error.
        """
        return max(2, self.multipliers.latency) + self.tree_latency
