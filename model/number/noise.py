"""Near-Gaussian noise, one source a run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.number.fixed import Ints, shift_right
from model.number.lfsr import Lfsrs
from spec.noise import CENTRE, DRAW_BITS, Gaussian, Registers
from spec.numbers import Rounding


class NoiseSource:
    """Draws ν = RNE((sum of bytes - centre) · factor / 2**shift).

    Parameters
    ----------
    gaussian : Gaussian
        The constants.
    registers : Registers
        Whose low bits are the bytes.
    seeds : sequence of int
        The `seed` register of each run.

    Attributes
    ----------
    sample : array of int, shape (runs,)
        The draw that is used next; 0 before the first.
    """

    def __init__(self, gaussian: Gaussian, registers: Registers, seeds: Sequence[int]) -> None:
        self.gaussian = gaussian
        self.registers = [Lfsrs(register, seeds) for register in registers]
        self.sample: Ints = np.zeros(len(seeds), dtype=np.int64)

    def advance(self) -> Ints:
        """Return the sample, and draw another."""
        used = self.sample
        total = np.full(len(used), -CENTRE)
        for register in self.registers:
            for first_bit in range(0, DRAW_BITS, 8):
                total += (register.state >> np.uint64(first_bit)).astype(np.int64) & 255
            register.shift(DRAW_BITS)
        self.sample = shift_right(
            total * self.gaussian.factor, self.gaussian.shift, Rounding.NEAREST_EVEN
        )
        return used

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        self.sample = self.sample[runs]
        for register in self.registers:
            register.state = register.state[runs]


class NoiseLine:
    """A line of draws: at each shift, everyone takes its neighbour's, the first one a new one.

    Parameters
    ----------
    source : NoiseSource
    places : int
        Length of the line.

    Attributes
    ----------
    line : array of int, shape (runs, places)
    """

    def __init__(self, source: NoiseSource, places: int) -> None:
        self.source = source
        self.line: Ints = np.zeros((len(source.sample), places), dtype=np.int64)

    def shift(self) -> None:
        """Move all draws on by a place."""
        self.line = np.concatenate((self.source.advance()[:, None], self.line[:, :-1]), axis=1)

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        self.source.keep(runs)
        self.line = self.line[runs]
