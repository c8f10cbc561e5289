"""The crossbar's network in software is the crossbar with ideal devices."""

from __future__ import annotations

import numpy as np
import pytest

from examples.plants.crossbar import Crossbar
from experiments import backpropagation
from experiments.plants.training import IDEAL

NETWORK = Crossbar(gain=0.8, **IDEAL)


def difference(theta: np.ndarray) -> float:
    """Return how far the gradient is from that of finite differences of the plant's own cost."""

    def cost(theta: np.ndarray) -> float:
        return float(np.mean([NETWORK(theta, sample) for sample in range(NETWORK.samples)]))

    steps = 1e-5 * np.eye(len(theta))
    found = [(cost(theta + step) - cost(theta - step)) / 2e-5 for step in steps]
    return float(np.abs(np.array(found) - backpropagation.gradient(NETWORK, theta[None])[0]).max())


def test_the_gradient_is_that_of_the_plant(monkeypatch: pytest.MonkeyPatch) -> None:
    """And one of a network with another gain is not."""
    theta = np.random.default_rng(1).uniform(-1, 1, NETWORK.parameters)
    assert difference(theta) < 1e-8
    monkeypatch.setattr(NETWORK, "gain", 0.81)
    wrong = backpropagation.gradient(NETWORK, theta[None])
    monkeypatch.undo()
    assert np.abs(wrong - backpropagation.gradient(NETWORK, theta[None])).max() > 1e-5


def test_it_learns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backpropagation, "STEPS", 300)
    starts = np.random.default_rng(1).uniform(-0.25, 0.25, (2, NETWORK.parameters))
    assert max(map(NETWORK.accuracy, starts)) < 0.7
    assert min(backpropagation.accuracies(NETWORK, starts)) > 0.9
