"""Early stopping: a run ends where samples apart from training are matched best.

The gateware knows nothing of it. A run that it ends is one of fewer steps, so that any engine makes
the same one once it is told how many.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.plant.score import score
from model.run import Run
from model.trainer import Trainer
from spec import derive
from spec.config import Config
from spec.tasks import Dataset


class PatientTrainer(Trainer):
    """A trainer whose runs are told as they were at their best check.

    That is the one with the least cost over the samples for validation, the first of several. A run
    ends `training.patience` checks after it, or at the last step; one that is solved ends there,
    as ever.

    Parameters
    ----------
    config : Config
        With samples for validation.
    seeds : sequence of int
        One a run.
    """

    def __init__(self, config: Config, seeds: Sequence[int]) -> None:
        super().__init__(config, seeds)
        assert config.own is not None
        assert config.own.validation is not None
        self._data: Dataset = config.own.validation.data
        self._x, self._t = (np.array(part, dtype=np.int64) for part in (self._data.x, self._data.t))
        self._spec = derive.cost(config)
        self._best: list[Run | None] = [None] * len(seeds)
        self._least = np.full(len(seeds), np.iinfo(np.int64).max)
        self._waited = np.zeros(len(seeds), dtype=np.int64)

    def _ended(self, solved: np.ndarray) -> np.ndarray:
        self._look()
        return super()._ended(solved) | (self._waited >= self.config.training.patience)

    def _look(self) -> None:
        """Evaluate the samples for validation, and keep the runs that were never as good."""
        assert self.score is not None
        x = np.broadcast_to(self._x, (len(self.seeds), *self._x.shape))
        y = self.plant.network.evaluate(self.cells.weights(), x)
        sums = score(self._spec, y, self._t, np.array(self._data.classes)).cost_sum
        better = sums < self._least
        self._least = np.minimum(sums, self._least)
        self._waited = np.where(better, 0, self._waited + 1)
        runs = self._now(better, np.full(len(self.seeds), False))
        for k, run in zip(np.flatnonzero(better).tolist(), runs, strict=True):
            self._best[k] = run

    def _finish(self, ended: np.ndarray, solved: np.ndarray) -> None:
        known = np.array([run is not None for run in self._best])
        super()._finish(ended & (solved | ~known), solved)
        chosen = np.flatnonzero(ended & known & ~solved).tolist()
        self.finished += [run for run in (self._best[k] for k in chosen) if run is not None]

    def _keep(self, runs: np.ndarray) -> None:
        super()._keep(runs)
        self._best = [self._best[k] for k in np.flatnonzero(runs)]
        self._least, self._waited = self._least[runs], self._waited[runs]
