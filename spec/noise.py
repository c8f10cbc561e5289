"""Near-Gaussian noise from shift registers: the constants that model and gateware share."""

from __future__ import annotations

import math
from dataclasses import dataclass

from spec.errors import InputError
from spec.lfsr import Lfsr

BYTES = 4
"""A draw is the sum of so many bytes of random bits, less its mean."""

DRAW_BITS = 8 * BYTES // 2
"""Random bits that each of a source's two registers gives to a draw, and shifts between draws."""

CENTRE = BYTES * 255 // 2
"""Mean of the sum, and its greatest deviation."""

DEVIATION = math.sqrt(BYTES * (256**2 - 1) / 12)
"""Standard deviation of the sum of the bytes."""

Registers = tuple[Lfsr, Lfsr]
"""Of a source: the first gives the low bytes, the second the others."""

COST_NOISE = Lfsr(61, (61, 59, 56, 52, 43, 36, 35, 19)), Lfsr(62, (62, 52, 43, 37, 33, 29, 24, 22))
UPDATE_NOISE = (
    Lfsr(59, (59, 53, 42, 31, 28, 26, 23, 18)),
    Lfsr(60, (60, 58, 57, 48, 41, 30, 26, 16)),
)
DEFECTS = Lfsr(57, (57, 49, 48, 44, 38, 36, 23, 16)), Lfsr(58, (58, 57, 53, 48, 47, 46, 41, 18))
"""The sources: of different polynomials, so that they are unrelated. Each register is wide enough
for three draws to be independent, and the periods of the two have no common factor."""

WARM_UP = 8
"""Draws until the states of different seeds have nothing in common."""

DEFECTS_A_NEURON = 4
"""k, x0, L and y0, in the order in which a neuron's draws reach it last."""


@dataclass(frozen=True)
class Gaussian:
    """Noise ν = RNE((sum of bytes - CENTRE) · factor / 2**shift), in LSBs.

    A sum of four uniform numbers: its density is within 0.02/σ of the normal one, and it ends at
    3.45 σ.

    Parameters
    ----------
    factor : int
        128 to 256.
    shift : int
        At least 0.
    """

    factor: int
    shift: int

    @classmethod
    def of(cls, sigma: float, fraction_bits: int, key: str) -> Gaussian:
        """Build the noise of a standard deviation; `key` names it in the error.

        Raises
        ------
        InputError
            If the deviation is below a quarter of an LSB, where rounding leaves little of it, or
            above 2**15 LSBs.
        """
        lsbs = math.ldexp(sigma, fraction_bits)
        if not 0.25 <= lsbs <= 1 << 15:
            low, high = math.ldexp(0.25, -fraction_bits), math.ldexp(1.0, 15 - fraction_bits)
            raise InputError(
                f"{key} = {sigma}: must be 0, or from {low:g} (a quarter of an LSB) to {high:g}, "
                "in these formats"
            )
        ratio = lsbs / DEVIATION
        shift = 8 - math.frexp(ratio)[1]
        return cls(round(math.ldexp(ratio, shift)), shift)

    @property
    def maximum(self) -> int:
        """Greatest `|ν|`, in LSBs."""
        return (CENTRE * self.factor >> self.shift) + 1

    @property
    def bits(self) -> int:
        """Width of ν, signed."""
        return self.maximum.bit_length() + 1
