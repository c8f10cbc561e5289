"""Algorithm 1, the discrete loop, in float64."""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from model.reference.functions import Array
from model.reference.network import RealNetwork
from spec import derive
from spec.config import Config
from spec.eta import eta_number
from spec.tasks import Order
from spec.trained import Trained
from spec.training import Estimator


class Reference(RealNetwork):
    """One training run of Algorithm 1, the discrete loop, in float64.

    θ is a flat vector of P values: layer by layer, neuron by neuron, weights then bias (whose
    input is +1). All attributes are in real units, not in LSBs.

    Parameters
    ----------
    config : Config
        What to train. Of the formats only θ's range is used, and only to clip.
    rng : numpy.random.Generator
        Draws the initial θ (uniform in ±2**init), the samples and the perturbations.
    clip : bool
        Whether θ saturates at the range of formats.theta, as in hardware.

    Attributes
    ----------
    n : int
        Steps done.
    theta, theta_tilde, G : ndarray of float64, shape (P,)
        Parameters, their perturbations of ±Δθ, and G = Σ C̃·θ̃/Δθ² since the last update, or with
        momentum what decays of it.
    C0, C, C_tilde : float
        Cost without and with the perturbation, and C̃ = C - C0, as of the last step. With the
        antithetic estimator, C0 is that of -θ̃.
    found : deque of ndarray
        What the last steps found that is not in G yet: D of them.
    """

    def __init__(self, config: Config, rng: np.random.Generator, clip: bool = True) -> None:
        super().__init__(config)
        weights = [weights for neurons, weights in self.shapes for _ in range(neurons)]
        cells = [neurons * weights for neurons, weights in self.shapes]
        bias, own = np.repeat(np.cumsum(weights) - 1, weights), np.arange(sum(weights))
        self.by_node = np.repeat(config.by_node, cells)
        self.source = np.where(self.by_node, bias, own)  # of the θ̃ that each cell learns by
        doublings = [layer.doublings for layer in config.network.all if layer.trained]
        self.scale = 2.0 ** np.repeat(doublings, cells)  # of θ̃, in units of Δθ
        self.scale[self.source != own] = 0

        ends = np.repeat(2.0 ** np.broadcast_to(config.training.init, len(cells)), cells)
        self._prepare(config, rng, ends, clip=clip)

    def _prepare(
        self, config: Trained, rng: np.random.Generator, ends: Array, *, clip: bool
    ) -> None:
        """Prepare a run whose initial θ is within ±ends."""
        training, theta = config.training, derive.theta(config)
        self.rng = rng
        self.tau_p, self.tau_x, self.tau_theta = training.tau_p, training.tau_x, training.tau_theta
        self.eta, self.amplitude = 2.0 ** eta_number(training.eta), 2.0**training.amplitude
        self.kept = 1 - 2.0**-training.momentum  # of G, by an update
        self.estimator, self.delay = training.estimator, config.update_delay
        lsb = 2.0**-theta.fraction_bits
        self.bounds = (theta.minimum * lsb, theta.maximum * lsb) if clip else (-math.inf, math.inf)

        self.n, self.sample = 0, -1
        self.theta = rng.uniform(-ends, ends)
        self.theta_tilde = np.zeros_like(self.theta)
        self.G = 0 * self.theta
        self.C0 = self.C = self.C_tilde = 0.0
        self.found: deque[Array] = deque()
        self.used = 0  # steps of which G has heard
        self.moved = False  # θ, since C0 was measured

    def step(self) -> None:
        """Do one step of Algorithm 1: θ is updated before C0 is measured, so C0 is never stale."""
        new_sample = self.n % self.tau_x == 0
        if new_sample:
            self.sample = self.next_sample()
        self.update()
        if self.n % self.tau_p == 0:
            self.theta_tilde = self.perturbation()
        if self.estimator is Estimator.ANTITHETIC:
            self.C0 = self.evaluate(self.theta - self.theta_tilde)
        elif new_sample or self.moved:
            self.C0 = self.evaluate(self.theta)
        self.moved = False
        self.C = self.evaluate(self.theta + self.theta_tilde)
        self.C_tilde = self.C - self.C0
        self.found.append(self.estimate())
        if len(self.found) > self.delay:
            self.accumulate()
        self.n += 1

    def accumulate(self) -> None:
        """G ← G + what was found D steps ago."""
        self.G = self.G + self.found.popleft()
        self.used += 1

    def update(self) -> None:
        """θ ← θ - η·G after every τ_θ steps of which G has heard; then G ← 0, or decays."""
        if self.used and self.used % self.tau_theta == 0:
            self.theta = (self.theta - self.eta * self.G).clip(*self.bounds)
            self.G = self.decayed(self.G)
            self.used, self.moved = 0, True

    def decayed(self, G: Array) -> Array:
        """What an update leaves of G: nothing, or with momentum 1 - 2**-momentum of it."""
        return self.kept * G

    def drain(self) -> None:
        """Use all that was found, as is done before a check."""
        self.update()
        while self.found:
            self.accumulate()
            self.update()

    def evaluate(self, theta: Array) -> float:
        """Cost of the current sample."""
        return self.cost(theta, self.x[self.sample], self.t[self.sample])

    def estimate(self) -> Array:
        """Gradient that this step saw: C̃·θ̃/Δθ², on average ∂C/∂θ.

        Half of it with the antithetic estimator, where C̃ spans 2·θ̃. With node perturbation a
        neuron's θ̃/Δθ² makes ∂C/∂z of its sum z, and each of its cells multiplies that by its own
        input of the perturbed evaluation: ∂z/∂w = x. A layer whose θ̃ is twice as large counts
        twice as much.
        """
        correlated = self.C_tilde * self.theta_tilde / self.amplitude**2
        if self.estimator is Estimator.ANTITHETIC:
            return correlated / 2
        if self.by_node.any():
            return correlated[self.source] * np.where(self.by_node, 1, 0) * self.inputs() + (
                correlated * np.where(self.by_node, 0, 1)
            )
        return correlated

    def run(self, steps: int) -> None:
        """Do so many steps."""
        for _ in range(steps):
            self.step()

    def train(self) -> int | None:
        """Run until solved, looking every `check_every` steps; return the steps, None if never."""
        training = self.config.training
        while self.n < training.steps:
            self.run(min(training.check_every, training.steps - self.n))
            self.drain()
            solved = self.mean_cost() <= training.solved_cost
            if solved and self.accuracy() >= training.solved_accuracy:
                return self.n
        return None

    def next_sample(self) -> int:
        """Draw the index of the next sample."""
        if self.config.task.order is Order.SEQUENTIAL:
            return (self.sample + 1) % len(self.x)
        return int(self.rng.integers(len(self.x)))

    def perturbation(self) -> Array:
        """Draw ±Δθ for every parameter; with node perturbation for biases, so for the sums z."""
        drawn = self.rng.integers(2, size=len(self.scale))
        return self.amplitude * np.where(drawn, -self.scale, self.scale)

    def inputs(self) -> Array:
        """Input x of every cell in the perturbed evaluation, 1 for biases; shape (P,)."""
        return self.spread(self.forward(self.theta + self.theta_tilde, self.x[self.sample])[1])
