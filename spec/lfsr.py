"""The two shift registers all randomness comes from, and how a seed becomes their state."""

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
        """State for the `seed` register: its low bits, or 1 where these are all zero."""
        return seed & ((1 << self.width) - 1) or 1


PERTURBATION = Lfsr(32, (32, 22, 2, 1))
"""Feeds the delay line of perturbation bits, one shift a perturbation."""

ORDER = Lfsr(31, (31, 28))
"""Draws samples. Of another polynomial, so that order and perturbations are unrelated; up to 28
shifts a clock cost one XOR each."""

MAX_LEAP = 28


def seed_register(seed: int) -> int:
    """Spread a run's seed (0, 1, 2, …) over the 32-bit `seed` register, one to one.

    Runs have consecutive seeds; an LFSR started at consecutive numbers would give them nearly the
    same first bits. The mixer is the well-known 32-bit finalizer of MurmurHash3.
    """
    x = (seed + 0x9E3779B9) & MASK
    x = ((x ^ (x >> 16)) * 0x85EBCA6B) & MASK
    x = ((x ^ (x >> 13)) * 0xC2B2AE35) & MASK
    return x ^ (x >> 16)
