"""The score of a check: correct samples and the sum of their costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.number.fixed import Ints
from model.plant.cost import cost_of
from spec.plant import CostSpec


@dataclass(frozen=True)
class Score:
    """What a check finds, sample by sample.

    Attributes
    ----------
    costs : array of int, shape (runs, samples)
        In LSBs of a cost.
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


def score(cost: CostSpec, y: Ints, t: Ints, classes: Ints) -> Score:
    """Count what the evaluations of all samples are worth.

    Parameters
    ----------
    cost : CostSpec
    y : array of int, shape (runs, samples, outputs)
    t : array of int, shape (samples, outputs)
        In LSBs of an output.
    classes : array of int, shape (samples,)
    """
    if cost.outputs == 1:
        found = (y[..., 0] > 1 << cost.output.fraction_bits >> 1).astype(np.int64)
    else:
        found = np.argmax(y, axis=-1)
    return Score(cost_of(cost, y, t), found == classes)
