"""How good a candidate of `mgd tune` is."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from host import golden
from host.judging import judge
from host.outcome import mean_cost, median
from host.rules import Tables
from host.tuning.space import shortened, variant
from model.plant.cost import cost_of
from model.run import Run, theta_digest
from model.training import trainer_of
from spec import derive
from spec.config import Config
from spec.tasks import Kind


@dataclass(frozen=True)
class Score:
    """What runs of a candidate came to; what does not apply is None.

    Attributes
    ----------
    steps : int
        The most that a run could make.
    accuracy, r2 : float or None
        On average over the runs (and targets), of the samples for validation.
    solved : float or None
        Fraction of runs that reached the goal.
    median_steps : float or None
        Until then; None if it is infinite.
    cost : float
        Mean over samples and runs: of validation, or else of training at the last check.
    theta_digest : str
        Of the first run.
    """

    steps: int
    accuracy: float | None
    r2: float | None
    solved: float | None
    median_steps: float | None
    cost: float
    theta_digest: str

    @property
    def rank(self) -> tuple[float, ...]:
        """What is less where a candidate is better."""
        worth = self.r2 if self.accuracy is None else self.accuracy
        if worth is not None:
            return (-worth, self.cost)
        if self.solved is None:
            return (self.cost,)
        return (-self.solved, self.median_steps or math.inf, self.cost)

    def shown(self) -> str:
        """Say it in a few letters."""
        if self.accuracy is not None:
            return f"{self.accuracy:.1%}"
        if self.r2 is not None:
            return f"R² {self.r2:.3f}"
        if self.solved is None:
            return f"cost {self.cost:.4f}"
        steps = "∞" if self.median_steps is None else f"{self.median_steps:,.0f}"
        return f"{self.solved:.0%} solved, {steps} steps"

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Score:
        """Make it again of what `to_json` returned.

        Raises
        ------
        TypeError, ValueError
            If it was no such thing.
        """
        for key, value in given.items():
            wanted = str if key == "theta_digest" else (int, float, type(None))
            if not isinstance(value, wanted) or (value is None and key in ("steps", "cost")):
                raise ValueError(f"{key}: {value!r}")
        return cls(**given)


def evaluate(
    config: Config, changes: Tables, steps: int, runs: int, stop: Callable[[], bool]
) -> Score:
    """Train a candidate, and score it; the samples of the test have no part in it.

    Parameters
    ----------
    config : Config
    changes : Tables
        By which the candidate differs.
    steps : int
        The most of a run.
    runs : int
        From the config's seed on.
    stop : callable
        Asked again and again whether to give up.

    Raises
    ------
    Interrupted
        If `stop` said so.
    """
    made = shortened(variant(config, changes), steps)
    seeds = range(made.training.seed, made.training.seed + runs)
    found = trainer_of(made, seeds).run(stop=stop)
    digest = theta_digest(found[0].theta)
    if made.own and made.own.validation:
        scores = [_validation(made, run) for run in found]
        worth, cost = (statistics.fmean(values) for values in zip(*scores, strict=True))
        classes = made.own.preparation.targets.kind is Kind.CLASSES
        accuracy, r2 = (worth, None) if classes else (None, worth)
        return Score(steps, accuracy, r2, None, None, cost, digest)
    cost = statistics.fmean(mean_cost(made, run.cost_sum) for run in found)
    if not made.training.has_goal:
        return Score(steps, None, None, None, None, cost, digest)
    solved = statistics.fmean(run.solved for run in found)
    return Score(steps, None, None, solved, median(found, "steps"), cost, digest)


def _validation(config: Config, run: Run) -> tuple[float, float]:
    """Accuracy or mean R², and mean cost, of the samples for validation."""
    own = config.own
    assert own is not None
    part = own.validation
    assert part is not None
    y = golden.outputs(config.with_training(seed=run.seed), run.theta, part.data)
    judged = judge(own.preparation, y, part, own.train)
    costs = cost_of(derive.cost(config), y, np.array(part.data.t))
    cost = float(costs.mean()) / 2**config.formats.cost_bits
    if judged.accuracy is not None:
        return judged.accuracy, cost
    return statistics.fmean(value or 0.0 for value in judged.r2 or ()), cost
