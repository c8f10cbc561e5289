"""Ternary code: each cell +Δθ, 0 or -Δθ with probability ¼, ½, ¼."""

from __future__ import annotations

import numpy as np

from model.number.fixed import Ints
from model.optimizer.perturbation.base import Perturbation
from spec.lfsr import SECOND


class Ternary(Perturbation):
    """Each cell takes its neighbour's two bits: the sign above, and whether θ̃ is not 0."""

    def fill(self) -> None:
        """Shift once; the signs are those of random codes, so that the initial θ is the same."""
        state = self.lfsr.state
        mask = np.uint64(sum(1 << bit for bit in SECOND))
        first = (np.bitwise_count(state & mask) % 2).astype(np.int64)[:, None]
        active = np.concatenate((first, self.line[:, :-1] & 1), axis=1)
        self.line = self._shifted(self.line >> 1) << 1 | active

    def perturb(self) -> None:
        """Shift."""
        self.fill()

    def places(self, run: int = 0) -> list[int]:
        """Return both bits of each place: the sign below, and whether θ̃ is not 0."""
        return [int(held >> 1 | (held & 1) << 1) for held in self.line[run]]

    @property
    def polarity(self) -> Ints:
        """The sign of each cell."""
        return np.where(self.line >> 1, 1, -1)

    @property
    def theta_tilde(self) -> Ints:
        """+1, 0 or -1 of each cell."""
        return self.polarity * (self.line & 1)


MAKES = {"ternary": Ternary}
