"""How θ is loaded: as the initial one is made, by bits that become ±u; see docs/registers.md.

A cell knows only one way to change: θ ← sat(θ ∓ u), by its own bit. That leads anywhere: first to a
rail, the positive one for odd values and the negative one for even values; from there to 0 or -1;
and then by ±1, ±2, ±4, … to any value of the right parity.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from model.number.fixed import Ints
from spec.map import LINE_BITS


@dataclass(frozen=True)
class Pass:
    """A step on the way: all cells by the same amount, each up or down.

    Parameters
    ----------
    up : array of bool, shape (P,)
        Which cells become larger.
    amount : int
        By how much, in LSBs of θ, if no rail is in the way.
    """

    up: np.ndarray
    amount: int


def passes(theta: Ints, bits: int) -> Iterator[Pass]:
    """Yield the passes that lead from anywhere to θ.

    Parameters
    ----------
    theta : array of int, shape (P,)
        In LSBs, within the format.
    bits : int
        Of the format.
    """
    half = 1 << bits - 1
    odd = (theta & 1) == 1
    yield Pass(odd, 2 * half)  # half - 1, or -half
    yield Pass(~odd, half - 1)  # 0, or -1
    rest = theta - np.where(odd, 0, -1)
    for k in reversed(range(bits - 1)):
        up = rest > 0
        yield Pass(up, 1 << k)
        rest = rest - np.where(up, 1 << k, -(1 << k))
    assert not rest.any()


def learnings(amount: int, largest: int) -> Iterator[tuple[int, int]]:
    """Split an amount into (u, how many times), with u at most `largest`."""
    times, remainder = divmod(amount, largest)
    if times:
        yield largest, times
    if remainder:
        yield remainder, 1


def words(places: Sequence[int], width: int = 1) -> list[int]:
    """Pack what goes into the line, the first cell's last, in words that `line` takes.

    Parameters
    ----------
    places : sequence of int
        What each cell is to have at the end, in documented order; what follows has gone through
        all of them.
    width : int
        Bits of a place in the line.
    """
    a_word = LINE_BITS // width
    entering = list(reversed(places))
    entering = [0] * (-len(entering) % a_word) + entering  # falls out at the end
    packed = []
    for first in range(0, len(entering), a_word):
        some = entering[first : first + a_word]
        packed.append(sum(value << width * k for k, value in enumerate(some)))
    return packed
