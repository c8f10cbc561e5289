"""The initial θ and G are the same for every loop, rule and estimator: G is 0."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from model.trainer import Trainer
from spec.phase import Phase
from spec.training import SPATIAL
from tests.configs import xor

SEEDS = range(20)


def initial(**keys: Any) -> tuple[np.ndarray, np.ndarray]:
    """θ and G of XOR where the initialisation has ended."""
    trainer = Trainer(xor(theta="Q2.8", **keys), list(SEEDS))
    for phase in trainer.phases():
        if phase is Phase.UPDATE:
            break
    return trainer.cells.theta, trainer.cells.G


@pytest.mark.parametrize(
    "keys",
    [
        {"momentum": 2},
        {"momentum": 7, "tau_theta": 3},
        {"estimator": "antithetic"},
        {"estimator": "node"},
        *({"loop": "analog", "tau_x": 2, "tau_theta": tau} for tau in (1, 2, 64)),
        *({"perturbation": kind.value} for kind in SPATIAL),
        {"update_noise": 0.25, "cost_noise": 0.25},
        {"bus_bits": 5, "momentum": 3},
    ],
    ids=str,
)
def test_any_optimiser_starts_at_the_same_theta(keys: dict[str, Any]) -> None:
    """Odd multiples of an LSB within ±2**init, as without a leak; nothing is left in G."""
    expected, nothing = initial()
    theta, G = initial(**keys)
    assert theta.tolist() == expected.tolist()
    assert not nothing.any()
    assert not G.any()
    assert np.abs(theta).max() < 1 << 7  # 2**-1, in LSBs of 2**-8
    assert (theta % 2 == 1).all()
    assert len({tuple(row) for row in theta.tolist()}) == len(SEEDS)
