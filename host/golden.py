"""The golden network at a θ: what a device that has it must compute."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from model.number.fixed import Ints
from model.optimizer.cells import SynapseCells
from model.plant.network import Network
from model.trainer import Trainer
from spec import derive
from spec.config import Config
from spec.errors import InputError
from spec.tasks import Dataset
from spec.trained import Trained


@dataclass(frozen=True)
class Rails:
    """How many numbers are as large as their format allows, or as small.

    Attributes
    ----------
    theta : int
        Of the P parameters.
    G : int or None
        Of as many; None where cells have no G.
    activations : tuple of (int, int)
        Of each layer, over all samples: at an end of the range, and all of them.
    """

    theta: int
    G: int | None
    activations: tuple[tuple[int, int], ...] = ()


def activations(config: Config, theta: Ints, data: Dataset) -> list[Ints]:
    """Compute what every layer puts out, the network's outputs last.

    Parameters
    ----------
    config : Config
    theta : array of int, shape (P,)
        In LSBs.
    data : Dataset
        Samples of the config's shape; the config itself needs none, unless neurons have defects.

    Returns
    -------
    list of array of int, shape (samples, neurons)
        In LSBs of 2**-activation_bits.
    """
    cells, network = SynapseCells(derive.bank(config), runs=1), Network(derive.network(config))
    if config.hardware.defects:  # they come of the seed, while the initial θ is made
        if not len(config.data):
            raise InputError("weights of neurons with defects: need the config that they are of")
        trainer = Trainer(config, [config.training.seed])
        for _ in trainer.initialise():
            pass
        network = trainer.plant.network
    cells.theta = np.array(theta)[None]
    x = np.array(data.x, dtype=np.int64)[None]
    return [found[0] for found in network.activations(cells.weights(), x)[1:]]


def outputs(config: Config, theta: Ints, data: Dataset) -> Ints:
    """Compute y = f(x; θ), shape (samples, outputs), in LSBs; as `activations`."""
    return activations(config, theta, data)[-1]


def classes_of(y: Ints, fraction_bits: int) -> Ints:
    """Return the class of each sample: whether y > 1/2, or the first largest output.

    Parameters
    ----------
    y : array of int, shape (samples, outputs)
        In LSBs of 2**-fraction_bits.
    fraction_bits : int
    """
    if y.shape[1] == 1:
        return (y[:, 0] > 1 << fraction_bits >> 1).astype(np.int64)
    return np.argmax(y, axis=1)


def rails(config: Config, theta: Ints, G: Ints) -> Rails:
    """Count what is at its rails, of θ and G as a device has them, and of the golden network."""
    layers = zip(activations(config, theta, config.data), config.network.all, strict=True)
    ends = tuple(
        (_at(found, *layer.activation.range(config.formats.activation_bits)), found.size)
        for found, layer in layers
        if layer.trained
    )
    return replace(rails_of_cells(config, theta, G), activations=ends)


def rails_of_cells(config: Trained, theta: Ints, G: Ints) -> Rails:
    """Count what is at its rails of θ and G alone."""
    cell = derive.cell(config)
    return Rails(
        _at(theta, cell.theta.minimum, cell.theta.maximum),
        _at(G, cell.gradient.minimum, cell.gradient.maximum) if cell.accumulate else None,
    )


def _at(values: Ints, low: int, high: int) -> int:
    return int(((values <= low) | (values >= high)).sum())
