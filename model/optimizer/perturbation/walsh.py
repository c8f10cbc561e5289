"""Walsh code (CM): cell k has the sign of parity(k AND c) in column c."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.number.lfsr import Lfsrs
from model.optimizer.perturbation.base import Perturbation, numbers
from spec.code import Walsh
from spec.optimizer import BankSpec


class WalshCode(Perturbation):
    """Walsh code (CM): cell k has the parity of k AND the column; its sign alternates by period.

    Filled with random bits as all are, so that the initial θ is the same.
    """

    def __init__(self, spec: BankSpec, seeds: Sequence[int]) -> None:
        super().__init__(spec, seeds)
        code = spec.cell.perturbation.code
        assert isinstance(code, Walsh)
        self.code, self.numbers = code, numbers(spec)
        self.columns = Lfsrs(self.code.lfsr, seeds)
        self.count = 0

    def perturb(self) -> None:
        """Go to the next column."""
        period, place = divmod(self.count, self.code.period)
        column = np.zeros_like(self.columns.state)
        if place:
            column = self.columns.state
            self.columns.shift()
        met = column[:, None] & self.numbers.astype(np.uint64)
        self.line = (np.bitwise_count(met) % 2 == period % 2).astype(np.int64)
        self.count += 1

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        super().keep(runs)
        self.columns.state = self.columns.state[runs]


MAKES = {"cm": WalshCode}
