"""The spiking neurons leak, integrate and fire, and their task is not linear."""

from __future__ import annotations

import math

import numpy as np
import pytest

from examples.plants.spiking import FEW, MANY, MEMBRANE, STEPS, Spiking, fire, inputs


def draw(plant: Spiking, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, plant.parameters)


@pytest.mark.parametrize("current", [0.0, 0.15, 0.199, 0.21, 0.25, 0.35, 0.5, 0.7, 0.99, 1.0, 3.0])
def test_constant_current(current: float) -> None:
    """V after n steps is I·(1 - λⁿ)/(1 - λ): a spike every n for which that reaches 1."""
    spikes = fire(np.full((1000, 1), current))[:, 0]
    if current <= 1 - MEMBRANE:
        assert spikes.sum() == 0
        return
    period = 1
    if current < 1:
        period = math.ceil(math.log(1 - (1 - MEMBRANE) / current) / math.log(MEMBRANE))
    assert spikes.sum() == 1000 // period
    assert set(np.diff(np.flatnonzero(spikes))) == {period}


def test_network_by_hand() -> None:
    plant = Spiking(hidden=2, trials=2, gain=1.5)
    assert plant.parameters == 9
    theta, counts = draw(plant) * 3, plant.counts(draw(plant) * 3)
    weights, out = theta[:6].reshape(2, 3), theta[6:]
    for trial in range(8):
        lines, synapses, voltage, count = np.zeros(2), np.zeros(2), np.zeros(3), 0
        for t in range(STEPS):
            lines = 0.6 * lines + 0.4 * plant.spikes[t, :, trial]
            voltage[:2] = 0.8 * voltage[:2] + 0.5 + 1.5 * (weights[:, :2] @ lines + weights[:, 2])
            fired = voltage >= 1
            synapses = 0.6 * synapses + 0.4 * fired[:2]
            voltage[2] = 0.8 * voltage[2] + 0.5 + 1.5 * (out[:2] @ synapses + out[2])
            fired[2] = voltage[2] >= 1
            voltage[fired] = 0
            count += fired[2]
        assert counts[trial] == count


def test_without_weights_all_is_drive() -> None:
    plant = Spiking(drive=0.5)
    counts = plant.counts(np.zeros(plant.parameters))
    assert (counts == STEPS // 3).all()  # 0.5, 0.9, 1.22: every third step


def test_cost_of_counts() -> None:
    plant = Spiking(drive=1.0)  # fires always
    error = (STEPS - FEW) / (MANY - FEW), (STEPS - MANY) / (MANY - FEW)
    cost = plant(np.zeros(plant.parameters), 0)
    assert cost == pytest.approx((error[0] ** 2 + error[1] ** 2) / 2)
    assert plant.accuracy(np.zeros(plant.parameters)) == 0.5


def test_trials() -> None:
    """Each line fires as often in every trial; what differs is when."""
    plant = Spiking(trials=5)
    assert plant.spikes.shape == (STEPS, 2, 20)
    assert len(set(plant.spikes.sum(axis=0).ravel())) == 1
    first = plant.spikes.argmax(axis=0)
    late = first > 7
    assert (plant.differ == (late[0] != late[1])).all()
    assert plant.differ.mean() == 0.5
    assert len(np.unique(first)) > 4


def test_no_linear_read_out_of_the_spikes() -> None:
    """The best one is right in three of four cases; so is this, which fits no accident."""
    rng = np.random.default_rng(1)
    (spikes, differ), (others, truth) = inputs(500, 1.0, rng), inputs(500, 1.0, rng)

    def features(spikes: np.ndarray) -> np.ndarray:
        return np.column_stack([spikes.reshape(-1, spikes.shape[-1]).T, np.ones(spikes.shape[-1])])

    solution = np.linalg.lstsq(features(spikes), differ - 0.5, rcond=None)[0]
    assert np.mean((features(others) @ solution > 0) == truth) < 0.6
    late = spikes.argmax(axis=0) > 7
    for a, b in [(1, 1), (1, -1), (-1, 1), (-1, -1)]:
        for threshold in (-1.5, -0.5, 0.5, 1.5):
            assert np.mean((a * late[0] + b * late[1] > threshold) == differ) <= 0.75


def test_perturbations_are_felt() -> None:
    """Counts are whole, but with Δθ = 1/8 most changes of all weights change the cost."""
    plant = Spiking(hidden=8, gain=2.0)
    rng, theta = np.random.default_rng(1), draw(plant)
    changes = [
        plant(theta + rng.choice([-0.125, 0.125], plant.parameters), 0) - plant(theta, 0)
        for _ in range(50)
    ]
    assert np.mean(np.abs(changes) > 1e-3) > 0.9
    assert min(changes) < 0 < max(changes)


def test_accuracy() -> None:
    """Always firing is right where the lines differ, and silence where they do not."""
    always, never = Spiking(drive=1.0), Spiking(drive=0.0)
    theta = np.zeros(always.parameters)
    always.differ[:3], never.differ[:3] = 1, 1
    assert always.accuracy(theta) == np.mean(always.differ) > 0.5
    assert never.accuracy(theta) == np.mean(1 - never.differ) < 0.5
