"""Runs of the golden model at a fixed θ and sample: what G is then worth as a gradient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from model.reference import Array, Reference
from model.trainer import Trainer
from spec import derive
from spec.config import Config
from spec.phase import Phase

FIXED = dict.fromkeys(("tau_x", "tau_theta", "check_every"), 65535)
"""Time constants with which θ and the sample stay."""

FINE = {
    **{"theta": "Q2.22", "weight_bits": 16, "activation_bits": 14, "cost_bits": 22},
    **{"bus_bits": 24, "gradient_bits": 32, "amplitude": -6, "eta": -8},
}
"""Formats that limit G so little that what is seen is the estimator's."""


@dataclass
class Network:
    """A θ and a sample that several runs share, in real units, and the true gradient there."""

    theta: Array
    sample: int
    gradient: Array


class Bench:
    """Runs of a trainer whose θ and sample never change.

    Parameters
    ----------
    config : Config
        Its steps are how far the runs go.
    runs : int
        Of the seeds 1, 2, 3, …
    networks : int
        The runs take turns in so many networks: the first that the initialisation makes whose
        gradient is at least 1/4, since a smaller one is lost in LSBs and curvature.
    """

    def __init__(self, config: Config, runs: int, networks: int) -> None:
        self.config = config
        self.trainer = Trainer(config, range(1, runs + 1), stop_when_solved=False)
        self.reference = Reference(config, np.random.default_rng(0))
        self.turn = np.arange(runs) % networks
        self.networks: list[Network] = []
        self.cells = self.trainer.cells

    def slots(self) -> Iterator[int]:
        """Train; yield the number of steps done after each."""
        for phase in self.trainer.phases():
            if phase is Phase.STEP and self.trainer.n == 0:  # the first evaluation comes next
                self._share()
            if phase is Phase.ACCUMULATE:
                assert np.abs(self.trainer.cost.u).max() < derive.bus(self.config).maximum
                assert np.abs(self.cells.G).max() < derive.gradient(self.config).maximum
                yield self.trainer.n

    def _share(self) -> None:
        """Give every run one of the first networks."""
        cells, samples = self.cells, self.trainer.plant.samples
        first: list[int] = []
        for run, raw in enumerate(cells.weights()):
            theta = raw * 2.0 ** -derive.weight(self.config).fraction_bits
            self.reference.theta = theta
            sample = int(samples.index[run])
            gradient = self.reference.gradient_backpropagation(sample)
            if np.linalg.norm(gradient) >= 1 / 4 and len(first) <= self.turn.max():
                first.append(run)
                self.networks.append(Network(theta, sample, gradient))
        cells.theta = cells.theta[first][self.turn]
        samples.index = samples.index[first][self.turn]

    @property
    def gradient(self) -> Array:
        """The true gradient of each run's network, of shape (runs, P)."""
        return np.array([network.gradient for network in self.networks])[self.turn]

    def estimate(self, steps: int) -> Array:
        """G / (steps·η) of each run, in real units."""
        lsb = 2.0 ** -(derive.theta(self.config).fraction_bits + self.config.eta)
        return self.cells.G.astype(np.float64) * (lsb / steps)

    def cost(self, run: int, theta_tilde: Array) -> Array:
        """C(θ + θ̃) of a run's network in float64, for each row of θ̃."""
        network, ref = self.networks[self.turn[run]], self.reference
        x, t = ref.x[network.sample], ref.t[network.sample]
        return np.array([ref.cost(network.theta + row, x, t) for row in theta_tilde])
