"""Perturbations: random code, Walsh code, time multiplexing; one bit for each cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.lfsr import Lfsrs
from spec.code import STRIDES, Turns, Walsh
from spec.config import Perturbation
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

    def fill(self) -> None:
        """Shift once: every cell takes its neighbour's bit, the first one a new one."""
        self.line = np.concatenate((self.lfsr.bit()[:, None], self.line[:, :-1]), axis=1)
        self.lfsr.shift()

    def perturb(self) -> None:
        """Take the next perturbation; of a random code, what also fills the initial θ."""
        self.fill()

    @property
    def polarity(self) -> np.ndarray:
        """+1 or -1 for each cell: the bit as a random sign."""
        return np.where(self.line, 1, -1)

    @property
    def sign(self) -> np.ndarray:
        """The perturbation of each cell, in Δθ: +1, -1 or 0."""
        return self.polarity

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        self.lfsr.state, self.line = self.lfsr.state[runs], self.line[runs]


class WalshCode(RandomCode):
    """Walsh code (CM): cell k has the parity of k AND the column; its sign alternates by period.

    Filled with random bits as `RandomCode`, so that the initial θ is the same.
    """

    def __init__(self, cells: int, seeds: Sequence[int]) -> None:
        super().__init__(cells, seeds)
        self.code = Walsh(cells)
        self.columns = Lfsrs(self.code.lfsr, seeds)
        self.count = 0

    def perturb(self) -> None:
        """Go to the next column."""
        period, place = divmod(self.count, self.code.period)
        column = np.zeros_like(self.columns.state)
        if place:
            column = self.columns.state
            self.columns.shift()
        met = column[:, None] & np.arange(self.line.shape[1], dtype=np.uint64)
        self.line = np.bitwise_count(met) % 2 == period % 2
        self.count += 1

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        super().keep(runs)
        self.columns.state = self.columns.state[runs]


class TimeMultiplex(RandomCode):
    """Time multiplexing (TM): one cell after the other, +Δθ, the others not at all.

    Filled with random bits as `RandomCode`, so that the initial θ is the same.
    """

    def __init__(self, cells: int, seeds: Sequence[int]) -> None:
        super().__init__(cells, seeds)
        turns = Turns(cells)
        self.turn = np.array([turns.start(seed) for seed in seeds])
        self.stride = np.array([turns.strides[seed % STRIDES] for seed in seeds])

    def perturb(self) -> None:
        """Go to the next turn."""
        cells = self.line.shape[1]
        self.line = np.arange(cells) == self.turn[:, None]
        self.turn = (self.turn + self.stride) % cells

    @property
    def sign(self) -> np.ndarray:
        """+1 for the cell whose turn it is, 0 for the others."""
        return self.line.astype(np.int64)

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        super().keep(runs)
        self.turn, self.stride = self.turn[runs], self.stride[runs]


SOURCES = {
    Perturbation.RCM: RandomCode,
    Perturbation.CM: WalshCode,
    Perturbation.TM: TimeMultiplex,
}
"""The source of each type of perturbation."""
