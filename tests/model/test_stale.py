"""C0 is never stale: it is always the cost of the current sample at the current θ.

With a stale C0, what the last update changed would pass for an effect of the perturbation.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings

from model.number.fixed import Ints
from model.optimizer.cells import SynapseCells
from model.optimizer.schedule import Schedule
from model.trainer import Trainer
from spec import derive
from spec.config import Config
from spec.phase import Phase
from spec.registers import register_values
from spec.training import Estimator, Loop
from tests.configs import OPTIMISERS, xor
from tests.strategies import configs

SEEDS = range(5)


def check_c0(trainer: Trainer) -> int:
    """Measure C0 again at every perturbed evaluation; return how often it has moved."""
    changes = 0
    before = trainer.cost.C0
    for phase in trainer.phases():
        if phase is not Phase.PERTURBED:
            continue
        cost = trainer.plant.evaluate(trainer.cells.weights())
        np.testing.assert_array_equal(trainer.cost.C0, cost)
        changes += int((cost != before).any())
        before = cost
    return changes


def test_c0_is_never_stale() -> None:
    """With τ of 1 to 7, momentum, schedules, noise, all codes; C0 moves in most of the configs."""
    moved = []
    measured = [o for o in OPTIMISERS if o[1] is Loop.DISCRETE and o[2] is not Estimator.ANTITHETIC]

    @settings(max_examples=60)
    @given(configs(measured))
    def check(config: Config) -> None:
        moved.append(check_c0(Trainer(config, SEEDS, stop_when_solved=False)) > 3)

    check()
    assert sum(moved) > len(moved) / 2


class LateCells(SynapseCells):
    """Cells that update when the next perturbed evaluation begins, after the baseline."""

    due = False

    def update(self, noise: Ints | int = 0) -> None:
        self.due = True

    def weights(self, theta_tilde: Ints | None = None) -> Ints:
        if self.due and theta_tilde is not None:
            super().update()
            self.due = False
        return super().weights(theta_tilde)


class LiteralOrder(Trainer):
    """Algorithm 1 as printed: C0 is measured, and then θ updated."""

    def initialise(self) -> Iterator[Phase]:
        yield from super().initialise()
        late = LateCells(self.cells.spec, len(self.seeds))
        late.theta, self.cells = self.cells.theta, late


class SampleOnly(Schedule):
    """Measures C0 for a new sample, but not after an update."""

    def baseline(self) -> bool:
        return self.sample()


class UpdateOnly(Schedule):
    """Measures C0 after an update, but not for a new sample, except for the first."""

    def baseline(self) -> bool:
        return self.n == 0 or self.update()


TAUS = [(1, 1, 1), (1, 4, 1), (1, 1, 4), (2, 3, 5), (7, 7, 7)]


def trainer(taus: tuple[int, int, int], kind: type[Trainer] = Trainer) -> Trainer:
    """Make a trainer of XOR with τ_p, τ_x and τ_θ."""
    config = xor(**dict(zip(("tau_p", "tau_x", "tau_theta"), taus, strict=True)), steps=200)
    return kind(config, SEEDS, stop_when_solved=False)


@pytest.mark.parametrize("taus", TAUS)
def test_the_literal_order_is_caught(taus: tuple[int, int, int]) -> None:
    check_c0(trainer(taus))
    with pytest.raises(AssertionError):
        check_c0(trainer(taus, LiteralOrder))


@pytest.mark.parametrize(("kind", "taus"), [(SampleOnly, (1, 4, 1)), (UpdateOnly, (1, 1, 4))])
def test_a_missing_baseline_is_caught(kind: type[Schedule], taus: tuple[int, int, int]) -> None:
    check_c0(trainer(taus))
    faulty = trainer(taus)
    faulty.schedule = kind(derive.optimizer(faulty.config), register_values(faulty.config))
    with pytest.raises(AssertionError):
        check_c0(faulty)
