"""What all costs have in common."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from fractions import Fraction
from typing import ClassVar

from spec.plant.arithmetic import Multipliers, Pipeline, tree_latency
from spec.plant.signal import SignalSpec


class Cost(enum.Enum):
    """What a wrong output costs."""

    MSE = "mse"  # Σ (y - t)² / outputs
    CROSS_ENTROPY = "cross_entropy"  # log2 Σ 2**y - y of the right class: bits


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
    pipeline : Pipeline
    """

    outputs: int
    output: SignalSpec
    target: SignalSpec
    fraction_bits: int
    multipliers: Multipliers = Multipliers.INFERRED
    pipeline: Pipeline = field(default=Pipeline.DEEP, repr=False)

    levels: ClassVar[int] = 2
    """Of trees, that of a score's comparisons among them, between registers."""

    @property
    def tree_latency(self) -> int:
        """Clocks of such a tree of all outputs."""
        return tree_latency(self.outputs, self.levels)

    @property
    def width(self) -> int:
        """Bits of the largest cost that there can be."""
        raise NotImplementedError

    @property
    def curvature(self) -> Fraction:
        """∂²C/∂y² of each output, where all outputs are the same."""
        raise NotImplementedError

    @property
    def latency(self) -> int:
        """Clocks from y to the cost, which is not registered."""
        raise NotImplementedError
