"""The network: layer after layer of neurons."""

from __future__ import annotations

import numpy as np

from model.number.fixed import Ints
from model.plant.defects import Defects
from model.plant.neuron import neurons
from spec.config import Config


def activations(
    weights: Ints, x: Ints, config: Config, defects: Defects | None = None
) -> list[Ints]:
    """Compute what every layer puts out, x itself first and y = f(x; θ) last.

    Parameters
    ----------
    weights : array of int, shape (runs, P)
        What the cells put on their weights, in documented order.
    x : array of int, shape (runs, samples, inputs)
        As in the data set.
    defects : Defects, optional
        Of the neurons.

    Returns
    -------
    list of array of int, shape (runs, samples, width of the layer)
        In LSBs of 2**-activation_bits, but for binary x.
    """
    fraction = 0 if config.task.inputs.binary else config.formats.activation_bits
    found, start = [x], 0
    for layer, (count, fan_in) in enumerate(config.layer_shapes):
        stop = start + count * fan_in
        part = weights[:, start:stop].reshape(-1, count, fan_in)
        found.append(neurons(part, found[-1], fraction, layer, config, defects))
        start, fraction = stop, config.formats.activation_bits
    return found


def evaluate(weights: Ints, x: Ints, config: Config, defects: Defects | None = None) -> Ints:
    """Compute y = f(x; θ), as `activations` does."""
    return activations(weights, x, config, defects)[-1]


def cell_inputs(found: list[Ints], config: Config) -> Ints:
    """Return what each cell multiplies, from the activations of one sample a run.

    Returns
    -------
    array of int, shape (runs, P)
        In LSBs of 2**-activation_bits; 1 for bias cells.
    """
    one = 1 << config.formats.activation_bits
    inputs = []
    for layer, (count, _) in enumerate(config.layer_shapes):
        x = found[layer][:, 0] * (one if layer == 0 and config.task.inputs.binary else 1)
        inputs.append(np.tile(np.column_stack((x, np.full(len(x), one))), count))
    return np.concatenate(inputs, axis=1)
