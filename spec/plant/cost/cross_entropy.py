"""The cross-entropy of classes, to base 2, by shifts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from spec.plant.cost.base import CostSpec

LN2 = Fraction(math.log(2))


@dataclass(frozen=True)
class CrossEntropySpec(CostSpec):
    """C = log2 Σ 2**y - y_t, t the right class: what the outputs leave unsaid of it, in bits.

    With m the largest y, it is log2 s + (m - y_t) for s = Σ 2**(y - m), which is at least 1. Both
    functions are straight lines between powers of two, 2**f ≈ 1 + f and log2(1 + f) ≈ f for f from
    0 to 1, so that they take shifters only. Never falling, never negative.

    Parameters
    ----------
    serial : bool
        Whether outputs come one after the other.
    """

    serial: bool = False

    levels: ClassVar[int] = 1
    """As comparisons of whole outputs, and sums of as many bits as a cost has, take long."""

    @property
    def sum_fraction(self) -> int:
        """Fraction bits of s."""
        return max(self.output.fraction_bits, self.fraction_bits)

    @property
    def largest_exponent(self) -> int:
        """Of s, which is at most as many as there are outputs."""
        return self.outputs.bit_length() - 1

    @property
    def span(self) -> int:
        """The largest m - y, in LSBs of y."""
        return self.output.high - self.output.low

    @property
    def largest_shift(self) -> int:
        """Places by which 2**(y - m) is shifted at most."""
        return -(-self.span >> self.output.fraction_bits)

    @property
    def width(self) -> int:
        """Bits of a cost: of that where one output is lowest, all others highest, and it is right.

        As if 2**(y - m) of the right one were 1, which may count a bit too many.
        """
        e, rest = self.largest_exponent, self.outputs - (1 << self.largest_exponent)
        log = (e << self.sum_fraction) + (rest << self.sum_fraction >> e)
        whole = log + (self.span << self.sum_fraction - self.output.fraction_bits)
        return (whole >> self.sum_fraction - self.fraction_bits).bit_length()

    @property
    def curvature(self) -> Fraction:
        """∂²C/∂y² of the curve: ln 2 · p · (1 - p), p = 1 / outputs."""
        share = Fraction(1, self.outputs)
        return LN2 * share * (1 - share)

    @property
    def latency(self) -> int:
        """Clocks from y to the cost, which is not registered: m, m - y, 2**(y - m), s.

        If they come one after the other, to those of two evaluations: m, s; m, s; the last output.
        """
        if self.serial:
            return 4 * self.outputs + 2
        return 2 + 2 * self.tree_latency
