"""Random code (R-CM): one LFSR feeds a delay line with one bit for each cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.lfsr import Lfsrs
from spec.lfsr import PERTURBATION


class RandomCode:
    """The perturbation bits of all cells.

    Parameters
    ----------
    cells : int
        P, the length of the delay line.
    seeds : sequence of int
        The `seed` register of each run.

    Attributes
    ----------
    line : array of bool, shape (runs, cells)
        1 is a perturbation of +Δθ, 0 of -Δθ.
    """

    def __init__(self, cells: int, seeds: Sequence[int]) -> None:
        self.lfsr = Lfsrs(PERTURBATION, seeds)
        self.line = np.zeros((len(seeds), cells), dtype=bool)

    def perturb(self) -> None:
        """Shift once: every cell takes its neighbour's bit, the first one a new one."""
        self.line = np.concatenate((self.lfsr.bit()[:, None], self.line[:, :-1]), axis=1)
        self.lfsr.shift()

    @property
    def sign(self) -> np.ndarray:
        """+1 or -1 for each cell."""
        return np.where(self.line, 1, -1)

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        self.lfsr.state, self.line = self.lfsr.state[runs], self.line[runs]
