"""The cost unit: C, its sample-and-hold C0, C̃ and the broadcast u."""

from __future__ import annotations

import numpy as np

from model.fixed import Ints, fit, shift_right
from spec.config import MAX_LEFT_SHIFT, Config
from spec.numbers import Rounding


def mean_squared_error(y: Ints, t: Ints, config: Config) -> Ints:
    """C = Σ (y - t)² / outputs, towards zero, in LSBs of 2**-cost_bits.

    Parameters
    ----------
    y, t : array of int, shape (…, outputs)
        In LSBs of 2**-activation_bits.
    """
    total = ((y - t) ** 2).sum(axis=-1)
    dropped = 2 * config.formats.activation_bits - config.formats.cost_bits
    return shift_right(total, dropped, Rounding.TRUNCATE) // y.shape[-1]


class CostUnit:
    """Holds C0 and makes u of each perturbed cost.

    Attributes
    ----------
    C, C0, C_tilde : array of int, shape (runs,)
        In LSBs of 2**-cost_bits.
    u : array of int, shape (runs,)
        In LSBs of θ.
    eta : int
        η = 2**eta, as the schedule has it now.
    """

    def __init__(self, config: Config, runs: int) -> None:
        self.config = config
        self.eta = config.training.eta
        self.C, self.C0, self.C_tilde, self.u = np.zeros((4, runs), dtype=np.int64)

    def baseline(self, cost: Ints) -> None:
        """Sample and hold: C0 ← C."""
        self.C = self.C0 = cost

    def perturbed(self, cost: Ints) -> None:
        """C̃ = C - C0; u = sat(RNE(C̃ · η/Δθ)), a shift since η/Δθ is a power of two."""
        self.C = cost
        self.C_tilde = self.C - self.C0
        scaled = shift_right(
            self.C_tilde, self.config.eta_shift_of(self.eta) - MAX_LEFT_SHIFT, Rounding.NEAREST_EVEN
        )
        self.u = fit(scaled, self.config.bus)

    def keep(self, runs: np.ndarray) -> None:
        """Go on with the runs of a mask only."""
        self.C, self.C0, self.C_tilde, self.u = (
            value[runs] for value in (self.C, self.C0, self.C_tilde, self.u)
        )
