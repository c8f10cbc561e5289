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
    source : array of int, shape (P,)
        The cell whose perturbation each learns by: itself; of a layer by node, its neuron's bias.
    by_node : array of bool, shape (P,)
        Whether a cell's layer is one by node.
    doublings, init_bits : array of int, shape (P,)
        Those of its group.
    """

    def __init__(self, spec: BankSpec, runs: int) -> None:
        self.spec, self.cell = spec, spec.cell
        self.theta: Ints = np.zeros((runs, spec.parameters), dtype=np.int64)
        self.G: Ints = np.zeros_like(self.theta)
        own, sizes = np.arange(spec.parameters), [block.parameters for block in spec.blocks]
        bias = np.repeat(np.cumsum(sizes) - 1, sizes)
        groups, cells = spec.groups, [group.parameters for group in spec.groups]
        self.by_node = np.repeat([group.node for group in groups], cells)
        self.doublings = np.repeat([group.doublings for group in groups], cells)
        self.init_bits = np.repeat([group.init_bits for group in groups], cells)
        self.source = np.where(self.by_node, bias, own)
        self._fraction = self.cell.perturbation.fraction_bits
        self.dropped = self.cell.theta.fraction_bits - self.cell.weight.fraction_bits
        unit = self.cell.amplitude_lsbs >> self._fraction
        self.unit = (self.source == own) * unit << self.doublings  # of θ̃, in LSBs of a weight

    def accumulate(self, u: Ints, theta_tilde: Ints, inputs: Ints | None = None) -> None:
        """G ← sat(G + u·θ̃/Δθ), each cell with its own perturbation; or with its neuron's.

        In a layer with doublings k, it is 2**k times as much.

        Where cells have no G, what the update takes from here at once is not limited by its format.

        Parameters
        ----------
        u : array of int, shape (runs,)
            The broadcast, in LSBs of θ.
        theta_tilde : array of int, shape (runs, P)
            In units of 2**-fraction_bits Δθ.
        inputs : array of int, shape (runs, P), optional
            For node perturbation: what each cell of a layer by node multiplies, in LSBs of
            2**-`input_fraction` of the spec. The perturbation is that of the neuron's bias cell,
            rounded before and after.
        """
        found = shift_right(u[:, None] * theta_tilde, self._fraction, Rounding.NEAREST_EVEN)
        found = found << self.doublings
        if inputs is not None:
            share = found[:, self.source] * inputs
            share = shift_right(share, self.spec.input_fraction, Rounding.NEAREST_EVEN)
            found = np.where(self.by_node, share, found)
        total = self.G + found
        self.G = fit(total, self.cell.gradient) if self.cell.accumulate else total

    def begin(self, u: Ints, polarity: Ints, bit: int) -> None:
        """G ← sat(G ± u) in the cells whose initial θ has this bit, by the sign that each holds."""
        total = self.G + u[:, None] * polarity * (self.init_bits > bit)
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
