"""The loop in float64 for an external plant."""

from __future__ import annotations

import numpy as np

from model.reference.discrete import Reference
from model.reference.functions import Array
from spec.external.config import ExternalConfig
from spec.tasks import Order


class ExternalReference(Reference):
    """One training run of Algorithm 1 with an external plant, in float64.

    Weights and costs have no converters here, and θ no LSB; all else is as in `Reference`.

    Parameters
    ----------
    config : ExternalConfig
        With a model of the plant. Discrete loop, random codes.
    rng : numpy.random.Generator
        Draws the initial θ, samples, perturbations, and noise of the cost.
    clip : bool
        As that of `Reference`.
    """

    def __init__(self, config: ExternalConfig, rng: np.random.Generator, clip: bool = True) -> None:
        self.external, self.plant = config, config.model()
        cells = config.parameters
        self.by_node, self.source = np.zeros(cells, dtype=bool), np.arange(cells)
        self.scale = np.ones(cells)
        init = config.training.init
        assert isinstance(init, int)
        self._prepare(config, rng, np.full(cells, 2.0**init), clip=clip)

    def evaluate(self, theta: Array) -> float:
        """Cost of the current sample; with noise, if it is a perturbed one."""
        cost = self.plant(theta, self.sample)
        noise = self.external.hardware.cost_noise
        return cost + self.rng.normal(0, noise) if noise and theta is not self.theta else cost

    def mean_cost(self) -> float:
        """Mean cost over all samples, with the θ that there is."""
        samples = range(self.external.samples)
        return float(np.mean([self.plant(self.theta, k) for k in samples]))

    def next_sample(self) -> int:
        """Draw the index of the next sample."""
        if self.external.plant.order is Order.SEQUENTIAL:
            return (self.sample + 1) % self.external.samples
        return int(self.rng.integers(self.external.samples))

    def steps_to(self, cost: float, check_every: int, steps: int) -> int | None:
        """Train until the mean cost is at most this; return the steps, None if it never is."""
        while self.n < steps:
            self.run(min(check_every, steps - self.n))
            self.drain()
            if self.mean_cost() <= cost:
                return self.n
        return None
