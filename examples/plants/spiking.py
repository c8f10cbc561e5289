"""A network of spiking neurons that tells whether two lines fire together, as a plant.

The task is exclusive-or in time, as in Bohte, Kok and La Poutré, "Error-backpropagation in
temporally encoded networks of spiking neurons", Neurocomputing 48, 17 (2002),
https://doi.org/10.1016/S0925-2312(01)00658-0; but what counts is how often the output fires, not
when. Neurons leak, integrate and fire: Gerstner and Kistler, "Spiking Neuron Models", Cambridge
University Press (2002), https://doi.org/10.1017/CBO9780511815706, section 4.1.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPTIONS: dict[str, tuple[float, float, float]] = {  # default, least, most
    "hidden": (8, 1, 64),
    "trials": (8, 1, 64),
    "jitter": (1.0, 0.0, 2.0),
    "gain": (2.0, 0.125, 8.0),
    "drive": (0.5, 0.0, 1.0),
    "noise": (0.0, 0.0, 1.0),
    "seed": (1, 0, 2**32 - 1),
}

STEPS = 24
EARLY, LATE, BURST = 2, 12, 6  # when a line fires, but for the jitter, and how often
FEW, MANY = STEPS // 4, STEPS * 3 // 4  # spikes that the output is to give
MEMBRANE = 0.8  # what is left of a membrane's voltage after a step
SYNAPSE = 0.6  # what is left of a synapse's current after a step

AGES = np.subtract.outer(np.arange(STEPS), np.arange(STEPS))
KERNEL = np.where(AGES < 0, 0.0, (1 - SYNAPSE) * SYNAPSE ** np.abs(AGES))
"""The current at a time that a spike at another one causes; 1 in sum."""


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
    return SimpleNamespace(**{name: row[0] for name, row in OPTIONS.items()} | options)


def fire(current: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the spikes, 0 or 1, of neurons that leak, integrate and fire.

    V ← 0.8·V + current; where V reaches 1 the neuron fires, and V falls to 0.

    Parameters
    ----------
    current : array
        Time first.
    """
    rests = np.empty(current.shape, dtype=bool)
    voltage = np.zeros(current.shape[1:])
    for now, rest in zip(current, rests, strict=True):
        voltage *= MEMBRANE
        voltage += now
        np.less(voltage, 1.0, out=rest)
        voltage *= rest
    return 1.0 - rests


def inputs(
    trials: int, jitter: float, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw trials: two lines that fire early or late, and whether they differ.

    Parameters
    ----------
    trials : int
        Of each of the four combinations.
    jitter : float
        Standard deviation of when a line begins to fire, in steps, which are whole.

    Returns
    -------
    spikes : (time, line, trial)
        0 or 1.
    differ : (trial,)
        0 or 1.
    """
    late = np.tile(np.array([[0, 0, 1, 1], [0, 1, 0, 1]]), trials)
    spread = np.clip(jitter * rng.standard_normal(late.shape), -EARLY, EARLY)
    age = np.arange(STEPS)[:, None, None] - np.rint(np.where(late, LATE, EARLY) + spread)
    return ((age >= 0) & (age < BURST)).astype(float), (late[0] != late[1]).astype(float)


class Spiking:
    r"""Two lines, a hidden layer and one output, of neurons that leak, integrate and fire.

    .. math::

        V_t = λ V_{t-1} (1 - s_{t-1}) + g \Bigl(\sum_i w_i I_{i,t} + b\Bigr) + d + ν_t, \quad
        s_t = [V_t \ge 1], \quad I_{i,t} = μ I_{i,t-1} + (1 - μ) s_{i,t}

    with λ = 0.8 and μ = 0.6, s_i being the spikes of a line, or of a neuron of the layer before. A
    line fires six times, early or late. If one is early and the other late, the output is to fire
    18 times in 24 steps; if both are the same, 6 times. A line fires as often in any case, and what
    it adds does not depend on the other one: no weighted sum of the lines tells the cases apart.

    Parameters
    ----------
    hidden : int
        H, the neurons; P = 4·H + 1: two weights and b of each, then their weights and b to the
        output.
    trials : int
        How many there are of each of the four cases.
    jitter : float
        Standard deviation of when a line begins to fire, in steps; at most 2 either way.
    gain : float
        g.
    drive : float
        d, which keeps neurons firing: of a silent output, no perturbation learns anything.
    noise : float
        Standard deviation of ν.
    seed : int
        Of the jitter, which stays, and the noise.
    """

    samples = 1
    """Every evaluation runs all trials."""

    def __init__(self, **options: Any) -> None:
        o = read(options)
        self._o, self._rng = o, np.random.default_rng(o.seed)
        self.parameters = 4 * o.hidden + 1
        self.spikes, self.differ = inputs(o.trials, o.jitter, self._rng)
        self._currents = np.tensordot(KERNEL, self.spikes, axes=1)

    def _fire(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        if self._o.noise:
            sums = sums + self._o.noise * self._rng.standard_normal(sums.shape)
        return fire(sums)

    def counts(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how often the output fires in each trial."""
        o = self._o
        w = o.gain * theta[: 3 * o.hidden].reshape(o.hidden, 3)
        spikes = self._fire(w[:, :2] @ self._currents + w[:, 2:] + o.drive)
        out = o.gain * (KERNEL @ (theta[3 * o.hidden : -1] @ spikes) + theta[-1]) + o.drive
        return self._fire(out).sum(axis=0)

    def __call__(self, theta: NDArray[np.float64], sample: int) -> float:
        """Return the mean over trials of ((spikes - wanted)/(MANY - FEW))²."""
        error = (self.counts(theta) - FEW) / (MANY - FEW) - self.differ
        return float(np.vdot(error, error)) / error.size

    def accuracy(self, theta: NDArray[np.float64]) -> float:
        """Return the part of the trials in which the output fires about as often as it should."""
        return float(np.mean((self.counts(theta) > STEPS / 2) == self.differ))
