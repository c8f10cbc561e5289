"""The network: layer after layer of neurons."""

from __future__ import annotations

from model.fixed import Ints
from model.neuron import neurons
from spec.config import Config


def evaluate(weights: Ints, x: Ints, config: Config) -> Ints:
    """Compute y = f(x; θ).

    Parameters
    ----------
    weights : array of int, shape (runs, P)
        What the cells put on their weights, in documented order.
    x : array of int, shape (runs, samples, inputs)
        As in the data set.

    Returns
    -------
    array of int, shape (runs, samples, outputs)
        In LSBs of 2**-activation_bits.
    """
    fraction = 0 if config.task.inputs.binary else config.formats.activation_bits
    start = 0
    for layer, (count, fan_in) in enumerate(config.layer_shapes):
        stop = start + count * fan_in
        part = weights[:, start:stop].reshape(-1, count, fan_in)
        x = neurons(part, x, fraction, config.activation_of(layer), config)
        start, fraction = stop, config.formats.activation_bits
    return x
