"""What checks find while training goes on, run by run; and what many runs have in common."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from model.loop import Loop
from model.run import Run

Curve = list[tuple[int, float]]
"""(step, value) at each check."""

Curves = dict[int, Curve]
"""By seed."""

MOST_CURVES = 200
"""Runs whose curves are kept: the first so many."""

QUARTILES = (25, 50, 75)
"""In percent."""


class Checks:
    """Collects what checks find.

    Parameters
    ----------
    seeds : sequence of int
        Consecutive, one a run.
    mean_cost : callable
        Of the sum of costs that a check counts.
    samples : int, optional
        Of which a check counts the correct ones; None where it does not.

    Attributes
    ----------
    costs : Curves
        Mean cost.
    accuracies : Curves
        The fraction of correct samples; a board does not keep it.
    solved : dict of int to int
        The step at which a run was solved, by seed; also of runs whose curves are not kept.
    last : int or None
        Seed of the run that was added to last.
    """

    def __init__(
        self, seeds: Sequence[int], mean_cost: Callable[[int], float], samples: int | None = None
    ) -> None:
        self.seeds, self.mean_cost, self.samples = seeds, mean_cost, samples
        self.costs: Curves = {}
        self.accuracies: Curves = {}
        self.solved: dict[int, int] = {}
        self.last: int | None = None

    def add(self, seed: int, step: int, cost_sum: int, correct: int | None = None) -> None:
        """Add what a check found of a run."""
        if seed - self.seeds[0] >= MOST_CURVES:
            return
        self.last = seed
        self.costs.setdefault(seed, []).append((step, self.mean_cost(cost_sum)))
        if self.samples and correct is not None:
            self.accuracies.setdefault(seed, []).append((step, correct / self.samples))

    def take(self, trainer: Loop[Any, Any]) -> None:
        """Add what a golden trainer's check found of all its runs."""
        assert trainer.score is not None
        found = (trainer.seeds, trainer.score.cost_sum, trainer.score.correct)
        for seed, cost_sum, correct in zip(*(part.tolist() for part in found), strict=True):
            self.add(seed, trainer.n, cost_sum, correct)
        self.solved |= dict.fromkeys(trainer.seeds[trainer.solved].tolist(), trainer.n)

    def end(self, run: Run) -> None:
        """Hear how a run ended."""
        if run.solved:
            self.solved[run.seed] = run.steps


def quartiles(curves: Sequence[Curve], at: Sequence[int], running: int | None = None) -> np.ndarray:
    """Return the quartiles of what runs have at given steps.

    A run has what its last check until then found, and nothing before its first one; one that has
    ended holds its last value.

    Parameters
    ----------
    curves : sequence of Curve
    at : sequence of int
    running : int, optional
        Which of them has not ended: it has nothing beyond its last check.

    Returns
    -------
    array of float, shape (3, steps)
        Lower quartile, median, upper quartile; NaN where no run has anything.
    """
    held = np.full((len(curves), len(at)), np.nan)
    for k, curve in enumerate(curves):
        end = curve[-1][0] if k == running else math.inf
        for column, step in enumerate(at):
            place = bisect_right(curve, step, key=itemgetter(0))
            if place and step <= end:
                held[k, column] = curve[place - 1][1]
    known = ~np.isnan(held).all(axis=0)
    spread = np.full((3, len(at)), np.nan)
    if known.any():
        spread[:, known] = np.nanpercentile(held[:, known], QUARTILES, axis=0)
    return spread


def steps_of(curves: Sequence[Curve]) -> list[int]:
    """Return all steps at which there was a check, ascending."""
    return sorted({step for curve in curves for step, _ in curve})
