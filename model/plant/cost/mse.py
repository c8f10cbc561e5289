"""The mean squared error of an evaluation."""

from __future__ import annotations

from model.number.fixed import Ints, shift_right
from spec.config import Config
from spec.numbers import Rounding


def mean_squared_error(y: Ints, t: Ints, config: Config) -> Ints:
    """C = Σ (y - t)² / outputs, towards zero, in LSBs of 2**-cost_bits.

    Parameters
    ----------
    y, t : array of int, shape (…, outputs)
        In LSBs of 2**-activation_bits.
    """
    total = ((y - t) ** 2).sum(axis=-1)
    dropped = 2 * config.formats.activation_bits - config.formats.cost_bits
    return shift_right(total, dropped, Rounding.TRUNCATE) // y.shape[-1]
