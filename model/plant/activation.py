"""Activation functions on integers: z and the result have the same LSB."""

from __future__ import annotations

import numpy as np

from model.number.fixed import Ints, shift_right
from spec.activation import SATURATION, TABLED, Activation, plan_segments
from spec.numbers import Rounding
from spec.plant import ActivationSpec


class ActivationUnit:
    """a = f(z), as `activate` computes it once for every z inside the ends of all functions.

    Parameters
    ----------
    spec : ActivationSpec
    """

    def __init__(self, spec: ActivationSpec) -> None:
        self._end = SATURATION << spec.fraction_bits
        self.values = activate(spec, np.arange(-self._end, self._end + 1))

    def __call__(self, z: Ints) -> Ints:
        """Look f(z) up; beyond the ends, all functions have saturated."""
        return self.values.take(z + self._end, mode="clip")


def activate(spec: ActivationSpec, z: Ints) -> Ints:
    """Compute f(z).

    Parameters
    ----------
    spec : ActivationSpec
    z, result : array of int
        In LSBs of 2**-fraction_bits; z may be of any size, the result saturates.
    """
    if spec.kind is Activation.PLAN:
        return _plan(z, spec.fraction_bits)
    if spec.kind in TABLED:
        return _tabled(spec, z)
    if spec.kind is Activation.HARD_SIGMOID:
        z = shift_right(z, 2, Rounding.TRUNCATE) + (1 << spec.fraction_bits >> 1)
    return np.clip(z, *spec.range)


def _plan(z: Ints, fraction: int) -> Ints:
    magnitude = np.abs(z)
    one = 1 << fraction
    y: Ints | int = one
    for segment in reversed(plan_segments(fraction)):
        inside = (magnitude >> segment.shift) + segment.offset
        y = np.where(magnitude < segment.limit, inside, y)
    return np.where(z < 0, one - y, y)


def _tabled(spec: ActivationSpec, z: Ints) -> Ints:
    table = spec.table
    values = np.array(table.values, dtype=np.int64)
    half = (1 << table.shift) >> 1
    y = values[np.minimum((np.abs(z) + half) >> table.shift, len(values) - 1)]
    one = 1 << spec.fraction_bits
    negative = one - y if spec.kind is Activation.SIGMOID else -y
    return np.where(z < 0, negative, y)
