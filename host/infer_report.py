"""What a user sees of an inference: samples, confusion matrix, and a CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from host import writing
from host.report import MOST_CLASSES, show_confusion, shown
from host.screen import console

if TYPE_CHECKING:
    from host.infer import Inference

MOST_ROWS = 20
"""Samples that are listed one by one."""


def write_csv(path: Path | None, found: Inference) -> None:
    """Write outputs, classes or numbers, and targets, unless there is no path."""
    if path is None:
        return
    judged = found.judgement is not None
    if found.numeric:
        names = found.preparation.targets.names
        header = [*names, *(f"target {name}" for name in names if judged)]
        rows = ([*row["values"], *(row["target_values"] or ())] for row in found.rows())
    else:
        outputs = [f"y{k}" for k in range(found.config.data.outputs)]
        header = [*outputs, "class", *(["target"] if judged else [])]
        rows = (
            [*row["y"], row["class_name"], *([row["target_name"]] if judged else [])]
            for row in found.rows()
        )
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    writing.write_text(path, text.getvalue())


def show(found: Inference) -> None:
    """Print what was found."""
    for note in found.part.notes:
        console.print(shown(note, 400))
    if len(found.data) <= MOST_ROWS:
        console.print(_listed(found))
    engine, count = {"model": "golden model", "board": "board"}[found.engine], len(found.data)
    judgement = found.judgement
    if judgement is None:
        console.print(f"{engine}: {count} samples; without targets, there is no accuracy or cost")
        return
    cost = f"mean cost {found.mean_cost:.4f}"
    if judgement.rmse is not None:
        rmse = " ".join(f"{value:.4g}" for value in judgement.rmse)
        r2 = " ".join("–" if value is None else f"{value:.3f}" for value in judgement.r2 or ())
        console.print(f"{engine}: {count} samples, RMSE {rmse}, R² {r2}, {cost}")
        return
    show_confusion(judgement.confusion, found.names, "", MOST_CLASSES)
    correct = round((judgement.accuracy or 0.0) * count)
    console.print(f"{engine}: {correct} of {count} correct, {cost}")


def _listed(found: Inference) -> Table:
    """List the samples one by one."""
    targets = ["target"] if found.judgement else []
    if found.numeric:
        names = [shown(name) for name in found.preparation.targets.names]
        table = Table("sample", *names, *(f"target {name}" for name in names if targets))
        for k, row in enumerate(found.rows()):
            numbers = [*row["values"], *(row["target_values"] or ())]
            table.add_row(str(k), *(f"{value:.6g}" for value in numbers))
        return table
    table = Table("sample", "outputs", "class", *targets)
    for k, row in enumerate(found.rows()):
        outputs = " ".join(f"{value:.4f}" for value in row["y"])
        classes = [row["class_name"], *([row["target_name"]] if targets else [])]
        table.add_row(str(k), outputs, *map(shown, classes))
    return table
