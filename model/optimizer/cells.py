"""All synapse cells: θ and G, and the three things a cell ever does."""

from __future__ import annotations

import numpy as np

from model.number.fixed import Ints, fit, shift_right
from spec.config import Config
from spec.numbers import Rounding


class SynapseCells:
    """θ and G of every cell of every run.

    Parameters
    ----------
    config : Config
        Formats and Δθ.
    runs : int
        Number of independent runs.

    Attributes
    ----------
    theta, G : array of int, shape (runs, P)
        In LSBs of θ; layer by layer, neuron by neuron, weights then bias.
    bias : array of int, shape (P,)
        The bias cell of each cell's neuron.
    """

    def __init__(self, config: Config, runs: int) -> None:
        self.config = config
        self.theta: Ints = np.zeros((runs, config.parameters), dtype=np.int64)
        self.G: Ints = np.zeros_like(self.theta)
        weights = [weights for neurons, weights in config.layer_shapes for _ in range(neurons)]
        self.bias = np.repeat(np.cumsum(weights) - 1, weights)

    def accumulate(self, u: Ints, theta_tilde: Ints, inputs: Ints | None = None) -> None:
        """G ← sat(G + u·θ̃/Δθ), each cell with its own perturbation; or with its neuron's.

        Where cells have no G, what the update takes from here at once is not limited by its format.

        Parameters
        ----------
        u : array of int, shape (runs,)
            The broadcast, in LSBs of θ.
        theta_tilde : array of int, shape (runs, P)
            In units of 2**-sine_fraction Δθ.
        inputs : array of int, shape (runs, P), optional
            For node perturbation: what each cell multiplies, in LSBs of 2**-activation_bits. The
            perturbation is that of the neuron's bias cell, rounded before and after.
        """
        share = shift_right(
            u[:, None] * theta_tilde, self.config.sine_fraction, Rounding.NEAREST_EVEN
        )
        if inputs is not None:
            share = shift_right(
                share[:, self.bias] * inputs,
                self.config.formats.activation_bits,
                Rounding.NEAREST_EVEN,
            )
        total = self.G + share
        self.G = fit(total, self.config.gradient) if self.config.build.accumulate else total

    def initialise(self) -> None:
        """θ ← sat(θ - G); G ← 0, whatever leaks later."""
        self.theta = fit(self.theta - self.G, self.config.theta)
        self.G = np.zeros_like(self.G)

    def update(self, noise: Ints | int = 0) -> None:
        """θ ← sat(θ - G), plus noise; G ← 0, or G ← G - (G >> leak)."""
        self.theta = fit(self.theta - self.G + noise, self.config.theta)
        self.G = self.G - shift_right(self.G, self.config.leak, Rounding.AWAY)

    def weights(self, theta_tilde: Ints | None = None) -> Ints:
        """Return what the multipliers see: the top bits of θ, plus θ̃ if there is one.

        θ̃ is in units of 2**-sine_fraction Δθ; with node perturbation, only bias cells have it.
        """
        dropped = self.config.theta.bits - self.config.weight.bits
        weights = shift_right(self.theta, dropped, Rounding.TRUNCATE)
        if theta_tilde is None:
            return weights
        perturbs = self.bias == np.arange(self.config.parameters) if self.config.node else 1
        return weights + theta_tilde * perturbs * (
            self.config.amplitude_lsbs >> self.config.sine_fraction
        )

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        self.theta, self.G = self.theta[runs], self.G[runs]
