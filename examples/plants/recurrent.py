"""A recurrent network that tells the parity of the last bits, as a plant.

The network and, for two bits, the task are those of Elman, "Finding structure in time", Cognitive
Science 14, 179 (1990), https://doi.org/10.1207/s15516709cog1402_1: exclusive-or in time.
"""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPTIONS: dict[str, tuple[float, float, float]] = {  # default, least, most
    "hidden": (6, 1, 64),
    "bits": (3, 2, 4),
    "length": (7, 2, 10),
    "gain": (1.5, 0.125, 8.0),
    "noise": (0.0, 0.0, 1.0),
    "seed": (1, 0, 2**32 - 1),
}


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
    if values.length < values.bits:
        raise ValueError(f"length = {values.length}: must be at least bits = {values.bits}")
    return values


class Recurrent:
    r"""Elman's network, one input and one output, on all sequences of a length.

    .. math::

        h_t = \tanh(g \, (W h_{t-1} + v x_t + b) + ν_t), \quad
        y_t = \tanh(g \, (c \cdot h_t + d))

    for bits x = ±1, with h_0 = 0. The target at t is the product of the last bits, -1 if an odd
    number of them is -1. No linear function of the bits comes closer to it than 0 does.

    Parameters
    ----------
    hidden : int
        H, the neurons; P = H·(H + 3) + 1: W, v, b, c and d, W neuron by neuron.
    bits : int
        How many of the last bits count.
    length : int
        Bits of a sequence.
    gain : float
        g.
    noise : float
        Standard deviation of ν.
    seed : int
        Of the noise.
    """

    samples = 1
    """Every evaluation runs all sequences from their beginnings."""

    def __init__(self, **options: Any) -> None:
        o = read(options)
        self._o, self._rng = o, np.random.default_rng(o.seed)
        self.parameters = o.hidden * (o.hidden + 3) + 1
        numbers = np.arange(2**o.length)
        self.bits = 2.0 * ((numbers >> np.arange(o.length)[:, None]) & 1) - 1
        """(time, sequence), ±1."""
        window = np.lib.stride_tricks.sliding_window_view(self.bits, o.bits, axis=0)
        self.targets = window.prod(axis=-1)
        """(time from the first whole window on, sequence), ±1."""

    def states(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return h, (time, neuron, sequence)."""
        o = self._o
        n = o.hidden
        w = o.gain * theta[: n * n].reshape(n, n)
        v, b = o.gain * theta[n * n : n * (n + 2)].reshape(2, n, 1)
        h = v * self.bits[:, None] + b
        if o.noise:
            h += o.noise * self._rng.standard_normal(h.shape)
        np.tanh(h[0], out=h[0])
        for before, now in pairwise(h):
            now += w @ before
            np.tanh(now, out=now)
        return h

    def outputs(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return y for every target, (time, sequence)."""
        o = self._o
        h = self.states(theta)[o.bits - 1 :]
        return np.tanh(o.gain * (theta[-o.hidden - 1 : -1] @ h + theta[-1]))

    def __call__(self, theta: NDArray[np.float64], sample: int) -> float:
        """Return the mean of ((y - target)/2)² over time and sequences, at most 1."""
        error = self.outputs(theta) - self.targets
        return float(np.vdot(error, error)) / (4 * error.size)

    def accuracy(self, theta: NDArray[np.float64]) -> float:
        """Return the part of the outputs that have the sign of their target."""
        return float(np.mean(self.outputs(theta) * self.targets > 0))
