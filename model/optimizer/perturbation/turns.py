"""Time multiplexing (TM): one cell after the other by +Δθ, the others not at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.number.fixed import Ints
from model.optimizer.perturbation.base import Perturbation, numbers
from spec.code import STRIDES, Turns
from spec.optimizer import BankSpec


class TimeMultiplexing(Perturbation):
    """Time multiplexing (TM): one cell after the other, +Δθ, the others not at all.

    Filled with random bits as all are, so that the initial θ is the same.
    """

    def __init__(self, spec: BankSpec, seeds: Sequence[int]) -> None:
        super().__init__(spec, seeds)
        code = spec.cell.perturbation.code
        assert isinstance(code, Turns)
        self.code, self.numbers = code, numbers(spec)
        self.turn = np.array([self.code.start(seed) for seed in seeds])
        self.stride = np.array([self.code.strides[seed % STRIDES] for seed in seeds])

    def perturb(self) -> None:
        """Go to the next turn."""
        self.line = (self.numbers == self.turn[:, None]).astype(np.int64)
        self.turn = (self.turn + self.stride) % self.code.cells

    @property
    def theta_tilde(self) -> Ints:
        """+1 for the cell whose turn it is, 0 for the others."""
        return self.line

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        super().keep(runs)
        self.turn, self.stride = self.turn[runs], self.stride[runs]


MAKES = {"tm": TimeMultiplexing}
