"""All synapse cells: θ and G, and the three things a cell ever does."""

from __future__ import annotations

import numpy as np

from model.fixed import Ints, fit, shift_right
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
    """

    def __init__(self, config: Config, runs: int) -> None:
        self.config = config
        self.theta: Ints = np.zeros((runs, config.parameters), dtype=np.int64)
        self.G: Ints = np.zeros_like(self.theta)

    def accumulate(self, u: Ints, sign: Ints) -> None:
        """G ← sat(G ± u), each cell with the sign of its own perturbation.

        Parameters
        ----------
        u : array of int, shape (runs,)
            The broadcast, in LSBs of θ.
        sign : array of int, shape (runs, P)
            ±1.
        """
        self.G = fit(self.G + sign * u[:, None], self.config.gradient)

    def update(self) -> None:
        """θ ← sat(θ - G); G ← 0, or G ← G - (G >> m) with momentum."""
        self.theta = fit(self.theta - self.G, self.config.theta)
        self.G = self.G - shift_right(self.G, self.config.training.momentum, Rounding.AWAY)

    def weights(self, sign: Ints | None = None) -> Ints:
        """Return what the multipliers see: the top bits of θ, plus or minus Δθ if perturbed."""
        dropped = self.config.theta.bits - self.config.weight.bits
        weights = shift_right(self.theta, dropped, Rounding.TRUNCATE)
        return weights if sign is None else weights + sign * self.config.amplitude_lsbs

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        self.theta, self.G = self.theta[runs], self.G[runs]
