"""What has come of a training, whatever was trained."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

from host.checks import Curves
from host.judging import Judgement, judge_run
from model.held_out import held_out_accuracy
from model.run import Run, theta_digest
from spec.config import Config
from spec.data.own import OwnData
from spec.tasks import Kind
from spec.trained import Trained

ENGINES = {
    "model": "golden model",
    "sim": "simulated gateware",
    "board": "board",
    "loop": "chip in the loop",
}
"""With the names that a user sees."""

ON_BOARD = ("board", "loop")
"""Those that need a board; it does not count clocks."""

PARTS = ("train", "validation", "test")
"""Of own data."""

C = TypeVar("C", bound=Trained)


@dataclass(frozen=True)
class Outcome(Generic[C]):
    """The outcome of training.

    Attributes
    ----------
    engine : str
    config : Config or ExternalConfig
    runs : list of Run
        In the order of their seeds.
    curves : Curves
    accuracies : Curves
        The fraction of correct samples in place of the cost; a board does not keep it.
    interrupted : bool
        Whether it was ended before its time; runs that had made no step are missing then.
    golden : Outcome or None
        The same in the golden model, where that had to go first: it says how many steps each run
        makes if `training.patience` ends it.
    modelled : bool
        Whether the golden model finds the same; not with an external plant of which nobody knows
        what it does.
    """

    engine: str
    config: C
    runs: list[Run]
    curves: Curves = field(default_factory=dict)
    accuracies: Curves = field(default_factory=dict)
    interrupted: bool = False
    golden: Self | None = None
    modelled: bool = True

    places: ClassVar[int] = 4
    """Of a cost that is shown."""

    # What kinds of configs differ in

    @property
    def title(self) -> str:
        """What was trained."""
        raise NotImplementedError

    @property
    def own(self) -> OwnData | None:
        """Data of the user's own that a network was trained with."""
        return None

    @property
    def judgements(self) -> list[dict[str, Judgement]]:
        """What each run's final θ is worth on each part of own data; else empty."""
        return []

    def accuracy(self, run: Run) -> float | None:
        """Fraction of correct samples at a run's end; None if nobody knows."""
        raise NotImplementedError

    def held_out_accuracy(self, run: Run) -> float | None:
        """Fraction of correct held-out samples at a run's end; None if the task has none."""
        return None

    def clocks(self, run: Run) -> int | None:
        """Clocks of a run; None if the engine does not count them."""
        raise NotImplementedError

    def run_to_json(self, k: int) -> dict[str, Any]:
        """Return what the documented JSON has of a run besides what all have."""
        raise NotImplementedError

    def more_to_json(self) -> dict[str, Any]:
        """Return what it has beside the runs, besides what all have."""
        raise NotImplementedError

    # What they have in common

    def mean_cost(self, cost_sum: int) -> float:
        """Mean cost over the samples, of the sum a check counts."""
        return mean_cost(self.config, cost_sum)

    @property
    def solved(self) -> int:
        """Number of solved runs."""
        return sum(run.solved for run in self.runs)

    @property
    def median_steps(self) -> float | None:
        """As `median`."""
        return median(self.runs, "steps")

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON."""
        goal = self.config.training.has_goal
        return {
            "engine": self.engine,
            "config": self.config.to_dict(),
            **self.more_to_json(),
            "interrupted": self.interrupted,
            "solved": self.solved if goal else None,
            "solved_fraction": self.solved / len(self.runs) if goal else None,
            "median_steps": self.median_steps,
            "runs": [
                {
                    "seed": run.seed,
                    "solved": run.solved if goal else None,
                    "steps": run.steps,
                    "clocks": self.clocks(run),
                    "accuracy": self.accuracy(run),
                    "cost": self.mean_cost(run.cost_sum),
                    **self.run_to_json(k),
                    "theta_digest": theta_digest(run.theta),
                }
                for k, run in enumerate(self.runs)
            ],
        }


@dataclass(frozen=True)
class Training(Outcome[Config]):
    """The outcome of training a network of ours."""

    @property
    def title(self) -> str:
        """What was trained, by the name of its file if the user has one."""
        task = self.config.task
        return f"{Path(task.path).stem or task.name} on {self.config.network.title}"

    @property
    def own(self) -> OwnData | None:
        """Data of the user's own that it was trained with."""
        return self.config.own

    @cached_property
    def judgements(self) -> list[dict[str, Judgement]]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """What each run's final θ is worth on each part of own data; else empty."""
        if self.own is None:
            return []
        return [judge_run(self.config, run.theta, run.seed) for run in self.runs]

    def accuracy(self, run: Run) -> float:
        """Fraction of correct samples in a run's last check."""
        return run.correct / self.config.samples

    def held_out_accuracy(self, run: Run) -> float | None:
        """Fraction of correct held-out samples at a run's end; None if the task has none."""
        if self.own and self.own.preparation.targets.kind is Kind.NUMBERS:
            return None
        return held_out_accuracy(run.theta, self.config)

    def clocks(self, run: Run) -> int | None:
        """Clocks of a run, but of a board's."""
        return None if self.engine in ON_BOARD else run.clocks

    def run_to_json(self, k: int) -> dict[str, Any]:
        """Return what the documented JSON has of a run besides what all have."""
        run, judged = self.runs[k], self.judgements[k] if self.judgements else {}
        return {
            "waited": run.waited,
            "held_out_accuracy": self.held_out_accuracy(run),
            **{name: part.to_json() if (part := judged.get(name)) else None for name in PARTS},
        }

    def more_to_json(self) -> dict[str, Any]:
        """Return what was made of the user's data."""
        return {"data": own_to_json(self.config)}


def own_to_json(config: Config) -> dict[str, Any] | None:
    """Return the documented JSON of what was made of the user's data; None if there are none."""
    own = config.own
    if own is None:
        return None
    return {
        **own.preparation.to_dict(),
        **{
            f"{name}_samples": len(own.parts[name].data) if name in own.parts else 0
            for name in PARTS
        },
        "notes": list(own.notes),
    }


def median(runs: Sequence[Run], what: str) -> float | None:
    """Median of an attribute of all runs, infinite where unsolved; None if it is infinite."""
    found = statistics.median(getattr(run, what) if run.solved else math.inf for run in runs)
    return found if math.isfinite(found) else None


def mean_cost(config: Trained, cost_sum: int) -> float:
    """Mean cost over the samples, of the sum a check counts."""
    return cost_sum / (config.samples * 2**config.formats.cost_bits)


def differences(one: Outcome[Any], other: Outcome[Any]) -> list[int]:
    """Seeds whose runs differ in anything both engines tell: θ, steps, score, and clocks."""

    def facts(run: Run) -> tuple[object, ...]:
        return run.solved, run.steps, run.correct, run.cost_sum, theta_digest(run.theta)

    differing = []
    for a, b in zip(one.runs, other.runs, strict=True):
        clocks = one.clocks(a), other.clocks(b)
        if facts(a) != facts(b) or (None not in clocks and clocks[0] != clocks[1]):
            differing.append(a.seed)
    return differing
