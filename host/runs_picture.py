"""Runs of a training on axes of a picture: one line each, or of many what they have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from host.checks import Curves, quartiles, steps_of
from host.outcome import Outcome

MOST_LINES = 10
"""Runs that are drawn one by one."""


def many(outcome: Outcome[Any]) -> bool:
    """Whether there are too many runs to be drawn one by one."""
    return len(outcome.runs) > MOST_LINES


def draw(axes: Mapping[str, Any], outcome: Outcome[Any]) -> None:
    """Draw the cost over the steps on the axes "cost"; when runs were solved, on those "solved".

    The latter may be missing; without them, dots on the cost's lines say it.
    """
    cost, config, runs = axes["cost"], outcome.config, outcome.runs
    curve_of_all(cost, outcome.curves, len(runs))
    ends = [(r.steps, outcome.mean_cost(r.cost_sum)) for r in runs if r.solved]
    if ends and not many(outcome):
        cost.plot(*zip(*ends, strict=True), "k.", markersize=9, label="solved")
    if config.training.has_goal:
        limit = config.training.solved_cost
        cost.axhline(limit, color="grey", linestyle=":", label=f"target {limit:g}")
    cost.set(xlabel="step", ylabel="mean cost over all samples", ylim=(0, None), xlim=(0, None))
    if cost.get_legend_handles_labels()[0]:
        cost.legend(loc="upper right")
    if "solved" in axes:
        _solved(axes["solved"], outcome)
        cost.sharex(axes["solved"])
        cost.set(xlabel="")


def curve_of_all(axes: Any, curves: Curves, runs: int) -> None:
    """Draw one line a run; of many runs, median and quartiles of those whose curves are kept."""
    if runs <= MOST_LINES:
        for points in curves.values():
            axes.plot(*zip(*points, strict=True), linewidth=1.5, alpha=0.9)
        return
    kept = list(curves.values())
    steps = steps_of(kept)
    low, median, high = quartiles(kept, steps)
    of = f"{runs} runs" if len(kept) == runs else f"the first {len(kept)} runs"
    axes.fill_between(steps, low, high, alpha=0.3, linewidth=0, label=f"quartiles of {of}")
    axes.plot(steps, median, linewidth=1.5, label="median; a run that ended holds its last value")


def _solved(axes: Any, outcome: Outcome[Any]) -> None:
    """Draw which fraction of all runs was solved by a step, and mark the median."""
    runs = outcome.runs
    solved = sorted(run.steps for run in runs if run.solved)
    steps = [0, *solved, max(run.steps for run in runs)]
    parts = [k / len(runs) for k in range(len(solved) + 1)]
    axes.step(steps, [*parts, parts[-1]], where="post")
    median = outcome.median_steps
    if median is not None:
        axes.axvline(median, color="grey", linestyle=":")
        axes.plot([median], [0.5], "k.", markersize=9, label=f"median: {median:,.0f} steps")
        axes.legend(loc="lower right")
    axes.set(xlabel="step", ylabel=f"solved, of {len(runs)} runs", ylim=(0, 1.02), xlim=(0, None))
