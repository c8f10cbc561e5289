"""Defects against the float formula a = L·f(k·(z - x0)) + y0, within what truncation does."""

from __future__ import annotations

import numpy as np
import pytest

from model.plant.activation import ActivationUnit
from model.plant.defects import Defects
from model.trainer import Trainer
from spec import derive
from spec.config import Config
from spec.phase import Phase
from spec.plant import DEFECT_FRACTION
from tests.configs import perceptron

FINE = {"theta": "Q2.12", "activation_bits": 12, "cost_bits": 12, "eta": -4}
SEEDS = range(1, 201)


def filled(config: Config) -> tuple[Trainer, Defects]:
    """Train to the first step, when all draws are in their places."""
    trainer = Trainer(config, SEEDS)
    for phase in trainer.phases():
        if phase is Phase.STEP:
            break
    assert trainer.plant.defects
    return trainer, trainer.plant.defects


@pytest.mark.parametrize("sigma", [0.01, 0.1, 0.3])
@pytest.mark.parametrize("kind", ["identity", "relu", "hard_tanh"])
def test_formula(kind: str, sigma: float) -> None:
    """For every neuron of every run; the functions have a slope of at most 1."""
    config = perceptron(2, 3, 1, hidden=kind, output="identity", defects=sigma, **FINE)
    _, defects = filled(config)
    spec = derive.network(config).layers[0]
    unit = ActivationUnit(spec.activation)
    lsb = 2.0**-12
    z = np.random.default_rng(1).integers(-8192, 8192, (len(SEEDS), 20, 3))
    bottom, top = (v * lsb for v in config.network.hidden.range(12))
    function = {
        "identity": lambda z: np.clip(z, bottom, top),
        "relu": lambda z: np.clip(z, 0, top),
        "hard_tanh": lambda z: np.clip(z, -1, 1),
    }[kind]
    found = defects.activate(0, z, unit) * lsb
    draws = defects.line.line.reshape(len(SEEDS), -1, 4)[:, None, :3] * 2.0**-DEFECT_FRACTION
    k, x0, L, y0 = np.moveaxis(
        np.clip(draws + np.eye(4)[::2].sum(0), -4, 4 - 2.0**-DEFECT_FRACTION), -1, 0
    )
    low, high = (v * lsb for v in (spec.output.low, spec.output.high))
    expected = np.clip(L * function(k * (z * lsb - x0)) + y0, low, high)
    # An LSB is cut off before f and passes L; another is cut off after it.
    assert (np.abs(found - expected) <= lsb * (1 + np.abs(L)) + 1e-12).all()
    assert len(np.unique(found)) > 1000


def test_draws_are_of_the_deviation_that_was_asked_for() -> None:
    """All four of all neurons; none is that of another."""
    config = perceptron(2, 3, 1, defects=0.2, **FINE)
    _, defects = filled(config)
    draws = defects.line.line * 2.0**-DEFECT_FRACTION
    count = draws.size
    assert draws.shape == (200, 16)
    assert abs(draws.mean()) < 5 * 0.2 / np.sqrt(count)
    # Kurtosis 2.7: five standard errors of σ, and the factor's 1 %.
    assert abs(draws.std() / 0.2 - 1) < 5 * np.sqrt(1.7 / count) / 2 + 0.01
    correlation = draws.T @ draws / 0.04 / len(SEEDS)
    np.fill_diagonal(correlation, 0)
    assert np.abs(correlation).max() < 5 / np.sqrt(len(SEEDS))


def test_they_stay_for_good() -> None:
    config = perceptron(2, 3, 1, defects=0.2, steps=50, **FINE)
    trainer = Trainer(config, [1, 2], stop_when_solved=False)
    seen = []
    for phase in trainer.phases():
        if phase is Phase.STEP:
            assert trainer.plant.defects
            seen.append(trainer.plant.defects.line.line.tolist())
    assert len(seen) == 50
    assert all(line == seen[0] for line in seen)
