"""The change in cost: sample-and-hold of C0 or high-pass, C̃ and the broadcast u."""

from __future__ import annotations

import numpy as np

from model.number.fixed import Ints, fit, shift_right
from spec.numbers import Format, Rounding
from spec.optimizer import MAX_LEFT_SHIFT, ChangeSpec


class ChangeInCost:
    """Holds C0 and makes u of each perturbed cost.

    Parameters
    ----------
    spec : ChangeSpec
    runs : int
    eta_shift : int
        The register's value: u = sat(RNE(C̃ · 2**(MAX_LEFT_SHIFT - eta_shift))).

    Attributes
    ----------
    C, C0 : array of int, shape (runs,)
        In LSBs of 2**-cost_bits. In the analog loop, C0 is the cost before C.
    C_tilde : array of int, shape (runs,)
        In LSBs of 2**-(cost_bits + guard).
    u : array of int, shape (runs,)
        In LSBs of θ.
    eta_shift : int
        As the schedule has it now.
    """

    def __init__(self, spec: ChangeSpec, runs: int, eta_shift: int) -> None:
        self.eta_shift = eta_shift
        self.guard, self.bus = spec.guard, spec.bus
        self.held = Format.of_bits(spec.cost_width + 1, 0)
        self.tilde = Format.of_bits(spec.tilde_width, 0)
        self.C, self.C0, self.C_tilde, self.u = np.zeros((4, runs), dtype=np.int64)

    def baseline(self, cost: Ints) -> None:
        """Sample and hold: C0 ← C."""
        self.C = self.C0 = cost

    def opposite(self, cost: Ints) -> None:
        """Hold the cost of -θ̃ in place of C0."""
        self.C = self.C0 = fit(cost, self.held)

    def perturbed(self, cost: Ints) -> None:
        """C̃ = C - C0, and its u."""
        self.C = fit(cost, self.held)
        self.C_tilde = self.C - self.C0
        self._broadcast()

    def high_pass(self, cost: Ints, *, new_sample: bool) -> None:
        """C̃ ← (C̃ + C - C_prev)·(1 - 1/τ_hp), and its u; C_prev ← C, before if the sample is new.

        What is taken away is rounded away from zero, so that C̃ decays to zero.
        """
        self.C = fit(cost, self.held)
        if new_sample:
            self.C0 = self.C
        total = self.C_tilde + (self.C - self.C0 << self.guard)
        self.C_tilde = fit(total - shift_right(total, self.guard, Rounding.AWAY), self.tilde)
        self.C0 = self.C
        self._broadcast()

    def _broadcast(self) -> None:
        """U = sat(RNE(C̃ · η/Δθ)), a shift since η/Δθ is a power of two."""
        shift = self.eta_shift - MAX_LEFT_SHIFT + self.guard
        self.u = fit(shift_right(self.C_tilde, shift, Rounding.NEAREST_EVEN), self.bus)

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        self.C, self.C0, self.C_tilde, self.u = (
            value[runs] for value in (self.C, self.C0, self.C_tilde, self.u)
        )
