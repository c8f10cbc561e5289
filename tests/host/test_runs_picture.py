"""The picture of a training with many runs: quartiles, and how many were solved by when."""

from __future__ import annotations

import statistics
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from host import picture
from host.outcome import Training
from host.train import train
from tests.host.conftest import XOR

RUNS = 12

HELD = "median; a run that ended holds its last value"


@pytest.fixture(scope="module")
def outcome() -> Training:
    """Of twelve runs, of which some are not solved."""
    return train(XOR.with_training(steps=1300), "model", RUNS)


@pytest.fixture
def axes(outcome: Training, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> dict[str, Any]:
    """Axes of its picture."""
    return drawn(outcome, monkeypatch)


def drawn(outcome: Training, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    figures: list[Any] = []
    monkeypatch.setattr(picture, "keep", lambda figure, _: figures.append(figure))
    picture.plot(outcome, picture.Path("a.png"))
    return {axes.get_label(): axes for axes in figures[0].axes}


def test_the_median_of_the_cost(outcome: Training, axes: dict[str, Any]) -> None:
    """One line, and a band; by a simpler way, at each check."""
    median = next(line for line in axes["cost"].lines if line.get_label() == HELD)
    steps = median.get_xdata()
    assert list(steps) == list(range(20, 1301, 20))
    table = np.array(
        [
            [[c for s, c in curve if s <= step][-1] for step in steps]
            for curve in outcome.curves.values()
        ]
    )
    np.testing.assert_allclose(median.get_ydata(), np.median(table, axis=0))
    (band,) = axes["cost"].collections
    low, _, high = np.percentile(table, [25, 50, 75], axis=0)
    corners = {(x, round(y, 9)) for x, y in band.get_paths()[0].vertices.tolist()}
    for edge in (low, high):
        assert corners > set(zip(steps, edge.round(9).tolist(), strict=True))
    assert band.get_label() == f"quartiles of {RUNS} runs"
    assert (np.diff([len(curve) for curve in outcome.curves.values()]) != 0).any()


def test_the_solved_fraction(outcome: Training, axes: dict[str, Any]) -> None:
    curve, *others = axes["solved"].lines
    assert 0 < outcome.solved < RUNS
    for step, part in zip(curve.get_xdata(), curve.get_ydata(), strict=True):
        solved = [run.steps for run in outcome.runs if run.solved and run.steps <= step]
        assert part <= len(solved) / RUNS
        assert part == len(solved) / RUNS or solved.count(step) > 1
    assert curve.get_ydata()[-1] == outcome.solved / RUNS
    median = statistics.median(run.steps if run.solved else 10**9 for run in outcome.runs)
    (dot,) = [line for line in others if line.get_label() == f"median: {median:,.0f} steps"]
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (median, 0.5)


def test_a_median_that_is_not_reached(outcome: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    unsolved = replace(outcome, runs=[replace(run, solved=False) for run in outcome.runs])
    axes = drawn(unsolved, monkeypatch)["solved"]
    assert len(axes.lines) == 1
    assert set(axes.lines[0].get_ydata()) == {0.0}


def test_the_first_runs_of_many(outcome: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only their curves are kept; how many are solved is of all."""
    some = replace(outcome, curves=dict(list(outcome.curves.items())[:5]))
    axes = drawn(some, monkeypatch)
    labels = axes["cost"].get_legend_handles_labels()[1]
    assert "quartiles of the first 5 runs" in labels
    assert axes["solved"].lines[0].get_ydata()[-1] == outcome.solved / RUNS


def test_few_runs_are_lines(outcome: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = [run.seed for run in outcome.runs[:10]]
    few = replace(
        outcome, runs=outcome.runs[:10], curves={seed: outcome.curves[seed] for seed in seeds}
    )
    axes = drawn(few, monkeypatch)
    assert list(axes) == ["cost"]
    assert len(axes["cost"].lines) == 10 + 2  # who was solved; the target
