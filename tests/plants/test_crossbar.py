"""The crossbar is a network whose weights are pairs of devices."""

from __future__ import annotations

import numpy as np
import pytest

from examples.plants.crossbar import Crossbar

IDEAL = {"variation": 0, "read_noise": 0, "levels": 0, "stuck": 0}


def draw(crossbar: Crossbar, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-2, 2, crossbar.parameters)


@pytest.mark.parametrize("on_off", [2.0, 10.0])
def test_ideal_devices_are_the_network_in_software(on_off: float) -> None:
    crossbar = Crossbar(hidden=4, gain=0.5, on_off=on_off, **IDEAL)
    theta = draw(crossbar)
    assert crossbar.parameters == 5 * 4 + 5 * 3
    for sample in (0, 70, 149):
        x, cost = crossbar.inputs[sample], 0.0
        hidden = [
            np.tanh(0.5 * sum(theta[4 * i + k] * x[i] for i in range(5))) for k in range(4)
        ] + [1.0]
        for output in range(3):
            z = sum(theta[20 + 3 * k + output] * hidden[k] for k in range(5))
            wanted = 1 if crossbar.labels[sample] == output else -1
            cost += ((np.tanh(0.5 * z) - wanted) / 2) ** 2 / 3
        assert crossbar(theta, sample) == pytest.approx(cost, abs=1e-12)


def test_flowers() -> None:
    crossbar = Crossbar()
    assert crossbar.samples == 150
    assert np.bincount(crossbar.labels).tolist() == [50, 50, 50]
    assert crossbar.inputs[:, :4].min(axis=0).tolist() == [-1] * 4
    assert crossbar.inputs[:, :4].max(axis=0).tolist() == [1] * 4
    assert (crossbar.inputs[:, 4] == 1).all()


def test_weights_have_steps() -> None:
    crossbar = Crossbar(**IDEAL | {"levels": 17})
    theta = draw(crossbar)
    weights = crossbar.weights(theta)
    np.testing.assert_allclose(weights, np.rint(weights * 8) / 8, atol=1e-12)
    np.testing.assert_allclose(weights, theta, atol=1 / 16 + 1e-12)
    assert len(np.unique(np.rint(weights * 8))) > 15


def test_beyond_the_range_there_is_no_more_conductance() -> None:
    crossbar = Crossbar(**IDEAL)
    np.testing.assert_allclose(crossbar.weights(np.full(crossbar.parameters, -3.0)), -2)


def test_devices_vary() -> None:
    crossbar = Crossbar(hidden=64, **IDEAL | {"variation": 0.1, "on_off": 1e9})
    scales = crossbar.weights(np.ones(crossbar.parameters))
    assert np.log(scales).mean() == pytest.approx(0, abs=0.02)
    assert np.log(scales).std() == pytest.approx(0.1, rel=0.15)


def test_reads_are_noisy() -> None:
    crossbar = Crossbar(**IDEAL | {"read_noise": 0.01, "on_off": 1e9})
    theta = np.ones(crossbar.parameters)
    reads = np.array([crossbar.weights(theta) for _ in range(200)])
    assert reads.mean() == pytest.approx(1, abs=0.001)
    assert reads.std() == pytest.approx(0.01, rel=0.05)


def test_what_is_stuck_does_not_move() -> None:
    crossbar = Crossbar(stuck=1.0, read_noise=0)
    assert crossbar(draw(crossbar), 0) == crossbar(draw(crossbar, 1), 0)
    few = Crossbar(hidden=64, **IDEAL | {"stuck": 0.1})
    moved = few.weights(np.full(few.parameters, 2.0)) != few.weights(np.full(few.parameters, 0.0))
    assert np.mean(~moved) == pytest.approx(0.1, abs=0.04)


def test_gradient_of_ideal_devices() -> None:
    crossbar = Crossbar(gain=1, **IDEAL)
    theta = draw(crossbar) / 4

    def estimate(step: float) -> np.ndarray:
        axes = step * np.eye(crossbar.parameters)
        return np.array([crossbar(theta + e, 60) - crossbar(theta - e, 60) for e in axes]) / step

    np.testing.assert_allclose(estimate(1e-4), estimate(1e-3), atol=1e-5)
    assert np.abs(estimate(1e-4)).max() > 0.01


def test_a_step_of_theta_that_the_devices_see_is_seen() -> None:
    """With 64 levels, Δθ = 1/8 moves every pair of a real crossbar that is not stuck."""
    crossbar = Crossbar(read_noise=0, stuck=0)
    theta = draw(crossbar) * 0.9
    assert (crossbar.weights(theta + 0.125) > crossbar.weights(theta)).all()


def test_accuracy() -> None:
    """An output that is always the largest is right for its own species."""
    crossbar = Crossbar(**IDEAL)
    crossbar.labels[:10] = 2
    theta = np.zeros(crossbar.parameters)
    theta[-1] = 1
    assert crossbar.accuracy(theta) == 60 / 150
    theta[-2] = 2
    assert crossbar.accuracy(theta) == 50 / 150
