"""Periodic codes as sources: orthogonal, balanced, and exact after their period."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from model.optimizer import perturbation
from model.optimizer.perturbation.turns import TimeMultiplexing
from model.optimizer.perturbation.walsh import WalshCode
from model.trainer import Trainer
from spec import derive
from spec.config import Config
from spec.lfsr import seed_register
from spec.training import SPATIAL, Perturbation
from tests.configs import perceptron, xor

SEEDS = [seed_register(seed) for seed in range(1, 6)]


def of_cells(cells: int, kind: str, **keys: Any) -> Config:
    """Configure a network of so many cells."""
    return perceptron(cells - 1, 1, perturbation=kind, **keys)


def signs(source: perturbation.Perturbation, steps: int) -> np.ndarray:
    """θ̃ of all cells in so many steps, of shape (steps, runs, cells)."""
    found = []
    for _ in range(steps):
        source.perturb()
        found.append(source.theta_tilde)
    return np.stack(found)


@pytest.mark.parametrize("cells", [2, 3, 9, 16, 25])
def test_walsh_codes_are_orthogonal_in_each_period(cells: int) -> None:
    source = WalshCode(derive.bank(of_cells(cells, "cm")), SEEDS)
    period = source.code.period
    both = signs(source, 2 * period)
    for half in (both[:period], both[period:]):
        products = np.einsum("nri,nrj->rij", half, half)
        assert (products == period * np.eye(cells, dtype=int)).all()
    assert (both[:period] == -both[period:]).all()


def test_seeds_shuffle_the_rows() -> None:
    rows = signs(WalshCode(derive.bank(of_cells(9, "cm")), SEEDS), 16)
    assert len({rows[:, run, 1].tobytes() for run in range(len(SEEDS))}) > 1


@pytest.mark.parametrize("cells", [2, 9, 30])
def test_time_multiplexing_gives_each_cell_one_turn(cells: int) -> None:
    turns = signs(TimeMultiplexing(derive.bank(of_cells(cells, "tm")), SEEDS), 3 * cells)
    assert (turns.sum(axis=2) == 1).all()
    for lap in np.split(turns, 3):
        assert (lap.sum(axis=0) == 1).all()
    assert len({turns[:, run].tobytes() for run in range(len(SEEDS))}) > 1 or cells < 3


@pytest.mark.parametrize("kind", list(SPATIAL))
def test_the_initial_parameters_are_the_same_for_every_type(kind: Perturbation) -> None:
    start = [
        Trainer(xor(perturbation=p.value, steps=1, tau_theta=2), [3, 4]).run()
        for p in (Perturbation.RCM, kind)
    ]
    assert [list(run.theta) for run in start[0]] == [list(run.theta) for run in start[1]]


def test_every_source_keeps_the_runs_of_a_mask() -> None:
    for kind in SPATIAL:
        config = of_cells(9, kind.value)
        all_runs, some = (
            perturbation.of(derive.bank(config), SEEDS),
            perturbation.of(derive.bank(config), SEEDS[::2]),
        )
        all_runs.perturb()
        some.perturb()
        all_runs.keep(np.array([True, False] * 2 + [True]))
        assert (signs(all_runs, 40) == signs(some, 40)).all()
