"""The network: layer after layer of neurons."""

from __future__ import annotations

import numpy as np

from model.number.fixed import Ints
from model.plant.defects import Defects
from model.plant.layer.conv import Conv
from model.plant.layer.dense import Dense
from model.plant.layer.pool import Pool
from spec.plant import ConvSpec, LayerSpec, NetworkSpec, PoolSpec

AT_A_TIME = 1 << 25
"""Signals of all layers that are in memory at once where only the last ones are asked for."""


class Network:
    """Layer after layer.

    Parameters
    ----------
    spec : NetworkSpec
    defects : Defects, optional
        Of the neurons.
    """

    def __init__(self, spec: NetworkSpec, defects: Defects | None = None) -> None:
        self.spec, self.defects = spec, defects
        self.layers = [_layer(layer) for layer in spec.layers]

    def activations(self, weights: Ints, x: Ints) -> list[Ints]:
        """Compute what every layer puts out, x itself first and y = f(x; θ) last.

        Parameters
        ----------
        weights : array of int, shape (runs, P)
            What the cells put on their weights, in documented order.
        x : array of int, shape (runs, samples, inputs)
            As in the data set.

        Returns
        -------
        list of array of int, shape (runs, samples, width of the layer)
            In LSBs of 2**-activation_bits, but for binary x.
        """
        found = [x]
        for index, (layer, part) in enumerate(zip(self.layers, self.spec.parts, strict=True)):
            if isinstance(layer, Pool):
                found.append(layer(found[-1]))
                continue
            z = layer.sums(weights[:, part], found[-1])
            if self.defects:
                found.append(self.defects.activate(index, z, layer.activation))
            else:
                found.append(layer.activation(z))
        return found

    def evaluate(self, weights: Ints, x: Ints) -> Ints:
        """Compute y = f(x; θ), as `activations` does, of some samples after the others."""
        signals = sum(spec.signals for spec in self.spec.layers) * len(weights)
        count = max(1, AT_A_TIME // signals)
        found = [
            self.activations(weights, x[:, first : first + count])[-1]
            for first in range(0, x.shape[1], count)
        ]
        return np.concatenate(found, axis=1)

    def cell_inputs(self, found: list[Ints]) -> Ints:
        """Return what each cell multiplies, from the activations of one sample a run.

        Returns
        -------
        array of int, shape (runs, P)
            In LSBs of 2**-`input_fraction` of the spec; 1 for bias cells, and for those of a
            convolution, which multiply something else at every place.
        """
        fraction = self.spec.input_fraction
        inputs = []
        for layer, x in zip(self.spec.layers, found, strict=False):
            if isinstance(layer, (ConvSpec, PoolSpec)):
                inputs.append(np.full((len(x), layer.parameters), 1 << fraction))
                continue
            seen = x[:, 0] << fraction - layer.input.fraction_bits
            bias = np.full((len(x), 1), 1 << fraction)
            inputs.append(np.tile(np.concatenate((seen, bias), axis=1), layer.neurons))
        return np.concatenate(inputs, axis=1)


def _layer(spec: LayerSpec) -> Dense | Conv | Pool:
    if isinstance(spec, PoolSpec):
        return Pool(spec)
    return Conv(spec) if isinstance(spec, ConvSpec) else Dense(spec)
