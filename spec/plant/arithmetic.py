"""Products and sums: how products are made, and how long both take."""

from __future__ import annotations

import enum


class Engine(enum.Enum):
    """What makes an evaluation."""

    SPATIAL = "spatial"  # a cell and a multiplier for each parameter
    FOLDED = "folded"  # parameters in memory, which a few lanes visit one after the other


class Multipliers(enum.Enum):
    """How products of two numbers are made. What a run computes depends on `latency` alone."""

    INFERRED = "inferred"  # in one clock; by the tools, of blocks if there are enough, or of logic
    REGISTERED = "registered"  # as below; of blocks if there are enough, or of logic
    BLOCKS = "blocks"  # multiplier blocks with all their registers
    LOGIC = "logic"  # LUTs, pipelined

    @property
    def latency(self) -> int:
        """Clocks from two factors to their product: of registers for operands, middle and end."""
        return 1 if self is Multipliers.INFERRED else 3


class Pipeline(enum.Enum):
    """How many registers are between multipliers that have registers too."""

    DEEP = "deep"  # one behind each sum of two: for a fast clock
    SHORT = "short"  # three terms are added at once, small squares looked up: for a small D


def tree_latency(count: int, levels: int = 2, *, at_once: bool = False) -> int:
    """Clocks of a tree of `count` terms, which combines up to 2**levels a clock.

    With `at_once`, the last three terms take one clock.
    """
    clocks = 0
    while count > 1:
        count = 1 if at_once and count == 3 else -(-count >> levels)
        clocks += 1
    return clocks
