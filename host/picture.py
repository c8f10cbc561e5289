"""A picture of training, the cost over the steps; and how pictures become files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from host import own_picture, writing
from host.outcome import ENGINES, Outcome, Training
from host.runs_picture import draw, many

SUFFIXES = {".png": {"Software": None}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
"""Of pictures, and what to leave out so that the same run makes the same file."""


def plot(training: Outcome[Any], path: Path | None) -> None:
    """Draw the cost over the steps, the target, and when runs were solved, as `runs_picture.draw`.

    Of own data, beside it, accuracy over the steps and what became of each class, or what was found
    for each number. Nothing is drawn if there is no path.
    """
    if path is not None:
        keep(_drawn(training), path)


def _drawn(training: Outcome[Any]) -> Any:
    """Draw a training."""
    panels = own_picture.panels(training) if isinstance(training, Training) else []
    figure, axes = of_runs(training, len(panels))
    for k, panel in enumerate(panels):
        panel(axes[f"beside {k}"])
    config = training.config
    axes["cost"].set_title(
        f"{own_picture.plain(training.title, 40)}, {config.parameters} synapse cells, "
        f"{config.formats.theta}: {ENGINES[training.engine]}, {outcome_of(training)}"
    )
    return figure


def of_runs(outcome: Outcome[Any], beside: int = 0) -> tuple[Any, dict[str, Any]]:
    """Draw what any training has; return the figure, and its axes by name.

    Those that are for others are "beside 0", "beside 1", …
    """
    columns = [f"beside {k}" for k in range(beside)]
    solved = many(outcome) and outcome.config.training.has_goal
    figure, axes = pyplot().subplot_mosaic(
        [["cost", *columns], *([["solved", *columns]] if solved else [])],
        figsize=(8 + 4.5 * beside, 6 if solved else 4.5),
        layout="constrained",
        width_ratios=[8, *[4.5] * beside],
        height_ratios=[3, 2] if solved else [1],
    )
    draw(axes, outcome)
    return figure, axes


def outcome_of(outcome: Outcome[Any]) -> str:
    """Say in a few words what came of the runs."""
    count = len(outcome.runs)
    said = f"{count} run{'s' * (count > 1)}"
    if outcome.config.training.has_goal:
        said = f"{outcome.solved} of {count} solved"
    return said + ", interrupted" * outcome.interrupted


def pyplot() -> Any:
    """Return matplotlib's, which takes a second to import, for pictures that are files."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "mgd"
    from matplotlib import pyplot

    return pyplot


def style(values: dict[str, Any]) -> Any:
    """Return a context in which matplotlib has other defaults."""
    return pyplot().rc_context(values)


def keep(figure: Any, path: Path) -> None:
    """Write a figure to a file of one of `SUFFIXES`, and close it."""
    writing.write({path: drawn(figure, path)})


def drawn(figure: Any, path: Path) -> bytes:
    """Return what a file of that name, with one of `SUFFIXES`, holds of a figure; close it."""
    suffix, data = path.suffix.lower(), io.BytesIO()
    figure.savefig(data, format=suffix[1:], dpi=120, metadata=SUFFIXES[suffix])
    pyplot().close(figure)
    return data.getvalue()
