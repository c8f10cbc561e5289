"""A convolution: the sums over the cells at every place."""

from __future__ import annotations

import numpy as np

from model.number.fixed import Ints, shift_right
from model.plant.activation import ActivationUnit
from spec.network import WINDOW
from spec.numbers import Rounding
from spec.plant import ConvSpec


class Conv:
    """Channels that all see the same windows: a = f(Σ w·x + w_bias), at every place of a window.

    Parameters
    ----------
    spec : ConvSpec

    Attributes
    ----------
    activation : ActivationUnit
    """

    def __init__(self, spec: ConvSpec) -> None:
        self.spec = spec
        self.fraction = spec.input.fraction_bits
        self.dropped = spec.weight.fraction_bits + self.fraction - spec.activation.fraction_bits
        self.activation = ActivationUnit(spec.activation)

    def sums(self, weights: Ints, x: Ints) -> Ints:
        """Compute z = Σ w·x + w_bias for all channels, everywhere.

        Parameters
        ----------
        weights : array of int, shape (runs, channels · fan_in)
            In LSBs of the weight format; of a channel, by row, column and channel of the image, the
            bias last.
        x : array of int, shape (runs, samples, inputs)
            In LSBs of the layer's input; by row, column and channel, or planar.

        Returns
        -------
        array of int, shape (runs, samples, rows · columns · channels)
            In that order, in LSBs of the activation; truncated once.
        """
        rows, columns, deep = self.spec.shape
        if self.spec.planar:
            image = np.moveaxis(x.reshape(*x.shape[:2], deep, rows, columns), 2, -1)
        else:
            image = x.reshape(*x.shape[:2], rows, columns, deep)
        w = weights.reshape(len(weights), self.spec.neurons, self.spec.fan_in)
        windows = w[..., :-1].reshape(*w.shape[:2], WINDOW, WINDOW, deep)
        down, across, channels = self.spec.output_shape
        z = np.zeros((*x.shape[:2], down * across, channels), dtype=np.int64)
        z += w[:, None, None, :, -1] << self.fraction
        for row in range(WINDOW):
            for column in range(WINDOW):
                seen = image[:, :, row : row + down, column : column + across]
                part = windows[:, :, row, column].swapaxes(1, 2)[:, None]
                z += np.matmul(seen.reshape(*x.shape[:2], down * across, deep), part)
        return shift_right(z.reshape(*x.shape[:2], -1), self.dropped, Rounding.TRUNCATE)
