"""The change in cost, and u of it."""

from __future__ import annotations

from dataclasses import dataclass

from spec.noise import Gaussian
from spec.numbers import Format

MAX_LEFT_SHIFT = 4
"""C̃ is shifted left by this much and right by eta_shift, 0 to 15."""

ETA_SHIFT_BITS = 4


@dataclass(frozen=True)
class ChangeSpec:
    """From costs to the change in cost C̃, and to u.

    Parameters
    ----------
    cost_width, cost_fraction_bits : int
        Of a cost, which is unsigned.
    bus : Format
        Of u, whose LSB is that of θ.
    noise : Gaussian or None
        Of a perturbed cost.
    rails : int
        Costs at once; of two, the first is C0.
    guard_bits : int
        Of the analog loop: log2(τ_hp), by which C̃ is finer than C; None in the discrete loop.
    """

    cost_width: int
    cost_fraction_bits: int
    bus: Format
    noise: Gaussian | None = None
    rails: int = 1
    guard_bits: int | None = None

    register_latency = 1
    """Clocks from a cost to C."""

    latency = 3
    """Clocks from C to u: C̃, shift, rounding."""

    @property
    def analog(self) -> bool:
        """Whether C̃ is C through a high-pass."""
        return self.guard_bits is not None

    @property
    def guard(self) -> int:
        """Fraction bits of C̃ beyond those of C."""
        return self.guard_bits or 0

    @property
    def held_width(self) -> int:
        """Bits of C and C0: one more, for the sign, where noise can make a cost negative."""
        return self.cost_width + bool(self.noise)

    @property
    def tilde_width(self) -> int:
        """Bits of C̃, signed: it holds every C - C0; a high-pass saturates there."""
        return self.held_width + 1 + self.guard
