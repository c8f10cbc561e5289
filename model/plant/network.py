"""The network: layer after layer of neurons."""

from __future__ import annotations

import numpy as np

from model.number.fixed import Ints
from model.plant.defects import Defects
from model.plant.layer.dense import Dense
from spec.plant import NetworkSpec


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
        self.layers = [Dense(layer) for layer in spec.layers]

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
            z = layer.sums(weights[:, part], found[-1])
            if self.defects:
                found.append(self.defects.activate(index, z, layer.activation))
            else:
                found.append(layer.activation(z))
        return found

    def evaluate(self, weights: Ints, x: Ints) -> Ints:
        """Compute y = f(x; θ), as `activations` does."""
        return self.activations(weights, x)[-1]

    def cell_inputs(self, found: list[Ints]) -> Ints:
        """Return what each cell multiplies, from the activations of one sample a run.

        Returns
        -------
        array of int, shape (runs, P)
            In LSBs of 2**-`input_fraction` of the spec; 1 for bias cells.
        """
        fraction = self.spec.input_fraction
        inputs = []
        for layer, x in zip(self.spec.layers, found, strict=False):
            seen = x[:, 0] << fraction - layer.input.fraction_bits
            bias = np.full((len(x), 1), 1 << fraction)
            inputs.append(np.tile(np.concatenate((seen, bias), axis=1), layer.neurons))
        return np.concatenate(inputs, axis=1)
