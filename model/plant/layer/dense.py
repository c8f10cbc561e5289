"""A dense layer: the sums over the cells, and the activation."""

from __future__ import annotations

import numpy as np

from model.number.fixed import Ints, shift_right
from model.plant.activation import ActivationUnit
from spec.numbers import Rounding
from spec.plant import LayerSpec


class Dense:
    """Neurons that all see the same inputs: a = f(Σ w·x + w_bias).

    Parameters
    ----------
    spec : LayerSpec

    Attributes
    ----------
    activation : ActivationUnit
        f, without defects.
    """

    def __init__(self, spec: LayerSpec) -> None:
        self.shape = (-1, spec.neurons, spec.fan_in)
        self.fraction = spec.input.fraction_bits
        self.dropped = spec.weight.fraction_bits + self.fraction - spec.activation.fraction_bits
        self.activation = ActivationUnit(spec.activation)

    def sums(self, weights: Ints, x: Ints) -> Ints:
        """Compute z = Σ w·x + w_bias for all neurons.

        Parameters
        ----------
        weights : array of int, shape (runs, neurons · (inputs + 1))
            In LSBs of the weight format; of a neuron, the bias, whose input is 1, comes last.
        x : array of int, shape (runs, samples, inputs)
            In LSBs of the layer's input.

        Returns
        -------
        array of int, shape (runs, samples, neurons)
            In LSBs of the activation; truncated once.
        """
        w = weights.reshape(self.shape).swapaxes(1, 2)
        z = np.matmul(x, w[:, :-1]) + (w[:, -1:] << self.fraction)
        return shift_right(z, self.dropped, Rounding.TRUNCATE)
