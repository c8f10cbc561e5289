"""Ternary codes: how often each value comes, and that cells do not depend on each other."""

from __future__ import annotations

import numpy as np

from model.optimizer.perturbation.ternary import Ternary
from spec import derive
from spec.lfsr import seed_register
from tests.configs import xor

STEPS, RUNS = 4000, 20


def values() -> np.ndarray:
    """θ̃/Δθ, of shape (steps · runs, cells)."""
    config = xor(perturbation="ternary")
    code = Ternary(derive.bank(config), [seed_register(k) for k in range(RUNS)])
    found = []
    for _ in range(STEPS):
        code.perturb()
        found.append(code.theta_tilde)
    return np.concatenate(found[config.parameters :])


def test_a_quarter_a_half_a_quarter() -> None:
    """Within five standard errors."""
    found = values()
    for value, share in ((-1, 0.25), (0, 0.5), (1, 0.25)):
        error = np.sqrt(share * (1 - share) / len(found))
        assert (np.abs((found == value).mean(axis=0) - share) < 5 * error).all()


def test_cells_do_not_depend_on_each_other() -> None:
    """Neither θ̃ nor whether it is 0, of any two cells."""
    found = values()
    for seen in (found, (found != 0) - 0.5):
        covariance = seen.T @ seen / len(seen) - np.outer(seen.mean(axis=0), seen.mean(axis=0))
        error = seen.var() / np.sqrt(len(seen))
        off = covariance[~np.eye(len(covariance), dtype=bool)]
        assert np.abs(off).max() < 6 * error
