"""The mesh obeys optics."""

from __future__ import annotations

import numpy as np
import pytest

from examples.plants.mesh import Mesh

PERFECT = {"phase_error": 0, "splitter_error": 0, "crosstalk": 0, "loss": 0}


def draw(mesh: Mesh, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-2, 2, mesh.parameters)


@pytest.mark.parametrize(("size", "parameters"), [(3, 9), (8, 64), (16, 256)])
def test_parameters(size: int, parameters: int) -> None:
    assert Mesh(size=size).parameters == parameters


@pytest.mark.parametrize("size", [2, 3, 4, 7, 8])
def test_power_is_conserved_without_loss(size: int) -> None:
    mesh = Mesh(size=size, loss=0, splitter_error=0.1)
    u = mesh.transfer(draw(mesh))
    np.testing.assert_allclose(u.conj().T @ u, np.eye(size), atol=1e-12)


def test_one_interferometer() -> None:
    """The closed form of Clements et al. for i·e^(iϑ/2), and a phase behind each output."""
    mesh = Mesh(size=2, **PERFECT)
    inner, outer, upper, lower = theta = np.array([0.3, -0.7, 1.1, 0.2])
    half, phi = np.pi * inner / 2, np.pi * outer
    interferometer = (
        1j
        * np.exp(1j * half)
        * np.array(
            [[np.exp(1j * phi) * np.sin(half), np.cos(half)],
             [np.exp(1j * phi) * np.cos(half), -np.sin(half)]]
        )
    )  # fmt: skip
    behind = np.diag(np.exp(1j * np.pi * np.array([upper, lower])))
    np.testing.assert_allclose(mesh.transfer(theta), behind @ interferometer, atol=1e-12)


def test_three_waveguides_are_three_interferometers() -> None:
    mesh = Mesh(size=3, **PERFECT)
    pair = Mesh(size=2, **PERFECT)
    theta = draw(mesh)
    product = np.eye(3, dtype=complex)
    for k, first in enumerate([0, 1, 0]):
        column = np.eye(3, dtype=complex)
        block = pair.transfer(np.array([*theta[2 * k : 2 * k + 2], 0, 0]))
        column[first : first + 2, first : first + 2] = block
        product = column @ product
    behind = np.exp(1j * np.pi * theta[-3:])
    np.testing.assert_allclose(mesh.transfer(theta), behind[:, None] * product, atol=1e-12)


@pytest.mark.parametrize("loss", [0.1, 1.0, 3.0])
def test_loss(loss: float) -> None:
    """Each of N columns takes a part, where no waveguide passes it by; else at least N - 1 do."""
    mesh, ideal = Mesh(size=2, loss=loss), Mesh(size=2, loss=0)
    theta = draw(mesh)
    np.testing.assert_allclose(
        np.abs(mesh.transfer(theta)) ** 2,
        10 ** (-loss / 10) * np.abs(ideal.transfer(theta)) ** 2,
        atol=1e-12,
    )
    large = Mesh(size=8, loss=loss)
    power = (np.abs(large.transfer(draw(large))) ** 2).sum(axis=0)
    assert np.all(power >= 10 ** (-8 * loss / 10) - 1e-12)
    assert np.all(power < 10 ** (-4 * loss / 10))


def test_heaters_warm_their_neighbours() -> None:
    """A heater of N = 3: itself, the other of its interferometer, and nobody far away as much."""
    mesh, ideal = Mesh(size=3, **PERFECT | {"crosstalk": 0.1}), Mesh(size=3, **PERFECT)
    theta = np.zeros(9)
    theta[0] = 0.5
    felt = theta.copy()
    # ϑ of (column, upper waveguide) (0, 0): at (1, 0), the others at (2·column + 0 or 1, row/2).
    places = [(1, 0), (0, 0), (3, 0.5), (2, 0.5), (5, 0), (4, 0), (6, -0.25), (6, 0.25), (6, 0.75)]
    for k, (x, y) in enumerate(places):
        felt[k] = 0.5 * 0.1 ** np.hypot(x - 1, y)
    np.testing.assert_allclose(mesh.transfer(theta), ideal.transfer(felt), atol=1e-12)


def test_target_can_be_reached_and_has_no_cost() -> None:
    mesh = Mesh(size=4, loss=0.5)
    mesh.target = np.abs(mesh.transfer(draw(mesh))) ** 2
    mesh.target /= mesh.target.sum(axis=0)
    assert mesh(draw(mesh), 0) < 1e-20
    assert mesh(draw(mesh, 1), 0) > 0.01


def test_target_shares_power() -> None:
    target = Mesh(size=8).target
    np.testing.assert_allclose(target.sum(axis=0), 1)
    np.testing.assert_allclose(target.sum(axis=1), 1)


def test_phases_behind_the_mesh_matter_by_their_heat_only() -> None:
    theta = draw(Mesh())
    moved = theta.copy()
    moved[-8:] += 0.1
    cold, warm = Mesh(crosstalk=0), Mesh(crosstalk=0.02)
    assert cold(theta, 0) == pytest.approx(cold(moved, 0), abs=1e-14)
    assert abs(warm(theta, 0) - warm(moved, 0)) > 1e-6


def test_gradient() -> None:
    """Two step sizes agree on it, and it tells what a small step along it does."""
    mesh = Mesh()
    theta = draw(mesh)

    def estimate(step: float) -> np.ndarray:
        axes = step * np.eye(64)
        return np.array([mesh(theta + e, 0) - mesh(theta - e, 0) for e in axes]) / (2 * step)

    gradient = estimate(1e-5)
    np.testing.assert_allclose(gradient, estimate(1e-4), atol=1e-5)
    step = 1e-4 / float(np.linalg.norm(gradient))
    fall = mesh(theta, 0) - mesh(theta - step * gradient, 0)
    assert fall == pytest.approx(step * gradient @ gradient, rel=0.01)


def test_noise_is_a_part_of_the_cost() -> None:
    noisy, exact = Mesh(noise=0.01), Mesh()
    theta = draw(exact)
    costs = np.array([noisy(theta, 0) for _ in range(2000)]) / exact(theta, 0)
    assert costs.mean() == pytest.approx(1, abs=0.001)
    assert costs.std() == pytest.approx(0.01, rel=0.1)
