"""The network in float64: its cost, and the true gradient of that."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from model.reference.costs import COSTS
from model.reference.functions import FUNCTIONS, Array
from spec.config import Config


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
        one = 2.0**data.fraction_bits
        self.x = np.array(data.x) / (1.0 if config.task.inputs.binary else one)
        self.t = np.array(data.t) / one
        self.shapes = [(b, a + 1) for a, b in itertools.pairwise(config.network.layers)]

    def layers(self, theta: Array) -> list[Array]:
        """Split θ into a matrix for each layer; a row is a neuron, its last column the bias."""
        matrices, start = [], 0
        for neurons, weights in self.shapes:
            matrices.append(theta[start : start + neurons * weights].reshape(neurons, weights))
            start += neurons * weights
        return matrices

    def forward(self, theta: Array, x: Array) -> tuple[list[Array], list[Array]]:
        """Return each layer's sums z, and the activations a from a[0] = x, a sample or several."""
        z, a = [], [x]
        for index, w in enumerate(self.layers(theta)):
            z.append(a[-1] @ w[:, :-1].T + w[:, -1])
            a.append(self.activate(index, z[-1]))
        return z, a

    def activate(self, layer: int, z: Array) -> Array:
        """Apply the activation of a layer."""
        return FUNCTIONS[self.config.network.activations[layer]][0](z)

    def spread(self, a: list[Array], bias: float = 1.0) -> Array:
        """Give every cell its neuron's input, from all activations a of a sample; shape (P,)."""
        layers = zip(a[:-1], self.shapes, strict=True)
        return np.concatenate([np.tile(np.append(x, bias), neurons) for x, (neurons, _) in layers])

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
        for index, w in reversed(list(enumerate(self.layers(self.theta)))):
            _, derivative = FUNCTIONS[self.config.network.activations[index]]
            delta = error * derivative(z[index])  # ∂C/∂z
            inputs = np.column_stack([a[index], np.ones(len(a[index]))])
            gradient.insert(0, (delta.T @ inputs).ravel())
            error = delta @ w[:, :-1]
        return np.concatenate(gradient)
