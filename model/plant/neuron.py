"""A layer's neurons: the sum over the cells, and the activation."""

from __future__ import annotations

import numpy as np

from model.number.fixed import Ints, shift_right
from model.plant.activation import activate
from model.plant.defects import Defects
from spec.config import Config
from spec.numbers import Rounding


def neurons(
    weights: Ints,
    x: Ints,
    fraction: int,
    layer: int,
    config: Config,
    defects: Defects | None = None,
) -> Ints:
    """Compute a = f(Σ w·x + w_bias) for all neurons of a layer.

    Parameters
    ----------
    weights : array of int, shape (runs, neurons, inputs + 1)
        In LSBs of the weight format; the bias, whose input is 1, comes last.
    x : array of int, shape (runs, samples, inputs)
        In LSBs of 2**-fraction.
    fraction : int
        Fraction bits of x: 0 for binary inputs, activation_bits otherwise.
    layer : int
        Which layer: it chooses the activation.
    defects : Defects, optional
        Of all neurons.

    Returns
    -------
    array of int, shape (runs, samples, neurons)
        In LSBs of 2**-activation_bits.
    """
    bias = weights[:, None, :, -1] << fraction
    z = np.matmul(x, weights[:, :, :-1].transpose(0, 2, 1)) + bias
    dropped = config.weight.fraction_bits + fraction - config.formats.activation_bits
    z = shift_right(z, dropped, Rounding.TRUNCATE)

    def function(z: Ints) -> Ints:
        return activate(config.activation_of(layer), z, config)

    return defects.activate(layer, z, function) if defects else function(z)
