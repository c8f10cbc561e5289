"""What a picture of training shows of own data, beside the cost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from host import golden
from host.judging import TITLES, last_part
from host.outcome import Curves, Training

MOST_CLASSES = 26
"""Of a confusion matrix that is drawn."""

MOST_LETTERS = 12
"""Of a class's name."""

MOST_TARGETS = 3
"""Numbers that are drawn."""

Panel = Callable[[Any], None]
"""Draws on axes of its own."""


def panels(training: Training) -> list[Panel]:
    """Choose what to draw.

    Of classes, accuracy over the steps, where an engine keeps it, and the confusion matrix of all
    runs together; of numbers, what was found for each sample by the run with the least cost. The
    samples are those of the part that training saw least of. Without own data, nothing.
    """
    own = training.own
    if own is None or not training.judgements:
        return []
    targets = own.preparation.targets
    name, judged = last_part(training.judgements[0])
    if judged.confusion is None:
        y = _found(training, name)
        wanted = np.array(own.parts[name].numbers)
        return [
            partial(_numbers, found=y[:, k], wanted=wanted[:, k], title=f"{target}, {TITLES[name]}")
            for k, target in enumerate(targets.names[:MOST_TARGETS])
        ]
    found: list[Panel] = []
    if training.accuracies:
        found.append(partial(_accuracy, curves=training.accuracies))
    if len(targets.classes) <= MOST_CLASSES:
        matrix = np.sum([np.array(run[name].confusion) for run in training.judgements], axis=0)
        title = f"{TITLES[name]}, {len(training.runs)} run{'s' * (len(training.runs) > 1)}"
        found.append(partial(_confusion, matrix=matrix, names=targets.classes, title=title))
    return found


def lines(axes: Any, curves: Curves) -> float:
    """Draw one line a run, over the steps; return how wide they are."""
    width = 1.5 if len(curves) <= 10 else 0.5
    for points in curves.values():
        axes.plot(*zip(*points, strict=True), linewidth=width, alpha=0.9 if width > 1 else 0.4)
    return width


def _found(training: Training, name: str) -> np.ndarray:
    """Return the outputs of the run with the least cost, in the user's unit."""
    own, fraction_bits = training.config.own, training.config.formats.activation_bits
    assert own is not None
    best = min(training.runs, key=lambda run: run.cost_sum)
    config = training.config.with_training(seed=best.seed)
    y = golden.outputs(config, best.theta, own.parts[name].data)
    return own.preparation.in_users_unit(y, fraction_bits)


def _accuracy(axes: Any, curves: Curves) -> None:
    lines(axes, curves)
    axes.set(xlabel="step", title="accuracy, training", ylim=(0, 1), xlim=(0, None))


def _confusion(axes: Any, matrix: np.ndarray, names: tuple[str, ...], title: str) -> None:
    parts = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    axes.imshow(parts, cmap="Blues", vmin=0, vmax=1)
    size = max(4, min(9, 60 // len(names)))
    for (row, column), count in np.ndenumerate(matrix):
        colour = "white" if parts[row, column] > 0.5 else "black"
        axes.text(column, row, f"{count}", ha="center", va="center", color=colour, fontsize=size)
    short = [_plain(name) for name in names]
    axes.set_xticks(range(len(names)), short, rotation=90 if len(names) > 4 else 0)
    axes.set_yticks(range(len(names)), short)
    axes.set(xlabel="found", ylabel="target", title=title)


def _numbers(axes: Any, found: np.ndarray, wanted: np.ndarray, title: str) -> None:
    ends = [float(wanted.min()), float(wanted.max())]
    axes.plot(ends, ends, color="grey", linestyle=":")
    axes.plot(wanted, found, ".", markersize=4)
    axes.set(
        xlabel="target", ylabel="found, by the run with the least cost", title=_plain(title, 40)
    )


def _plain(name: str, most: int = MOST_LETTERS) -> str:
    """Write a name of the user's: printable, not too long, and no formula to matplotlib."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in name)
    return (plain if len(plain) <= most else plain[: most - 1] + "…").replace("$", r"\$")
