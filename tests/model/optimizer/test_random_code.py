"""Random code: a delay line, whose bits are as good as random."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from model.optimizer.perturbation.random import RandomCode
from spec import derive
from spec.lfsr import seed_register
from tests.configs import perceptron

STEPS = 10_000


def signs(cells: int, seed: int, steps: int = STEPS) -> np.ndarray:
    """Perturb so many times; return ±1 of shape (steps, cells)."""
    code = RandomCode(derive.bank(perceptron(cells - 1, 1)), [seed_register(seed)])
    seen = []
    for _ in range(cells + steps):
        code.perturb()
        seen.append(code.theta_tilde[0])
    return np.array(seen[cells:])


def test_each_cell_takes_its_neighbours_bit() -> None:
    code = RandomCode(derive.bank(perceptron(8, 1)), [seed_register(1)])
    lines = [code.line[0]]
    assert not lines[0].any()
    for _ in range(200):
        code.perturb()
        lines.append(code.line[0])
    for before, after in itertools.pairwise(lines):
        np.testing.assert_array_equal(after[1:], before[:-1])
    heads = [line[0] for line in lines]
    for n in range(9, 200):
        for cell in range(9):
            assert lines[n][cell] == heads[n - cell]


def test_sign_is_plus_for_one() -> None:
    code = RandomCode(derive.bank(perceptron(39, 1)), [seed_register(1)])
    for _ in range(40):
        code.perturb()
    np.testing.assert_array_equal(code.theta_tilde == 1, code.line)
    assert set(code.theta_tilde.ravel().tolist()) == {-1, 1}


@pytest.mark.parametrize("seed", [0, 1, 2, 1000])
def test_mean_and_pairwise_correlation(seed: int) -> None:
    """Within five standard deviations of random bits, for all pairs of 64 cells."""
    seen = signs(64, seed)
    limit = 5 / np.sqrt(STEPS)
    assert np.abs(seen.mean(axis=0)).max() < limit
    correlation = seen.T @ seen / STEPS
    np.testing.assert_array_equal(np.diag(correlation), 1)
    assert np.abs(correlation - np.eye(64)).max() < limit


def test_consecutive_seeds_are_unrelated() -> None:
    """Runs are seeded 1, 2, 3, …: the same cell of different runs, from the first step on."""
    code = RandomCode(
        derive.bank(perceptron(8, 1)), [seed_register(seed) for seed in range(1, 201)]
    )
    seen = []
    for _ in range(500):
        code.perturb()
        seen.append(code.theta_tilde[:, 0])
    first = np.array(seen[:50]).mean(axis=0)  # of each run
    assert abs(first.mean()) < 5 / np.sqrt(50 * 200)
    correlation = np.array(seen).T @ np.array(seen) / 500
    np.fill_diagonal(correlation, 0)
    assert np.abs(correlation).max() < 6 / np.sqrt(500)  # of 19,900 pairs


def test_keep_goes_on_with_the_chosen_runs() -> None:
    seeds = [3, 4, 5]
    config = perceptron(4, 1)
    code, alone = RandomCode(derive.bank(config), seeds), RandomCode(derive.bank(config), [4])
    for k in range(30):
        if k == 12:
            code.keep(np.array([False, True, False]))
        code.perturb()
        alone.perturb()
    np.testing.assert_array_equal(code.line, alone.line)
