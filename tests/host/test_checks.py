"""What many runs have in common: quartiles over the steps."""

from __future__ import annotations

import numpy as np
import pytest

from host.checks import MOST_CURVES, Checks, quartiles, steps_of
from model.run import Run

CURVES = [[(10, 4.0), (20, 2.0)], [(10, 8.0)], [(10, 6.0), (20, 1.0), (30, 0.0)]]


def test_a_run_that_ended_holds_its_last_value() -> None:
    found = quartiles(CURVES, [9, 10, 15, 20, 30, 99])
    assert np.isnan(found[:, 0]).all()
    expected = [
        np.percentile(c, [25, 50, 75]) for c in ([4, 8, 6], [4, 8, 6], [2, 8, 1], [2, 8, 0])
    ]
    np.testing.assert_array_equal(found[:, 1:5], np.transpose(expected))
    np.testing.assert_array_equal(found[:, 5], found[:, 4])


def test_one_that_goes_on_holds_nothing() -> None:
    """What it will have is not known."""
    assert quartiles(CURVES, [20], running=1)[1, 0] == 1.5
    assert quartiles(CURVES, [20])[1, 0] == 2.0
    assert quartiles(CURVES, [10], running=1)[1, 0] == 6.0


def test_steps_of() -> None:
    assert steps_of(CURVES) == [10, 20, 30]


def test_the_first_curves_are_kept_and_all_solved_runs() -> None:
    checks = Checks(range(5, 1000), lambda cost_sum: cost_sum / 2, samples=4)
    for seed in (5, 4 + MOST_CURVES, 5 + MOST_CURVES):
        checks.add(seed, 10, 3, 1)
        checks.end(Run(seed, True, 10, 0, 1, 3, np.array([1])))
    checks.end(Run(999, False, 10, 0, 1, 3, np.array([1])))
    assert checks.costs == {5: [(10, 1.5)], 4 + MOST_CURVES: [(10, 1.5)]}
    assert checks.accuracies == {seed: [(10, 0.25)] for seed in checks.costs}
    assert checks.solved == dict.fromkeys((5, 4 + MOST_CURVES, 5 + MOST_CURVES), 10)


@pytest.mark.parametrize("correct", [None, 3])
def test_without_a_count_of_correct_samples(correct: int | None) -> None:
    checks = Checks([1], float, samples=None)
    checks.add(1, 10, 3, correct)
    assert checks.accuracies == {}
