"""Scaling: each column is shifted and divided, and back."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from spec.tasks import Scale

UNEVEN = 10.0
"""Ratio of the largest deviation of an input to the smallest above which `auto` scales."""

TINY = 1 / 16
"""Largest deviation of an input below which `auto` scales."""


@dataclass(frozen=True)
class Linear:
    """A column's scaling: v becomes (v - offset) / span.

    Attributes
    ----------
    offset, span : float
        In the user's unit; span is not 0.
    """

    offset: float = 0.0
    span: float = 1.0

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Scale values of the column."""
        return (values - self.offset) / self.span

    def undo(self, values: np.ndarray) -> np.ndarray:
        """Return what was scaled."""
        return values * self.span + self.offset


def fit(scale: Scale, columns: np.ndarray, limits: tuple[float, float]) -> tuple[Linear, ...]:
    """Find the scaling of inputs.

    Sums are rounded once, so that it is the same on every machine.

    Parameters
    ----------
    scale : Scale
    columns : array of float, shape (samples, inputs)
        Of the training part only.
    limits : tuple of float
        Lowest and highest value of an input's format, for `auto`.
    """
    if scale is Scale.AUTO:
        scale = Scale.NONE if _even(columns, limits) else Scale.STANDARD
    makers: dict[Scale, Callable[[np.ndarray], Linear]] = {
        Scale.NONE: lambda _: Linear(),
        Scale.STANDARD: _standard,
        Scale.MINMAX: lambda column: between(column, -1.0, 1.0),
    }
    return tuple(makers[scale](column) for column in columns.T)


def between(column: np.ndarray, low: float, high: float) -> Linear:
    """Scale a column's least value to `low` and its greatest to `high`; a constant to 0."""
    least, most = float(column.min()), float(column.max())
    if least == most:
        return Linear(least)
    span = (most - least) / (high - low)
    return Linear(least - low * span, span)


def _standard(column: np.ndarray) -> Linear:
    mean, deviation = _moments(column)
    return Linear(mean, deviation or 1.0)


def _moments(column: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation, the latter 0 where it is no more than rounding."""
    values = column.tolist()
    mean = math.fsum(values) / len(values)
    deviation = math.sqrt(
        math.fsum((value - mean) * (value - mean) for value in values) / len(values)
    )
    return mean, deviation if deviation > 1e-12 * abs(mean) else 0.0


def _even(columns: np.ndarray, limits: tuple[float, float]) -> bool:
    """Whether inputs are within range, and those that vary do so by about as much."""
    if columns.min() < limits[0] or columns.max() > limits[1]:
        return False
    deviations = [d for _, d in map(_moments, columns.T) if d]
    if not deviations:
        return True
    return max(deviations) <= UNEVEN * min(deviations) and max(deviations) >= TINY


def apply(scaling: Sequence[Linear], columns: np.ndarray) -> np.ndarray:
    """Scale all columns of an array of shape (samples, columns)."""
    return np.column_stack([one.apply(columns[:, k]) for k, one in enumerate(scaling)])


def undo(scaling: Sequence[Linear], columns: np.ndarray) -> np.ndarray:
    """Return what was scaled, of shape (samples, columns)."""
    return np.column_stack([one.undo(columns[:, k]) for k, one in enumerate(scaling)])
