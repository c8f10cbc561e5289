"""What a device is doing, as its status words say."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class State:
    """What a device is doing.

    Attributes
    ----------
    busy, done, solved : bool
    phase, step : int
    cost_sum : int
        Of the last check.
    checks : int
        Since start.
    u_saturated : int
        Steps since start whose u was as large as it can be.
    """

    busy: bool
    done: bool
    solved: bool
    phase: int
    step: int
    cost_sum: int
    checks: int
    u_saturated: int

    @classmethod
    def of(cls, words: Mapping[str, int]) -> Self:
        """Make a state of status words, by name."""
        bits = words["state"]
        flags = {"busy": bool(bits & 1), "done": bool(bits & 2), "solved": bool(bits & 4)}
        known = flags | {"phase": bits >> 4 & 15} | dict(words)
        return cls(**{field.name: known[field.name] for field in dataclasses.fields(cls)})  # pyright: ignore[reportArgumentType]


def signed(word: int, bits: int = 32) -> int:
    """Read bits as two's complement."""
    return word - (1 << bits) if word >> bits - 1 else word
