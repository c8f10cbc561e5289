"""Numbers that carry a bound: midpoint ± radius, and everything within.

Each operation's result holds whatever it makes of any values of its operands. The midpoints are
plain float64, as if there were no radii; float64's own rounding, below 1e-15, is not counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.reference import Array


@dataclass(frozen=True, eq=False)
class Ball:
    """An array of numbers, each known to a radius."""

    mid: Array
    radius: Array

    __array_ufunc__ = None  # so that an ndarray leaves its operators to this class

    @classmethod
    def of(cls, value: Any) -> Ball:
        """Make an exact one of anything else."""
        if isinstance(value, Ball):
            return value
        mid = np.asarray(value, dtype=np.float64)
        return cls(mid, np.zeros_like(mid))

    def wider(self, by: Any) -> Ball:
        """Add to the radius."""
        return Ball(self.mid, self.radius + by)

    @property
    def magnitude(self) -> Array:
        """The most that |value| can be."""
        return abs(self.mid) + self.radius

    def __add__(self, other: Any) -> Ball:
        other = Ball.of(other)
        return Ball(self.mid + other.mid, self.radius + other.radius)

    def __sub__(self, other: Any) -> Ball:
        other = Ball.of(other)
        return Ball(self.mid - other.mid, self.radius + other.radius)

    def __rsub__(self, other: Any) -> Ball:
        return Ball.of(other) - self

    def __mul__(self, other: Any) -> Ball:
        other = Ball.of(other)
        radius = abs(self.mid) * other.radius + self.radius * other.magnitude
        return Ball(self.mid * other.mid, radius)

    def __matmul__(self, other: Any) -> Ball:
        other = Ball.of(other)
        radius = abs(self.mid) @ other.radius + self.radius @ other.magnitude
        return Ball(self.mid @ other.mid, radius)

    def __rmatmul__(self, other: Any) -> Ball:
        return Ball.of(other) @ self

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, by: float) -> Ball:
        return Ball(self.mid / by, self.radius / abs(by))

    def __pow__(self, power: int) -> Ball:
        assert power == 2
        return Ball(self.mid**2, self.radius * (2 * abs(self.mid) + self.radius))

    def __getitem__(self, index: Any) -> Ball:
        return Ball(self.mid[index], self.radius[index])

    def __len__(self) -> int:
        return len(self.mid)

    @property
    def T(self) -> Ball:
        """Transpose."""
        return Ball(self.mid.T, self.radius.T)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of both."""
        return self.mid.shape

    def max(self, axis: int = -1) -> Ball:
        """Largest along an axis, whichever it is."""
        mid = self.mid.max(axis=axis)
        above = (self.mid + self.radius).max(axis=axis) - mid
        below = mid - (self.mid - self.radius).max(axis=axis)
        return Ball(mid, np.maximum(above, below))

    def reshape(self, *shape: int) -> Ball:
        """Give it another shape."""
        return Ball(self.mid.reshape(*shape), self.radius.reshape(*shape))

    def mean(self, axis: int = -1) -> Ball:
        """Mean along an axis."""
        return Ball(self.mid.mean(axis=axis), self.radius.mean(axis=axis))

    def clip(self, low: float, high: float) -> Ball:
        """Bring into a range, which brings no two values further apart."""
        return Ball(self.mid.clip(low, high), self.radius)

    def through(self, function: Callable[[Array], Array], drop: float = 0.0) -> Ball:
        """Apply a function that never falls, but for steps down of `drop` in all."""
        mid = function(self.mid)
        above = function(self.mid + self.radius) - mid
        below = mid - function(self.mid - self.radius)
        return Ball(mid, np.maximum(above, below) + drop)

    def holds(self, value: Any) -> Any:
        """Whether values are within."""
        return abs(np.asarray(value) - self.mid) <= self.radius + 1e-14
