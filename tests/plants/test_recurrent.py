"""The recurrent network has a memory, and its task needs one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from examples.plants.recurrent import Recurrent


def draw(plant: Recurrent, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, plant.parameters)


def test_all_sequences() -> None:
    plant = Recurrent(bits=3, length=5)
    assert plant.bits.shape == (5, 32)
    assert len(np.unique(plant.bits, axis=1).T) == 32
    assert plant.targets.shape == (3, 32)
    for t, k in product(range(3), range(32)):
        assert plant.targets[t, k] == np.prod(plant.bits[t : t + 3, k])


def test_loop_by_hand() -> None:
    plant = Recurrent(hidden=3, bits=2, length=4, gain=1.25)
    assert plant.parameters == 9 + 3 + 3 + 3 + 1
    theta = draw(plant)
    w, v, b, c, d = theta[:9].reshape(3, 3), theta[9:12], theta[12:15], theta[15:18], theta[18]
    costs = []
    for sequence, targets in zip(plant.bits.T, plant.targets.T, strict=True):
        h = np.zeros(3)
        for t, x in enumerate(sequence):
            h = np.tanh(1.25 * (w @ h + v * x + b))
            if t >= 1:
                costs.append(((np.tanh(1.25 * (c @ h + d)) - targets[t - 1]) / 2) ** 2)
    assert plant(theta, 0) == pytest.approx(np.mean(costs), abs=1e-12)


def test_without_weights_nothing_is_known() -> None:
    plant = Recurrent()
    assert plant(np.zeros(plant.parameters), 0) == 0.25


def test_without_recurrence_a_state_knows_the_last_bit_only() -> None:
    plant = Recurrent(hidden=4, gain=1.25)
    theta = draw(plant)
    theta[:16] = 0
    h = plant.states(theta)
    v, b = theta[16:20, None], theta[20:24, None]
    for t, x in enumerate(plant.bits):
        np.testing.assert_allclose(h[t], np.tanh(1.25 * (v * x + b)), atol=1e-12)


@pytest.mark.parametrize("bits", [2, 3, 4])
def test_least_squares_on_the_bits_does_nothing(bits: int) -> None:
    """Of all linear functions of the whole sequence, 0 comes closest."""
    plant = Recurrent(bits=bits, length=6)
    features = np.column_stack([plant.bits.T, np.ones(64)])
    solution = np.linalg.lstsq(features, plant.targets.T, rcond=None)[0]
    np.testing.assert_allclose(solution, 0, atol=1e-12)


@pytest.mark.parametrize("bits", [2, 3])
def test_no_linear_threshold_is_right_more_than_three_times_in_four(bits: int) -> None:
    """All thresholds of two or three bits, whose weights need be no larger than 2 (Muroga)."""
    window = np.array(list(product([-1, 1], repeat=bits)))
    weights = np.array(list(product(np.arange(-2, 3), repeat=bits)))
    for threshold in np.arange(-6.5, 7):
        guess = np.where(weights @ window.T > threshold, 1, -1)
        assert np.mean(guess == window.prod(axis=1), axis=1).max() <= 0.75


def test_a_linear_read_out_of_untrained_states_does_not_do_either() -> None:
    """Least squares on the neurons as they are at first, in 20 draws; trained, all are right."""
    right = []
    for seed in range(20):
        plant = Recurrent(bits=3, length=7)
        h = plant.states(draw(plant, seed))[2:].transpose(0, 2, 1).reshape(-1, 6)
        features, targets = np.column_stack([h, np.ones(len(h))]), plant.targets.ravel()
        guess = features @ np.linalg.lstsq(features, targets, rcond=None)[0]
        right.append(np.mean(guess * targets > 0))
    assert np.median(right) < 0.65
    assert max(right) < 0.9


def test_gradient() -> None:
    plant = Recurrent()
    theta = draw(plant)

    def estimate(step: float) -> np.ndarray:
        axes = step * np.eye(plant.parameters)
        return np.array([plant(theta + e, 0) - plant(theta - e, 0) for e in axes]) / (2 * step)

    np.testing.assert_allclose(estimate(1e-4), estimate(1e-3), atol=1e-5)


def test_noise_disturbs_the_states() -> None:
    plant, exact = Recurrent(noise=0.1), Recurrent()
    theta = draw(plant)
    difference = plant.states(theta)[0] - exact.states(theta)[0]
    assert 0.05 < difference.std() < 0.1


def test_accuracy() -> None:
    """An output that has one sign is right as often as a target has it."""
    plant = Recurrent()
    plant.targets[0] = 1
    theta = np.zeros(plant.parameters)
    for theta[-1] in (1, -1):
        share = np.mean(plant.targets == theta[-1])
        assert plant.accuracy(theta) == share != 0.5
