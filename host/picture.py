"""A picture of training, the cost over the steps; and how pictures become files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from host import own_picture, writing
from host.outcome import ENGINES, Outcome, Training
from host.own_picture import lines

SUFFIXES = {".png": {"Software": None}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
"""Of pictures, and what to leave out so that the same run makes the same file."""


def plot(training: Outcome[Any], path: Path | None) -> None:
    """Draw the cost over the steps: one line a run, the target, where runs were solved.

    Of own data, beside it, accuracy over the steps and what became of each class, or what was found
    for each number. Nothing is drawn if there is no path.
    """
    if path is None:
        return
    panels = own_picture.panels(training) if isinstance(training, Training) else []
    size = (8 + 4.5 * len(panels), 4.5)
    ratios = [8, *[4.5] * len(panels)]
    figure, row = pyplot().subplots(
        1, 1 + len(panels), figsize=size, layout="constrained", width_ratios=ratios, squeeze=False
    )
    axes, *others = row[0]
    for panel, beside in zip(panels, others, strict=True):
        panel(beside)
    width = lines(axes, training.curves)
    ends = [(r.steps, training.mean_cost(r.cost_sum)) for r in training.runs if r.solved]
    if ends:
        axes.plot(*zip(*ends, strict=True), "k.", markersize=6 * width, label="solved")
    config, count = training.config, len(training.runs)
    outcome = f"{count} run{'s' * (count > 1)}"
    if config.training.has_goal:
        limit = config.training.solved_cost
        axes.axhline(limit, color="grey", linestyle=":", label=f"target {limit:g}")
        outcome = f"{training.solved} of {count} solved"
    outcome += ", interrupted" * training.interrupted
    axes.set(xlabel="step", ylabel="mean cost over all samples", ylim=(0, None), xlim=(0, None))
    axes.set_title(
        f"{training.title}, {config.parameters} synapse cells, "
        f"{config.formats.theta}: {ENGINES[training.engine]}, {outcome}"
    )
    if config.training.has_goal:
        axes.legend(loc="upper right")
    keep(figure, path)


def pyplot() -> Any:
    """Return matplotlib's, which takes a second to import, for pictures that are files."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "mgd"
    from matplotlib import pyplot

    return pyplot


def keep(figure: Any, path: Path) -> None:
    """Write a figure to a file of one of `SUFFIXES`, and close it."""
    suffix, drawn = path.suffix.lower(), io.BytesIO()
    figure.savefig(drawn, format=suffix[1:], dpi=120, metadata=SUFFIXES[suffix])
    pyplot().close(figure)
    writing.write({path: drawn.getvalue()})
