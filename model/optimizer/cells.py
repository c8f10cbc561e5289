"""All synapse cells: θ and G, and the three things a cell ever does."""

from __future__ import annotations

import numpy as np

from model.number.fixed import Ints, fit, shift_right
from spec.numbers import Rounding
from spec.optimizer import BankSpec


class SynapseCells:
    """θ and G of every cell of every run.

    Parameters
    ----------
    spec : BankSpec
        Formats and Δθ; which cells are a neuron's.
    runs : int
        Number of independent runs.

    Attributes
    ----------
    theta, G : array of int, shape (runs, P)
        In LSBs of θ; layer by layer, neuron by neuron, weights then bias.
    bias : array of int, shape (P,)
        The bias cell of each cell's neuron.
    """

    def __init__(self, spec: BankSpec, runs: int) -> None:
        self.spec, self.cell = spec, spec.cell
        self.theta: Ints = np.zeros((runs, spec.parameters), dtype=np.int64)
        self.G: Ints = np.zeros_like(self.theta)
        sizes = [block.parameters for block in spec.blocks]
        self.bias = np.repeat(np.cumsum(sizes) - 1, sizes)
        self._fraction = self.cell.perturbation.fraction_bits
        self.dropped = self.cell.theta.fraction_bits - self.cell.weight.fraction_bits
        unit = self.cell.amplitude_lsbs >> self._fraction
        perturbs = self.bias == np.arange(spec.parameters) if spec.node else True
        self.unit = unit * np.full(spec.parameters, perturbs)  # of θ̃, in LSBs of a weight

    def accumulate(self, u: Ints, theta_tilde: Ints, inputs: Ints | None = None) -> None:
        """G ← sat(G + u·θ̃/Δθ), each cell with its own perturbation; or with its neuron's.

        Where cells have no G, what the update takes from here at once is not limited by its format.

        Parameters
        ----------
        u : array of int, shape (runs,)
            The broadcast, in LSBs of θ.
        theta_tilde : array of int, shape (runs, P)
            In units of 2**-fraction_bits Δθ.
        inputs : array of int, shape (runs, P), optional
            For node perturbation: what each cell multiplies, in LSBs of 2**-`input_fraction` of the
            spec. The perturbation is that of the neuron's bias cell, rounded before and after.
        """
        found = shift_right(u[:, None] * theta_tilde, self._fraction, Rounding.NEAREST_EVEN)
        if inputs is not None:
            found = shift_right(
                found[:, self.bias] * inputs, self.spec.input_fraction, Rounding.NEAREST_EVEN
            )
        total = self.G + found
        self.G = fit(total, self.cell.gradient) if self.cell.accumulate else total

    def initialise(self) -> None:
        """θ ← sat(θ - G); G ← 0, whatever leaks later."""
        self.theta = fit(self.theta - self.G, self.cell.theta)
        self.G = np.zeros_like(self.G)

    def update(self, noise: Ints | int = 0) -> None:
        """θ ← sat(θ - G), plus noise; G ← 0, or G ← G - (G >> leak)."""
        self.theta = fit(self.theta - self.G + noise, self.cell.theta)
        self.G = self.G - shift_right(self.G, self.cell.leak, Rounding.AWAY)

    def weights(self, theta_tilde: Ints | None = None) -> Ints:
        """Return what the multipliers see: the top bits of θ, plus θ̃ if there is one.

        θ̃ is in units of 2**-fraction_bits Δθ; with node perturbation, only bias cells have it.
        """
        weights = shift_right(self.theta, self.dropped, Rounding.TRUNCATE)
        return weights if theta_tilde is None else weights + theta_tilde * self.unit

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        self.theta, self.G = self.theta[runs], self.G[runs]
