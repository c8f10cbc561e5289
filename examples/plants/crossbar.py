"""A memristive crossbar that tells irises apart, as a plant.

Two layers of differential pairs, trained where they are, as in Li et al., "Efficient and
self-adaptive in-situ learning in multilayer memristor neural networks", Nature Communications 9,
2385 (2018), https://doi.org/10.1038/s41467-018-04484-2. The flowers are those of Fisher, "The use
of multiple measurements in taxonomic problems", Annals of Eugenics 7, 179 (1936),
https://doi.org/10.1111/j.1469-1809.1936.tb02137.x.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPTIONS: dict[str, tuple[float, float, float]] = {  # default, least, most
    "hidden": (6, 1, 64),
    "gain": (1.0, 0.125, 8.0),
    "variation": (0.1, 0.0, 1.0),
    "read_noise": (0.01, 0.0, 1.0),
    "levels": (64, 0, 65536),
    "stuck": (0.02, 0.0, 1.0),
    "on_off": (10.0, 1.5, 1e9),
    "seed": (1, 0, 2**32 - 1),
}

RANGE = 2.0
"""Of a weight: θ beyond it asks for more conductance than there is."""


def read(options: dict[str, Any]) -> SimpleNamespace:
    """Check options, and fill in those that are not given.

    Raises
    ------
    ValueError
        Naming the option that is wrong and what is allowed.
    """
    for name, value in options.items():
        if name not in OPTIONS:
            raise ValueError(f"{name}: unknown option; allowed are {', '.join(OPTIONS)}")
        default, least, most = OPTIONS[name]
        kind, called = (int, "whole number") if type(default) is int else ((int, float), "number")
        if isinstance(value, bool) or not isinstance(value, kind) or not least <= value <= most:
            raise ValueError(f"{name} = {value!r}: must be a {called} from {least} to {most}")
    values = SimpleNamespace(**{name: row[0] for name, row in OPTIONS.items()} | options)
    if values.levels == 1:
        raise ValueError("levels = 1: must be 0, for any conductance, or at least 2")
    return values


def flowers() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return four lengths of each flower, -1 to 1, and a 1 for the bias; and its species."""
    rows = np.loadtxt(Path(__file__).with_name("iris.csv"), delimiter=",", skiprows=2)
    lengths, least, most = rows[:, :4], rows[:, :4].min(axis=0), rows[:, :4].max(axis=0)
    inputs = 2 * (lengths - least) / (most - least) - 1
    return np.column_stack([inputs, np.ones(len(rows))]), rows[:, 4].astype(int)


class Crossbar:
    r"""Two layers of pairs of memristors: 4 inputs, hidden neurons, 3 outputs; a θ for each pair.

    A weight is the difference of two conductances, in units of the greatest:

    .. math::

        w = \frac{2}{1 - 1/r} (g^+ - g^-), \quad
        g^± = v^± \Bigl(\frac1r + \Bigl(1 - \frac1r\Bigr)
              q\bigl(\min(1, \max(0, ±θ/2))\bigr)\Bigr) (1 + ν^±)

    r is the on/off ratio, q rounds to a level, v is the device's own scale, ν its noise, drawn at
    each evaluation. A layer is tanh(gain · W x), the last input of each being 1, for the bias;
    outputs y are compared with 1 for the right species and -1 for the others. With ideal devices
    w = θ, and this is the usual network.

    Parameters
    ----------
    hidden : int
        Neurons of the hidden layer, h; P = 5·h + 3·(h + 1): input by input, then neuron by neuron.
    gain : float
        Of a column's amplifier.
    variation : float
        v is log-normal, this the standard deviation of its logarithm.
    read_noise : float
        Standard deviation of ν.
    levels : int
        How many conductances a device can be set to, evenly spaced; 0: any.
    stuck : float
        Probability that a device is stuck, as often at its least conductance as at its greatest.
    on_off : float
        r, the greatest conductance by the least.
    seed : int
        Of the devices and the noise.
    """

    def __init__(self, **options: Any) -> None:
        o = read(options)
        self._o, self.gain, self._rng = o, o.gain, np.random.default_rng(o.seed)
        self.inputs, self.labels = flowers()
        self.targets = 2.0 * np.eye(3)[self.labels] - 1
        self.samples = len(self.labels)
        self.first = 5 * o.hidden
        self.parameters = self.first + 3 * (o.hidden + 1)
        devices = (2, self.parameters)
        self._scale = np.exp(o.variation * self._rng.standard_normal(devices))
        stuck = self._rng.random(devices) < o.stuck
        on = self._rng.random(devices) < 0.5
        self._least, self._most = np.where(stuck & on, 1.0, 0.0), np.where(stuck & ~on, 0.0, 1.0)

    def weights(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what the pairs are, read once, for θ, (P,)."""
        o = self._o
        part = np.array([theta, -theta]) / RANGE
        np.clip(part, self._least, self._most, out=part)
        if o.levels:
            part = np.rint(part * (o.levels - 1)) / (o.levels - 1)
        off = 1 / o.on_off
        g = self._scale * (off + (1 - off) * part)
        if o.read_noise:
            g *= 1 + o.read_noise * self._rng.standard_normal(g.shape)
        return RANGE / (1 - off) * (g[0] - g[1])

    def outputs(
        self, theta: NDArray[np.float64], inputs: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the outputs for inputs of shape (…, 5), the weights being read once."""
        w = self.gain * self.weights(theta)
        first, second = w[: self.first].reshape(5, -1), w[self.first :].reshape(-1, 3)
        return np.tanh(np.tanh(inputs @ first) @ second[:-1] + second[-1])

    def __call__(self, theta: NDArray[np.float64], sample: int) -> float:
        """Return the mean of ((y - target)/2)² over the outputs for a flower, at most 1."""
        error = self.outputs(theta, self.inputs[sample]) - self.targets[sample]
        return float(error @ error) / 12

    def accuracy(self, theta: NDArray[np.float64]) -> float:
        """Return the part of the flowers whose largest output is the right one."""
        return float(np.mean(self.outputs(theta, self.inputs).argmax(axis=1) == self.labels))
