"""The mean squared error of an evaluation."""

from __future__ import annotations

import numpy as np

from model.number.fixed import Ints, shift_right
from spec.numbers import Rounding
from spec.plant import MeanSquaredErrorSpec


def mean_squared_error(spec: MeanSquaredErrorSpec, y: Ints, t: Ints) -> Ints:
    """C = Σ (y - t)² / outputs, towards zero, in LSBs of a cost.

    Parameters
    ----------
    spec : MeanSquaredErrorSpec
    y, t : array of int, shape (…, outputs)
        In LSBs of an output.
    """
    error = y - t
    total = np.add.reduce(error * error, axis=-1)
    dropped = 2 * spec.output.fraction_bits - spec.fraction_bits
    return shift_right(total, dropped, Rounding.TRUNCATE) // spec.outputs
