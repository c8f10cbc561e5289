"""What a picture of training shows of own data, beside the cost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from host import golden
from host.checks import Curves
from host.judging import TITLES, last_part
from host.outcome import Training
from host.runs_picture import curve_of_all
from model.number.fixed import Ints
from spec.config import Config

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
        best = min(training.runs, key=lambda run: run.cost_sum)
        return of_numbers(training.config.with_training(seed=best.seed), best.theta, name)
    found: list[Panel] = []
    if training.accuracies:
        curves = training.accuracies
        found.append(partial(accuracy, curves=curves, runs=len(training.runs)))
    if len(targets.classes) <= MOST_CLASSES:
        matrix = np.sum([np.array(run[name].confusion) for run in training.judgements], axis=0)
        title = f"{TITLES[name]}, {len(training.runs)} run{'s' * (len(training.runs) > 1)}"
        found.append(partial(_confusion, matrix=matrix, names=targets.classes, title=title))
    return found


def of_numbers(config: Config, theta: Ints, name: str) -> list[Panel]:
    """Return a panel for each number: what was found for each sample of a part of own data.

    Parameters
    ----------
    config : Config
        With the seed of the run, of which neurons may have defects.
    theta : array of int, shape (P,)
        In LSBs.
    name : str
        Of the part.
    """
    own, fraction_bits = config.own, config.formats.activation_bits
    assert own is not None
    part, targets = own.parts[name], own.preparation.targets
    y = own.preparation.in_users_unit(golden.outputs(config, theta, part.data), fraction_bits)
    wanted = np.array(part.numbers)
    return [
        partial(_numbers, found=y[:, k], wanted=wanted[:, k], title=f"{target}, {TITLES[name]}")
        for k, target in enumerate(targets.names[:MOST_TARGETS])
    ]


def accuracy(axes: Any, curves: Curves, runs: int) -> None:
    """Draw accuracy over the steps."""
    curve_of_all(axes, curves, runs)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower right")
    axes.set(xlabel="step", title="accuracy, training", ylim=(0, 1), xlim=(0, None))


def _confusion(axes: Any, matrix: np.ndarray, names: tuple[str, ...], title: str) -> None:
    parts = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    axes.imshow(parts, cmap="Blues", vmin=0, vmax=1)
    size = max(4, min(9, 60 // len(names)))
    for (row, column), count in np.ndenumerate(matrix):
        colour = "white" if parts[row, column] > 0.5 else "black"
        axes.text(column, row, f"{count}", ha="center", va="center", color=colour, fontsize=size)
    short = [plain(name) for name in names]
    axes.set_xticks(range(len(names)), short, rotation=90 if len(names) > 4 else 0)
    axes.set_yticks(range(len(names)), short)
    axes.set(xlabel="found", ylabel="target", title=title)


def _numbers(axes: Any, found: np.ndarray, wanted: np.ndarray, title: str) -> None:
    ends = [float(wanted.min()), float(wanted.max())]
    axes.plot(ends, ends, color="grey", linestyle=":")
    axes.plot(wanted, found, ".", markersize=4)
    axes.set(
        xlabel="target", ylabel="found, by the run with the least cost", title=plain(title, 40)
    )


def plain(name: str, most: int = MOST_LETTERS) -> str:
    """Write a name of the user's: printable, not too long, and no formula to matplotlib."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in name)
    return (plain if len(plain) <= most else plain[: most - 1] + "…").replace("$", r"\$")
