"""The crossbar's network in software: ideal devices, trained by backpropagation in float64."""

from __future__ import annotations

import numpy as np

from examples.plants.crossbar import RANGE, Crossbar
from model.reference import Array

STEPS = 10_000
"""Of gradient descent, each with all flowers."""

ETA = 1.0


def gradient(network: Crossbar, theta: Array) -> Array:
    """Return the gradient of the mean cost over all flowers by θ, of ideal devices.

    Parameters
    ----------
    network : Crossbar
    theta : array of float, shape (runs, P)
    """
    x, gain, runs = network.inputs, network.gain, len(theta)
    first, second = np.split(theta, [network.first], axis=1)
    first, second = first.reshape(runs, 5, -1), second.reshape(runs, -1, 3)
    hidden = np.tanh(gain * x @ first)
    inner = np.concatenate([hidden, np.ones((runs, len(x), 1))], axis=2)
    y = np.tanh(gain * inner @ second)
    error = gain * (1 - y**2) * (y - network.targets) / (6 * len(x))
    back = gain * (1 - hidden**2) * (error @ second[:, :-1].swapaxes(1, 2))
    found = x.T @ back, inner.swapaxes(1, 2) @ error
    return np.concatenate([part.reshape(runs, -1) for part in found], axis=1)


def accuracies(network: Crossbar, starts: Array) -> list[float]:
    """Train from each initial θ, (runs, P), within the range of weights; return the accuracies."""
    theta = starts
    for _ in range(STEPS):
        theta = np.clip(theta - ETA * gradient(network, theta), -RANGE, RANGE)
    return [network.accuracy(of_run) for of_run in theta]
