"""What a link offers, and stand-ins for one too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Write:
    """Words to write.

    Parameters
    ----------
    address : int
        Of the first one.
    words : sequence of int
    same : bool
        Whether all go to that address, and not to those that follow.
    """

    address: int
    words: Sequence[int]
    same: bool = False


class Registers(Protocol):
    """What carries accesses: a `Channel`, or a stand-in of tests."""

    def read(self, address: int, count: int = 1) -> list[int]:
        """Read words of consecutive addresses."""
        ...

    def write(self, address: int, words: Sequence[int], *, same: bool = False) -> None:
        """Write words to consecutive addresses, or all of them to the same one."""
        ...

    def write_all(self, writes: Sequence[Write]) -> None:
        """Make writes one after the other; faster than as many calls of `write`."""
        ...

    def write_then_read(self, writes: Sequence[Write], address: int, count: int = 1) -> list[int]:
        """Make writes, then read; faster than a call of each."""
        ...
