"""Perturbations of period N: Walsh codes, time multiplexing, sines; and when they resonate."""

from __future__ import annotations

import math
from dataclasses import dataclass

from spec.lfsr import Lfsr
from spec.numbers import bits_for

TAPS = {
    1: (1,), 2: (2, 1), 3: (3, 2), 4: (4, 3), 5: (5, 3), 6: (6, 5), 7: (7, 6), 8: (8, 6, 5, 4),
    9: (9, 5), 10: (10, 7), 11: (11, 9), 12: (12, 11, 10, 4), 13: (13, 12, 11, 8),
    14: (14, 13, 12, 2), 15: (15, 14), 16: (16, 15, 13, 4),
}  # fmt: skip
"""Taps of a maximal LFSR of each width."""

STRIDES = 16
"""Orders of time multiplexing that a seed chooses from."""


SINE_BITS = 6
"""Bits of a phase that a sine looks at: two for the quadrant, four for the place in it."""

MAX_SINE_FRACTION = 4
"""Fraction bits of a sine's values in units of Δθ, unless Δθ itself has fewer."""


@dataclass(frozen=True)
class Code:
    """What all codes have: cells that are known by their number.

    Parameters
    ----------
    cells : int
        P.
    """

    cells: int

    @property
    def bits(self) -> int:
        """Bits of a cell's number, and of a column of a Walsh code."""
        return max(1, bits_for(self.cells))


@dataclass(frozen=True)
class Walsh(Code):
    """Walsh codes of `cells` cells: cell k has the sign parity(k AND c) in column c.

    The columns of a period are 0 and then the states of an LFSR, from a seeded one on. That visits
    every column once, so that a period is exact, and shuffles the rows: another start gives every
    cell another cell's signs. The sign of all alternates by period, so that the mean is zero.
    """

    @property
    def period(self) -> int:
        """Columns: the next power of two."""
        return 1 << self.bits

    @property
    def lfsr(self) -> Lfsr:
        """What walks through the columns but 0."""
        return Lfsr(self.bits, TAPS[self.bits])


@dataclass(frozen=True)
class Turns(Code):
    """Time multiplexing of `cells` cells: slot i is the turn of cell (start + i·stride) mod P."""

    @property
    def period(self) -> int:
        """Slots: as many as cells."""
        return self.cells

    @property
    def strides(self) -> tuple[int, ...]:
        """Strides coprime to P, so that each visits every cell; the seed's low bits choose one."""
        coprime = [k for k in range(1, max(2, self.cells)) if math.gcd(k, self.cells) == 1]
        golden = [coprime[int(i * 0.618034 * len(coprime)) % len(coprime)] for i in range(STRIDES)]
        return tuple(golden)

    def start(self, seed: int) -> int:
        """First cell: 16 bits of the `seed` register, scaled to P."""
        return ((seed >> 16) * self.cells) >> 16


@dataclass(frozen=True)
class Sines(Code):
    """Frequency multiplexing of `cells` cells: a sine each, of its own frequency.

    A phase is of `phase_bits` bits and grows by `frequency(cell)` a slot, so that all frequencies
    are distinct multiples of 1/period below 1/2, and sines are orthogonal over a period.
    """

    @property
    def phase_bits(self) -> int:
        """Bits of a phase: there are at least as many frequencies as cells."""
        return max(SINE_BITS, bits_for(2 * (self.cells + 1)))

    @property
    def period(self) -> int:
        """Slots after which all phases come back."""
        return 1 << self.phase_bits

    def frequency(self, cell: int) -> int:
        """Cycles a period: evenly spaced below the Nyquist frequency, and shuffled by a stride."""
        stride = Turns(self.cells).strides[1]
        place = cell * stride % self.cells
        return (place + 1) * (self.period // 2) // (self.cells + 1)


def sine_levels(fraction: int) -> tuple[int, ...]:
    """A quarter of a sine of amplitude √2, in units of 2**-fraction.

    The amplitude is that of the published code, so that the mean of θ̃² is Δθ², as with ±Δθ. The
    places are half a place off zero: all four quarters are mirror images.
    """
    places = 1 << SINE_BITS - 2
    one = math.sqrt(2) * (1 << fraction)
    return tuple(round(one * math.sin(math.pi / 2 * (k + 0.5) / places)) for k in range(places))


def resonates(samples: int, tau_x: int, period: int, tau_p: int) -> bool:
    """Whether sequential samples meet some slots of a code more often than others.

    A sample stays for τ_x steps and returns after samples·τ_x; a slot stays for τ_p and returns
    after period·τ_p. Only steps of the same residue modulo the common divisor of both meet; all is
    well if a whole stay of either covers all residues alike.
    """
    common = math.gcd(samples * tau_x, period * tau_p)
    return tau_x % common != 0 and tau_p % common != 0
