"""The schedule of the model: what is due when, and a C0 that is never stale."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from model.optimizer.change import ChangeInCost
from model.optimizer.schedule import Schedule
from model.trainer import Trainer
from spec import derive
from spec.config import Config
from spec.phase import Phase
from spec.registers import register_values
from spec.timing import Timing
from tests.configs import xor
from tests.strategies import networks

TIMES = {name: st.integers(1, 9) for name in ("tau_p", "tau_x", "tau_theta", "check_every")}


@given(**TIMES, steps=st.integers(1, 60))
def test_what_is_due(steps: int, **times: int) -> None:
    """Counted with counters instead of remainders."""
    config = xor(**times, steps=steps)
    schedule = Schedule(derive.optimizer(config), register_values(config))
    counters = dict.fromkeys(times, 0)
    for n in range(steps + 1):
        due = {name: counter == 0 for name, counter in counters.items()}
        assert schedule.perturb() == due["tau_p"]
        assert schedule.sample() == due["tau_x"]
        assert schedule.update() == (due["tau_theta"] and n > 0)
        assert schedule.check() == (n > 0 and (due["check_every"] or n == steps))
        assert schedule.last() == (n == steps)
        counters = {name: (counter + 1) % times[name] for name, counter in counters.items()}
        schedule.next_step()


def phases_of(config: Config) -> list[Phase]:
    return list(Trainer(config, [config.training.seed], stop_when_solved=False).phases())


@given(**TIMES, steps=st.integers(1, 40))
def test_order_of_the_phases(steps: int, **times: int) -> None:
    """As the loop is written: update, check, step, baseline, perturbed, wait, accumulate."""
    phases = phases_of(xor(**times, steps=steps))
    assert phases[0] is Phase.CLEAR
    first = phases.index(Phase.UPDATE)
    assert {Phase.INIT_SHIFT, Phase.INIT_ACCUMULATE, Phase.INIT_UPDATE} == set(phases[1:first])
    n = 0
    rest = iter(phases[first:])
    for phase in rest:
        assert phase is Phase.UPDATE
        phase = next(rest)
        if phase is Phase.CHECK:
            assert [next(rest), next(rest)] == [Phase.CHECK_WAIT, Phase.DECIDE]
            phase = next(rest)
        if phase is Phase.DONE:
            break
        assert phase is Phase.STEP
        phase = next(rest)
        fresh = n % times["tau_x"] == 0 or n % times["tau_theta"] == 0
        assert (phase is Phase.BASELINE) == fresh
        if fresh:
            phase = next(rest)
        assert [phase, next(rest), next(rest)] == [Phase.PERTURBED, Phase.WAIT, Phase.ACCUMULATE]
        n += 1
    assert n == steps
    assert list(rest) == []


def check_c0(trainer: Trainer) -> int:
    """Compare C0 at each perturbed evaluation with the cost of the θ and sample of that moment.

    Returns the number of evaluations for which no baseline was needed.
    """
    held = 0
    before: Phase | None = None
    for phase in trainer.phases():
        if phase is Phase.PERTURBED:
            fresh = trainer.plant.evaluate(trainer.cells.weights())
            np.testing.assert_array_equal(trainer.cost.C0, fresh)
            held += before is not Phase.BASELINE
        before = phase
    return held


@settings(max_examples=50)
@given(config=networks(), steps=st.integers(1, 40))
def test_c0_is_never_stale(config: Config, steps: int) -> None:
    """Neither a new sample nor an update can go by without a new baseline."""
    config = config.with_training(steps=steps, init=1 - derive.theta(config).fraction_bits)
    check_c0(Trainer(config, [1, 2], stop_when_solved=False))


def test_a_stale_c0_would_be_seen() -> None:
    """The planted fault: C0 is what the baseline before the last one measured."""

    class Late(ChangeInCost):
        measured: np.ndarray | None = None

        def baseline(self, cost: np.ndarray) -> None:
            super().baseline(cost if self.measured is None else self.measured)
            self.measured = cost

    trainer = Trainer(xor(steps=50, tau_theta=2), [1, 2], stop_when_solved=False)
    trainer.cost = Late(derive.change(trainer.config), 2, derive.eta_shift(trainer.config))
    with pytest.raises(AssertionError):
        check_c0(trainer)


def test_c0_is_held_while_nothing_changes() -> None:
    """A step needs one evaluation only if neither sample nor θ is new."""
    config = xor(steps=60, tau_x=4, tau_theta=6)
    held = check_c0(Trainer(config, [1], stop_when_solved=False))
    assert held == sum(n % 4 != 0 and n % 6 != 0 for n in range(60))


def test_clocks_are_those_of_the_timing() -> None:
    """The trainer's count after each phase, from the budget's own totals."""
    for config in (xor(steps=30, tau_x=3, tau_theta=2, check_every=7), xor(steps=20, bus_bits=2)):
        timing, training = Timing.of(config), config.training
        trainer = Trainer(config, [1], stop_when_solved=False)
        [run] = trainer.run()
        clocks = timing.initialisation + 1  # the last update has no step after it
        for n in range(training.steps):
            fresh = n % training.tau_x == 0 or n % training.tau_theta == 0
            clocks += timing.step(baseline=fresh)
        every = training.check_every
        checks = -(-training.steps // every)  # the last one with the last step
        assert run.clocks == clocks + checks * timing.check


def test_durations_cover_every_phase() -> None:
    """Only waits and the check take more than a clock; DONE none."""
    timing = Timing.of(xor())
    long = {Phase(k): clocks for k, clocks in enumerate(timing.durations()) if clocks != 1}
    assert long == {
        Phase.CHECK: 4,
        Phase.CHECK_WAIT: timing.evaluation + 1,
        Phase.WAIT: timing.loop - 1,
        Phase.DONE: 0,
    }
