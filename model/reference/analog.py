"""Algorithm 2, the analog loop, in float64."""

from __future__ import annotations

from typing import Any

import numpy as np

from model.reference.discrete import Reference
from model.reference.functions import Array
from spec.config import Config


class AnalogReference(Reference):
    """One training run of Algorithm 2, the analog loop, in float64.

    Two filters take the place of C0 and of the sum: C̃ is the cost after a high-pass, and G a
    low-pass of C̃·θ̃/Δθ², never reset, by which θ moves in every step. A time constant τ is in
    steps and leaves 1 - 1/τ of the past; it is the published one, which leaves τ/(τ + dt), plus dt.
    The high-pass sees nothing between samples: τ_x must be above 1, or θ never moves.

    Parameters
    ----------
    config, rng, clip
        As for `Reference`. training.tau_theta is the low-pass's time constant; 1 filters nothing.
    tau_hp : float
        The high-pass's, above 1; the published runs have 1.6 + 1.

    Attributes
    ----------
    n, theta, theta_tilde, C
        As for `Reference`. C0 is not used.
    C_tilde : float
        The cost after the high-pass.
    G : ndarray of float64, shape (P,)
        The gradient after the low-pass.
    """

    def __init__(
        self, config: Config, rng: np.random.Generator, tau_hp: float, clip: bool = True
    ) -> None:
        super().__init__(config, rng, clip)
        self.tau_hp = tau_hp

    def step(self) -> None:
        """Do one step of Algorithm 2: the step in cost that a new sample makes is left out."""
        new_sample = self.n % self.tau_x == 0
        if new_sample:
            self.sample = self.next_sample()
        if self.n % self.tau_p == 0:
            self.theta_tilde = self.perturbation()
        before = self.C
        self.C = self.evaluate(self.theta + self.theta_tilde)
        change = 0.0 if new_sample else self.C - before
        self.C_tilde = self.high_passed(self.C_tilde + change)
        self.G = self.low_passed(self.G, self.estimate())
        self.theta = (self.theta - self.eta * self.G).clip(*self.bounds)
        self.n += 1

    def high_passed(self, total: Any) -> Any:
        """What the high-pass leaves of C̃ and the step in cost."""
        return (1 - 1 / self.tau_hp) * total

    def low_passed(self, G: Array, e: Array) -> Array:
        """G after an estimate e."""
        return (1 - 1 / self.tau_theta) * G + e / self.tau_theta

    def drain(self) -> None:
        """Nothing waits: every step updates at once."""
