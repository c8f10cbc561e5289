"""The golden model of an optimizer for an external plant, held against Algorithm 1 in floats."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from model.external.trainer import ExternalTrainer
from spec import derive
from spec.eta import eta_number
from spec.external.config import ExternalConfig
from spec.phase import Phase
from tests.plants import external
from tests.plants.models import Quadratic

KEYS: dict[str, Any] = {
    **{"parameters": 6, "theta": "Q3.16", "cost_bits": 14, "cost_width": 20, "bus_bits": 20},
    **{"gradient_bits": 24, "eta": -3, "amplitude": -4, "check_every": 1000, "steps": 60},
}  # fmt: skip

Array = np.ndarray


def algorithm_1(
    plant: Quadratic, theta: Array, tildes: Array, samples: list[int], config: ExternalConfig
) -> list[Array]:
    """θ after every step, by the paper: C0 before, C with θ̃, C̃·θ̃/Δθ² summed up over τ_θ."""
    training, G, found = config.training, np.zeros_like(theta), []
    C0 = 0.0
    for n, (tilde, sample) in enumerate(zip(tildes, samples, strict=True)):
        if training.antithetic:
            C0 = plant(theta - tilde, sample)
        elif n % training.tau_x == 0 or n % training.tau_theta == 0:
            C0 = plant(theta, sample)
        change = (plant(theta + tilde, sample) - C0) / (1 + training.antithetic)
        G = G + change * tilde / 4.0**training.amplitude
        if (n + 1) % training.tau_theta == 0:
            theta, G = theta - 2.0 ** eta_number(config.training.eta) * G, np.zeros_like(theta)
        found.append(theta)
    return found


def golden(config: ExternalConfig) -> tuple[Array, Array, list[int], Array]:
    """Train; return θ before, perturbations, samples and θ at the end, in real units."""
    trainer = ExternalTrainer(config, [config.training.seed])
    lsb = 2.0 ** -derive.theta(config).fraction_bits
    unit = 2.0 ** (config.training.amplitude - derive.perturbation(config).fraction_bits)
    first, tildes, samples = None, [], []
    for phase in trainer.phases():
        if phase is Phase.PERTURBED:
            first = trainer.cells.theta[0] * lsb if first is None else first
            tildes.append(trainer.code.theta_tilde[0] * unit)
            samples.append(int(trainer.plant.samples.index[0]))
    assert first is not None
    (run,) = trainer.finished
    return first, np.array(tildes), samples, run.theta * lsb


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"perturbation": "cm"},
        {"perturbation": "tm", "eta": -2},
        {"perturbation": "fm", "amplitude": -3},
        {"perturbation": "fm_square", "tau_p": 2},
        {"perturbation": "ternary", "samples": 3},
        {"estimator": "antithetic", "samples": 3, "order": "sequential"},
        {"tau_theta": 4, "tau_x": 3, "samples": 5, "average": 2},
        {"average": 3, "accumulate": False},
    ],
)
def test_algorithm_1(keys: dict[str, Any]) -> None:
    """Up to what rounding loses.

    A conversion is half an LSB off, C̃ an LSB; u, half an LSB of θ; a sine's share, half of one
    more. As the plant is convex and η small, no step takes two runs further apart.
    """
    config = external(**KEYS | keys)
    plant = Quadratic(config.parameters, config.samples)
    first, tildes, samples, last = golden(config)
    steps = len(samples)
    assert steps == 60
    assert len(set(samples)) == config.samples
    expected = algorithm_1(plant, first, tildes, samples, config)[-1]
    lsb = 2.0 ** -derive.theta(config).fraction_bits
    once = (
        2.0
        ** (eta_number(config.training.eta) - config.training.amplitude - config.formats.cost_bits)
        + lsb
    )
    assert np.abs(last - expected).max() < steps * once
    assert np.abs(last - first).max() > 20 * np.abs(last - expected).max()


def test_another_algorithm_is_none() -> None:
    """The same with a gradient of the wrong sign, half as large, or of other perturbations."""
    config = external(**KEYS)
    plant = Quadratic(config.parameters, config.samples)
    first, tildes, samples, last = golden(config)
    right = algorithm_1(plant, first, tildes, samples, config)[-1]
    for wrong in (-tildes, np.roll(tildes, 1, axis=1), tildes / 2):
        other = algorithm_1(plant, first, wrong, samples, config)[-1]
        assert np.abs(last - other).max() > 5 * np.abs(last - right).max()


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"samples": 4, "eta": -4},
        {"perturbation": "tm", "eta": -2},
        {"loop": "analog", "tau_x": 9},
    ],
)
def test_twenty_seeds_converge(keys: dict[str, Any]) -> None:
    """To the least cost there is, but for an LSB and what perturbations and samples make of it."""
    config = external(**KEYS | {"steps": 800} | keys)
    trainer = ExternalTrainer(config, range(1, 21))
    runs = trainer.run()
    assert [run.seed for run in runs] == list(range(1, 21))
    plant = Quadratic(config.parameters, config.samples)
    best = plant.places.mean(axis=0)
    least = np.mean([plant(best, k) for k in range(config.samples)])
    costs = [run.cost_sum / config.samples / 2**14 for run in runs]
    assert max(costs) < least + 0.02


def test_noise_of_the_plant_is_drawn_in_the_order_of_evaluations() -> None:
    """So a run repeats; and each run has a plant of its own."""
    config = external(parameters=3, noise=0.1, steps=50)
    one, two = ExternalTrainer(config, [1, 2]).run()
    (again,) = ExternalTrainer(config, [2]).run()
    np.testing.assert_array_equal(two.theta, again.theta)
    assert (one.theta != two.theta).any()
