"""The shift registers that perturb and draw samples, and how a seed becomes their state."""

from __future__ import annotations

from dataclasses import dataclass

SEED_BITS = 32
MASK = (1 << SEED_BITS) - 1


@dataclass(frozen=True)
class Lfsr:
    """A maximal-length Fibonacci LFSR: state ← (state << 1) | parity of the tapped bits.

    Parameters
    ----------
    width : int
        Bits of state; the period is 2**width - 1.
    taps : tuple of int
        Exponents of the feedback polynomial; tap k is bit k - 1 of the state.
    """

    width: int
    taps: tuple[int, ...]

    def load(self, seed: int) -> int:
        """State for the `seed` register: its bits, above them their complements, and so on.

        A narrower register has its low bits only, or 1 where these are all zero.
        """
        state = 0
        for place in range(0, self.width, 2 * SEED_BITS):
            state |= (seed | (seed ^ MASK) << SEED_BITS) << place
        return state & ((1 << self.width) - 1) or 1


PERTURBATION = Lfsr(32, (32, 22, 2, 1))
"""Feeds the delay line of perturbation bits, one shift a perturbation. Any three of 137,544
successive bits are independent, and any four of 3,839."""

SECOND = (5, 14, 22, 27)
"""State bits of PERTURBATION whose parity is a second bit, for who needs two: the same sequence
from another place, and unrelated in practice."""

ORDER = Lfsr(63, (63, 45, 44, 42, 41, 37, 36, 28))
"""Draws samples. Its period and that of the perturbations have no common factor. Wide, and with
many taps, so that draws are independent: any two, and any three that are near each other (with few
taps, draws at their distances would be related). All are at least the bits of a draw, so that each
new bit is one XOR."""

FRESH = Lfsr(127, (127, 121, 89, 80))
"""Gives every parameter a bit of its own in every perturbation: no two ever share one, as no run
lasts for a period. All taps are at least the 64 lanes that draw at once, so that each new bit is
one XOR."""

MOST_FRESH = 64
"""Bits that FRESH gives in a clock."""


def seed_register(seed: int) -> int:
    """Spread a run's seed (0, 1, 2, …) over the 32-bit `seed` register, one to one.

    Runs have consecutive seeds; an LFSR started at consecutive numbers would give them nearly the
    same first bits. The mixer is the well-known 32-bit finalizer of MurmurHash3.
    """
    x = (seed + 0x9E3779B9) & MASK
    x = ((x ^ (x >> 16)) * 0x85EBCA6B) & MASK
    x = ((x ^ (x >> 13)) * 0xC2B2AE35) & MASK
    return x ^ (x >> 16)
