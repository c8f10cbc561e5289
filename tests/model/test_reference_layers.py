"""True gradients through convolutions and pools: by the chain rule as by differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from model.reference import Reference
from tests.configs import FOLDED, perceptron

KINDS = {
    "conv": [{"kind": "conv", "channels": 2, "activation": "tanh"}],
    "pool": [{"kind": "conv", "channels": 3, "activation": "tanh"}, {"kind": "pool"}],
    "two": [
        {"kind": "conv", "channels": 2, "activation": "tanh"},
        {"kind": "conv", "channels": 2, "activation": "sigmoid"},
    ],
}


@pytest.mark.parametrize("cost", ["mse", "cross_entropy"])
@pytest.mark.parametrize("name", KINDS)
def test_both_gradients_agree(name: str, cost: str) -> None:
    last = {"kind": "dense", "neurons": 3, "activation": "tanh"}
    network: dict[str, Any] = {"shape": [6, 5, 2], "layer": [*KINDS[name], last]}
    keys = FOLDED | {"inputs": "fixed", "cost": cost, "lanes": 4}
    config = perceptron(60, 3, samples=7, network=network, **keys)
    reference = Reference(config, np.random.default_rng(3))
    for sample in (None, 4):
        found = reference.gradient_backpropagation(sample)
        expected = reference.gradient_finite_difference(sample)
        np.testing.assert_allclose(found, expected, atol=1e-7)
        assert np.abs(expected).max() > 1e-3
