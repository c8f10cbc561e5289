"""Activation functions on integers: z and the result have the same LSB."""

from __future__ import annotations

import numpy as np

from model.number.fixed import Ints, shift_right
from spec.activation import TABLED, Activation, plan_segments
from spec.config import Config
from spec.numbers import Rounding


def activate(kind: Activation, z: Ints, config: Config) -> Ints:
    """Apply an activation.

    Parameters
    ----------
    kind : Activation
        Which.
    z, result : array of int
        In LSBs of 2**-activation_bits; z may be of any size, the result saturates.
    config : Config
        Formats, and Δθ for the tables.
    """
    fraction = config.formats.activation_bits
    if kind is Activation.PLAN:
        return _plan(z, fraction)
    if kind in TABLED:
        return _tabled(kind, z, config)
    if kind is Activation.HARD_SIGMOID:
        z = shift_right(z, 2, Rounding.TRUNCATE) + (1 << fraction >> 1)
    return np.clip(z, *kind.range(fraction))


def _plan(z: Ints, fraction: int) -> Ints:
    magnitude = np.abs(z)
    one = 1 << fraction
    y: Ints | int = one
    for segment in reversed(plan_segments(fraction)):
        inside = (magnitude >> segment.shift) + segment.offset
        y = np.where(magnitude < segment.limit, inside, y)
    return np.where(z < 0, one - y, y)


def _tabled(kind: Activation, z: Ints, config: Config) -> Ints:
    table = config.table_of(kind)
    values = np.array(table.values, dtype=np.int64)
    half = (1 << table.shift) >> 1
    y = values[np.minimum((np.abs(z) + half) >> table.shift, len(values) - 1)]
    one = 1 << config.formats.activation_bits
    negative = one - y if kind is Activation.SIGMOID else -y
    return np.where(z < 0, negative, y)
