"""How good a network is on the user's own data: accuracy, or RMSE and R², and beside what."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from host import golden
from model.number.fixed import Ints
from spec.config import Config
from spec.data.own import Part
from spec.data.preparation import Preparation
from spec.tasks import Kind

TITLES = {"train": "training", "validation": "validation", "test": "test"}
"""Of the parts of own data, for the user."""


@dataclass(frozen=True)
class Judgement:
    """What outputs are worth, of samples that have targets.

    Attributes
    ----------
    samples : int
    accuracy : float or None
        Fraction of correct samples; None of numbers, as `confusion`.
    baseline_accuracy : float or None
        That of naming the most frequent class of training always.
    confusion : list or None
        Samples of each class (row) that were found to be of each class (column).
    rmse : list of float or None
        Root of the mean squared error of each target, in the user's unit; None of classes, as the
        next two.
    baseline_rmse : list of float or None
        That of naming the mean of training always.
    r2 : list of (float or None) or None
        R², 1 less the squared error as a part of the targets' variance; None of targets that are
        all the same.
    """

    samples: int
    accuracy: float | None = None
    baseline_accuracy: float | None = None
    confusion: list[list[int]] | None = None
    rmse: list[float] | None = None
    baseline_rmse: list[float] | None = None
    r2: list[float | None] | None = None

    @property
    def better(self) -> bool:
        """Whether it is better than naming the same always; of several numbers, on average."""
        if self.accuracy is not None:
            return self.accuracy > (self.baseline_accuracy or 0.0)
        assert self.rmse is not None
        assert self.baseline_rmse is not None
        pairs = zip(self.rmse, self.baseline_rmse, strict=True)
        ratios = [found / base if base else np.inf for found, base in pairs]
        return float(np.mean(ratios)) < 1

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON."""
        return asdict(self)


def judge(preparation: Preparation, y: Ints, part: Part, train: Part) -> Judgement:
    """Judge outputs.

    Parameters
    ----------
    preparation : Preparation
    y : array of int, shape (samples, outputs)
        In LSBs.
    part : Part
        The samples, with targets.
    train : Part
        Those of training, whose most frequent class or mean is the baseline.
    """
    if preparation.targets.kind is Kind.NUMBERS:
        return _judge_numbers(preparation, y, part, train)
    count = max(2, part.data.outputs)
    wanted, found = np.array(part.data.classes), golden.classes_of(y, part.data.fraction_bits)
    matrix = np.zeros((count, count), dtype=np.int64)
    np.add.at(matrix, (wanted, found), 1)
    most = int(np.bincount(train.data.classes, minlength=count).argmax())
    return Judgement(
        len(wanted),
        accuracy=float((wanted == found).mean()),
        baseline_accuracy=float((wanted == most).mean()),
        confusion=matrix.tolist(),
    )


def _judge_numbers(preparation: Preparation, y: Ints, part: Part, train: Part) -> Judgement:
    wanted = np.array(part.numbers)
    found = preparation.in_users_unit(y, part.data.fraction_bits)
    mean = np.array(train.numbers).mean(axis=0)
    squared = ((found - wanted) ** 2).mean(axis=0)
    variance = wanted.var(axis=0)
    constant = np.ptp(wanted, axis=0) == 0
    return Judgement(
        len(wanted),
        rmse=np.sqrt(squared).tolist(),
        baseline_rmse=np.sqrt(((mean - wanted) ** 2).mean(axis=0)).tolist(),
        r2=[
            None if same else float(1 - error / spread)
            for error, spread, same in zip(squared, variance, constant, strict=True)
        ],
    )


def judge_run(config: Config, theta: Ints, seed: int) -> dict[str, Judgement]:
    """Judge a trained network on each part of the user's data, by the part's name.

    Parameters
    ----------
    config : Config
        Of a task "file".
    theta : array of int, shape (P,)
        In LSBs.
    seed : int
        Of the run, of which neurons may have defects.

    Returns
    -------
    dict
        Of "train", and of "validation" and "test" if there are any.
    """
    own = config.own
    assert own is not None
    config = config.with_training(seed=seed)
    return {
        name: judge(own.preparation, golden.outputs(config, theta, part.data), part, own.train)
        for name, part in own.parts.items()
    }


def last_part(judged: dict[str, Judgement]) -> tuple[str, Judgement]:
    """Return what a run is worth on the part of own data that it saw least of, and the part's name.

    Parameters
    ----------
    judged : dict
        As `judge_run` returns it.
    """
    *_, (name, judgement) = judged.items()
    return name, judgement
