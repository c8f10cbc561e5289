"""What a loop is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from model.number.fixed import Ints
from model.plant.score import Score
from spec.optimizer import OptimizerSpec
from spec.timing import Timing


class Order(Protocol):
    """What the loop knows of samples."""

    index: Ints

    def advance(self) -> None:
        """Go to the next sample."""


class AnyPlant(Protocol):
    """What the loop knows of a plant: a cost for weights, of every run."""

    @property
    def samples(self) -> Order:
        """Return which sample is next."""
        ...

    @property
    def defects(self) -> Any:
        """Return what makes it worse, if anything does."""
        ...

    def evaluate(self, weights: Ints) -> Ints:
        """Return the cost of the current sample of each run, of its weights of shape (runs, P)."""
        ...

    def cell_inputs(self) -> Ints:
        """Return what each cell has multiplied in the last evaluation, of shape (runs, P)."""
        ...

    def check(self, weights: Ints) -> Score:
        """Evaluate every sample."""
        ...

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""


P = TypeVar("P", bound=AnyPlant)


@dataclass(frozen=True)
class Parts(Generic[P]):
    """What a loop is made of.

    Parameters
    ----------
    optimizer : OptimizerSpec
    registers : mapping of str to int
        Their values, by name.
    timing : Timing
    plant : AnyPlant
    """

    optimizer: OptimizerSpec
    registers: Mapping[str, int]
    timing: Timing
    plant: P
