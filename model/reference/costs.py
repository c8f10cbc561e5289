"""The costs as real functions of the outputs, with their slopes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from model.reference.functions import Array
from spec.plant import Cost


def mean_squared_error(y: Any, t: Array) -> Any:
    """C = Σ (y - t)² / outputs, of one sample or of each."""
    return ((y - t) ** 2).mean(axis=-1)


def mean_squared_error_slope(y: Array, t: Array) -> Array:
    """∂C/∂y."""
    return 2 * (y - t) / y.shape[-1]


def power(x: Array) -> Array:
    """2**x as straight lines between whole x, where it is exact."""
    whole = np.floor(x)
    return (1 + x - whole) * 2.0**whole


def power_slope(x: Array) -> Array:
    """Slope of `power`, within its lines."""
    return 2.0 ** np.floor(x)


def logarithm(s: Array) -> Array:
    """Log2 s as straight lines between powers of two: the inverse of `power`."""
    fraction, exponent = np.frexp(s)  # from 1/2 to 1
    return exponent - 1 + 2 * fraction - 1


def logarithm_slope(s: Array) -> Array:
    """Slope of `logarithm`, within its lines."""
    return 2.0 ** (1 - np.frexp(s)[1])


def cross_entropy(y: Array, t: Array) -> Array:
    """C = log2 Σ 2**y - y_t, t = 1 for the right class; of one sample or of each."""
    ahead = y - y.max(axis=-1, keepdims=True)
    return logarithm(power(ahead).sum(axis=-1)) - (ahead * t).sum(axis=-1)


def cross_entropy_slope(y: Array, t: Array) -> Array:
    """∂C/∂y; what the largest y moves is how far the others are behind."""
    ahead = y - y.max(axis=-1, keepdims=True)
    first = np.arange(y.shape[-1]) == y.argmax(axis=-1)[..., None]
    share = logarithm_slope(power(ahead).sum(axis=-1, keepdims=True)) * power_slope(ahead)
    share = np.where(first, 0, share)
    return share + first * (1 - share.sum(axis=-1, keepdims=True)) - t


COSTS: dict[Cost, tuple[Callable[[Any, Array], Any], Callable[[Array, Array], Array]]] = {
    Cost.MSE: (mean_squared_error, mean_squared_error_slope),
    Cost.CROSS_ENTROPY: (cross_entropy, cross_entropy_slope),
}
"""Each cost as a real function, with its derivative."""
