"""The network in float64: its cost, and the true gradient of that."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from model.reference.costs import COSTS
from model.reference.functions import FUNCTIONS, Array
from model.reference.windows import Places, convolution, pool
from spec.config import Config
from spec.network import Layer, LayerKind


class RealNetwork:
    """A network with its samples, in real units.

    Parameters
    ----------
    config : Config

    Attributes
    ----------
    x, t : ndarray of float64, shape (samples, inputs) and (samples, outputs)
    shapes : list of tuple
        (neurons, weights of a neuron, its bias among them) of each layer.
    theta : ndarray of float64, shape (P,)
        At which costs and gradients are.
    """

    theta: Array

    def __init__(self, config: Config) -> None:
        self.config, data = config, config.data
        self.activations = config.network.activations
        one = 2.0**data.fraction_bits
        self.x = np.array(data.x) / (1.0 if config.task.inputs.binary else one)
        self.t = np.array(data.t) / one
        self.shapes = [
            (layer.channels or layer.neurons, self._inputs(layer, shape) + 1)
            for layer, shape in zip(config.network.all, config.network.shapes, strict=False)
            if layer.kind is not LayerKind.POOL
        ]
        self.windows = [
            self._windows(layer, shape, first=k == 0)
            for k, (layer, shape) in enumerate(
                zip(config.network.all, config.network.shapes, strict=False)
            )
        ]

    @staticmethod
    def _inputs(layer: Layer, shape: tuple[int, ...]) -> int:
        """How many inputs a neuron has, or a window."""
        return 9 * shape[2] if layer.kind is LayerKind.CONV else math.prod(shape)

    @staticmethod
    def _windows(layer: Layer, shape: tuple[int, ...], *, first: bool) -> Places | None:
        """Which numbers the windows of a layer see; None: it is dense, and sees all."""
        if layer.kind is LayerKind.CONV:
            return convolution(shape, planar=first)
        return pool(shape) if layer.kind is LayerKind.POOL else None

    def layers(self, theta: Array) -> list[Array]:
        """Split θ into a matrix for each layer; a row is a neuron, its last column the bias."""
        matrices, start = [], 0
        for neurons, weights in self.shapes:
            matrices.append(theta[start : start + neurons * weights].reshape(neurons, weights))
            start += neurons * weights
        return matrices

    def forward(self, theta: Array, x: Array) -> tuple[list[Array], list[Array]]:
        """Return each layer's sums z, and the activations a from a[0] = x, a sample or several.

        A pool's z is what it puts out. A convolution's is of shape (…, windows, channels).
        """
        z, a = [], [x]
        matrices, index = self.layers(theta), 0
        for windows, layer in zip(self.windows, self.config.network.all, strict=True):
            if layer.kind is LayerKind.POOL:
                z.append(a[-1][..., windows].max(axis=-1))
                a.append(z[-1])
                continue
            w, seen = matrices[index], a[-1] if windows is None else a[-1][..., windows]
            z.append(seen @ w[:, :-1].T + w[:, -1])
            found = self.activate(index, z[-1])
            a.append(found if windows is None else found.reshape(*x.shape[:-1], -1))
            index += 1
        return z, a

    def activate(self, layer: int, z: Array) -> Array:
        """Apply the activation of a layer."""
        return FUNCTIONS[self.activations[layer]][0](z)

    def spread(self, a: list[Array], bias: float = 1.0) -> Array:
        """Give every cell its neuron's input, from all activations a of a sample; shape (P,).

        Cells of a convolution, which have many, get what biases do.
        """
        found, shapes = [], iter(self.shapes)
        for x, windows, layer in zip(a, self.windows, self.config.network.all, strict=False):
            if layer.kind is LayerKind.POOL:
                continue
            neurons, weights = next(shapes)
            row = np.append(x, bias) if windows is None else np.full(weights, bias)
            found.append(np.tile(row, neurons))
        return np.concatenate(found)

    def cost(self, theta: Array, x: Array, t: Array) -> Any:
        """Cost of one sample or of each."""
        return COSTS[self.config.training.cost][0](self.forward(theta, x)[1][-1], t)

    def mean_cost(self) -> float:
        """Cost at θ, unperturbed, averaged over all samples."""
        return float(self.cost(self.theta, self.x, self.t).mean())

    def accuracy(self) -> float:
        """Fraction of samples with the right class: y > 1/2, or the first largest y of several."""
        y = self.forward(self.theta, self.x)[1][-1]
        classes = y[:, 0] > 0.5 if y.shape[1] == 1 else y.argmax(axis=1)
        return float(np.mean(classes == np.array(self.config.data.classes)))

    def gradient_finite_difference(self, sample: int | None = None, h: float = 1e-6) -> Array:
        """∂C/∂θ of one sample, or of the mean cost over all, by central differences of ±h."""
        rows = slice(None) if sample is None else [sample]
        x, t = self.x[rows], self.t[rows]
        costs = [
            self.cost(self.theta + d, x, t).mean() - self.cost(self.theta - d, x, t).mean()
            for d in h * np.eye(len(self.theta))
        ]
        return np.array(costs) / (2 * h)

    def gradient_backpropagation(self, sample: int | None = None) -> Array:
        """∂C/∂θ of one sample, or of the mean cost over all, by the chain rule."""
        rows = slice(None) if sample is None else [sample]
        z, a = self.forward(self.theta, self.x[rows])
        slope = COSTS[self.config.training.cost][1]
        error = slope(a[-1], self.t[rows]) / len(a[-1])  # ∂C/∂a, of the mean over samples
        gradient: list[Array] = []
        matrices, index = self.layers(self.theta), len(self.shapes)
        for k, windows in reversed(list(enumerate(self.windows))):
            if self.config.network.all[k].kind is LayerKind.POOL:
                error = _back_through_pool(error, a[k], windows)
                continue
            index -= 1
            w, x = matrices[index], a[k] if windows is None else a[k][..., windows]
            _, derivative = FUNCTIONS[self.activations[index]]
            delta = error.reshape(z[k].shape) * derivative(z[k])  # ∂C/∂z
            inputs = np.concatenate([x, np.ones((*x.shape[:-1], 1))], axis=-1)
            flat = [part.reshape(-1, part.shape[-1]) for part in (delta, inputs)]
            gradient.insert(0, (flat[0].T @ flat[1]).ravel())
            error = delta @ w[:, :-1]
            if windows is not None:
                error = _scattered(error, windows, a[k].shape)
        return np.concatenate(gradient)


def _scattered(error: Array, places: Places, shape: tuple[int, ...]) -> Array:
    """Add up what windows say of the numbers that they see."""
    found = np.zeros(shape)
    for sample, part in zip(found, error, strict=True):
        np.add.at(sample, places, part)
    return found


def _back_through_pool(error: Array, a: Array, windows: Places | None) -> Array:
    """Hand an error on to the largest number of each window."""
    assert windows is not None
    seen = a[:, windows]
    largest = np.arange(seen.shape[-1]) == seen.argmax(axis=-1)[..., None]
    return _scattered(error[..., None] * largest, windows, a.shape)
