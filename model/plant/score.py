"""The score of a check: correct samples and the sum of their costs."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from model.number.fixed import Ints
from model.optimizer.cells import SynapseCells
from model.plant.cost.mse import mean_squared_error
from model.plant.defects import Defects
from model.plant.network import evaluate
from spec.config import Config


@dataclass(frozen=True)
class Score:
    """What a check finds, sample by sample.

    Attributes
    ----------
    costs : array of int, shape (runs, samples)
        In LSBs of 2**-cost_bits.
    hits : array of bool, shape (runs, samples)
        Whether a sample is classified correctly.
    """

    costs: Ints
    hits: np.ndarray

    @property
    def cost_sum(self) -> Ints:
        """Sum of the costs of all samples, one a run."""
        return self.costs.sum(axis=1)

    @property
    def correct(self) -> Ints:
        """Number of correct samples, one a run."""
        return self.hits.sum(axis=1)


def check(weights: Ints, x: Ints, t: Ints, config: Config, defects: Defects | None = None) -> Score:
    """Evaluate every sample, unperturbed.

    Parameters
    ----------
    weights : array of int, shape (runs, P)
    x, t : array of int, shape (samples, inputs) and (samples, outputs)
    """
    y = evaluate(weights, np.broadcast_to(x, (len(weights), *x.shape)), config, defects)
    if y.shape[-1] == 1:
        found = (y[..., 0] > 1 << config.formats.activation_bits >> 1).astype(np.int64)
    else:
        found = np.argmax(y, axis=-1)
    return Score(mean_squared_error(y, t, config), found == np.array(config.data.classes))


def held_out_accuracy(theta: Ints, config: Config) -> float | None:
    """Fraction of the held-out samples that one run's θ, of shape (P,), classifies correctly.

    None if the task has no such samples, or if neurons have defects, which θ alone does not tell.
    """
    if config.held_out is None or config.defects:
        return None
    apart = dataclasses.replace(config, data=config.held_out)
    cells = SynapseCells(config, runs=1)
    cells.theta = theta[None]
    score = check(cells.weights(), np.array(apart.data.x), np.array(apart.data.t), apart)
    return int(score.correct[0]) / len(apart.data)
