"""The activations as real functions, with their slopes; the angle between two gradients."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from spec.activation import Activation

Array = NDArray[np.float64]

LIMIT = 8.0
"""Where relu and identity saturate."""


def plan(z: Array) -> Array:
    """Sigmoid in four lines (PLAN); it steps down by 1/256 at `|z|` = 2.375, as published."""
    a = np.abs(z)
    f = np.where(a < 1, a / 4 + 0.5, np.where(a < 2.375, a / 8 + 0.625, a / 32 + 0.84375))
    f = np.where(a < 5, f, 1.0)
    return np.where(z < 0, 1 - f, f)


def plan_slope(z: Array) -> Array:
    """Slope of PLAN within its lines."""
    a = np.abs(z)
    return np.where(a < 1, 1 / 4, np.where(a < 2.375, 1 / 8, np.where(a < 5, 1 / 32, 0.0)))


def sigmoid(z: Array) -> Array:
    """Logistic function, written so that it cannot overflow."""
    return 0.5 + 0.5 * np.tanh(z / 2)


def inside(z: Array, low: float, high: float) -> Array:
    """1 where z lies between the limits, else 0: the slope of a clamp."""
    return ((low < z) & (z < high)).astype(np.float64)


FUNCTIONS: dict[Activation, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    Activation.HARD_TANH: (lambda z: np.clip(z, -1, 1), lambda z: inside(z, -1, 1)),
    Activation.HARD_SIGMOID: (lambda z: np.clip(z / 4 + 0.5, 0, 1), lambda z: inside(z, -2, 2) / 4),
    Activation.PLAN: (plan, plan_slope),
    Activation.SIGMOID: (sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
    Activation.TANH: (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    Activation.RELU: (lambda z: np.clip(z, 0, LIMIT), lambda z: inside(z, 0, LIMIT)),
    Activation.IDENTITY: (lambda z: np.clip(z, -LIMIT, LIMIT), lambda z: inside(z, -LIMIT, LIMIT)),
}
"""Each activation as a real function, with its derivative (0 where it saturates)."""


def angle(a: Array, b: Array) -> float:
    """Angle between two vectors other than zero, in degrees."""
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    return math.degrees(2 * math.atan2(np.linalg.norm(a - b), np.linalg.norm(a + b)))
