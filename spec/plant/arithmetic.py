"""Products and sums: how products are made, and how long both take."""

from __future__ import annotations

import enum

from spec.numbers import bits_for


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


def tree_latency(count: int, levels: int = 2) -> int:
    """Clocks of a tree of `count` terms, which combines up to 2**levels a clock."""
    return -(-bits_for(count) // levels)
