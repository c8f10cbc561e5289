"""What a user sees of a training: the data, a table of the runs, and whether they are any good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.table import Column, Table
from rich.text import Text

from host.external.outcome import PlantTraining
from host.judging import TITLES, Judgement, last_part
from host.outcome import ENGINES, Outcome
from host.screen import console
from model.run import Counted, Run, theta_digest
from spec.config import Config
from spec.data.own import OwnData
from spec.tasks import Kind

MOST_ROWS = 20
"""Runs that are listed one by one."""

MOST_CLASSES = 26
"""Classes of a confusion matrix that is shown."""

MOST_TRAINED = 10
"""Classes up to which training shows it."""


def shown(name: str, most: int = 24) -> str:
    """Write a name of the user's for the terminal: printable, and not too long."""
    plain = "".join(letter if letter.isprintable() else "�" for letter in name)
    return plain if len(plain) <= most else plain[: most - 1] + "…"


_WHAT_FOR = {"train": "samples to train", "validation": "for validation", "test": "to test"}


def _and(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def show_data(config: Config) -> None:
    """Say what was made of the user's own data."""
    own = config.own
    if own is None:
        return
    targets, count = own.preparation.targets, len(own.preparation.inputs)
    others = [f"{len(part.data):,} {_WHAT_FOR[name]}" for name, part in own.parts.items()]
    scaled = ", scaled" if own.preparation.scaled else ""
    names = targets.classes if targets.kind is Kind.CLASSES else targets.names
    kind = "classes" if targets.kind is Kind.CLASSES else f"target{'s' * (len(names) > 1)}"
    more = ", …" if len(names) > MOST_TRAINED else ""
    console.print(
        f"data: {_and(others)}; {count:,} inputs{scaled}; "
        f"{len(names):,} {kind}: {', '.join(map(shown, names[:MOST_TRAINED]))}{more}"
    )
    for note in own.notes:
        console.print(shown(note, 400))


def show(outcome: Outcome[Any]) -> None:
    """Print the runs, their judgement, and how many were solved if they could be."""
    config, own = outcome.config, outcome.own
    if len(outcome.runs) <= MOST_ROWS:
        _show_runs(outcome)
    judged = outcome.judgements
    if len(judged) == 1 and own:
        name, part = last_part(judged[0])
        classes = own.preparation.targets.classes
        show_confusion(part.confusion, classes, TITLES[name], MOST_TRAINED)
    if own and judged:
        console.print(_verdict(own, judged))
    if len(outcome.runs) == 1:
        console.print(f"theta_digest {theta_digest(outcome.runs[0].theta)}")
    if isinstance(outcome, PlantTraining):
        _show_misdeeds(outcome.counted())
    engine, count = ENGINES[outcome.engine], len(outcome.runs)
    median = "" if outcome.median_steps is None else f", median {outcome.median_steps:,.0f} steps"
    early = ", interrupted" * outcome.interrupted
    if config.training.has_goal:
        console.print(f"{engine}: {outcome.solved} of {count} solved{median}{early}")
    else:
        runs = f"{count} run{'s' * (count > 1)}"
        if config.training.patience:
            what = "as at the check with the least cost in validation"
            console.print(
                f"{engine}: {runs} of at most {config.training.steps:,} steps, {what}{early}"
            )
        else:
            console.print(f"{engine}: {runs} of {config.training.steps:,} steps{early}")


def _show_misdeeds(counted: Counted) -> None:
    """Say what a plant did wrong, if anything."""
    for count, said in (
        (counted.timeouts, "asked again, as there was no answer"), (counted.unasked, "unasked"),
    ):  # fmt: skip
        if count:
            console.print(f"the plant: {count:,} {said}", style="red")


def _show_runs(outcome: Outcome[Any]) -> None:
    goal, own, first = outcome.config.training.has_goal, outcome.own, outcome.runs[0]
    if own:
        columns = [*_judged_cells(outcome.judgements[0])]
    else:
        columns = ["accuracy", "held out"][: len(_accuracies(outcome, first))]
    counted = own is None or len(own.parts) < 3  # there is no room for more
    waits = any(run.waited is not None for run in outcome.runs)  # instead of clocks: on a board
    counted = counted and not (isinstance(outcome, PlantTraining) and outcome.engine != "sim")
    clocks = ["waited" if waits else "clocks"] if counted else []
    names = ["seed", *(["solved"] if goal else []), "steps", *clocks]
    titles = [*(Column(name, no_wrap=True) for name in names), *columns, "cost"]
    table = Table(*titles, Column("theta_digest", min_width=10 if own else 17))
    for k, run in enumerate(outcome.runs):
        shown = run.waited if outcome.clocks(run) is None else outcome.clocks(run)
        clocks = "–" if shown is None else f"{shown:,}"
        table.add_row(
            str(run.seed),
            *(["yes" if run.solved else "no"] if goal else []),
            f"{run.steps:,}",
            *([clocks] if counted else []),
            *(_judged_cells(outcome.judgements[k]).values() if own else _accuracies(outcome, run)),
            f"{outcome.mean_cost(run.cost_sum):.{outcome.places}f}",
            theta_digest(run.theta)[:16] + "…",
        )
    console.print(table)


def _accuracies(outcome: Outcome[Any], run: Run) -> list[str]:
    found = outcome.accuracy(run), outcome.held_out_accuracy(run)
    return [f"{accuracy:.1%}" for accuracy in found if accuracy is not None]


def _judged_cells(judged: dict[str, Judgement]) -> dict[str, str]:
    """Return what a run is worth, by its column; of three parts, RMSE only in the last."""
    cells = {}
    for name, part in judged.items():
        if part.accuracy is not None:
            cells[f"accuracy, {name}"] = f"{part.accuracy:.1%}"
            continue
        if len(judged) < 3 or part is last_part(judged)[1]:
            cells[f"RMSE, {name}"] = " ".join(f"{value:.4g}" for value in part.rmse or ())
        r2 = part.r2 or ()
        cells[f"R², {name}"] = " ".join("–" if value is None else f"{value:.3f}" for value in r2)
    return cells


def _verdict(own: OwnData, judged: Sequence[dict[str, Judgement]]) -> Text:
    """Say what naming the same always would give, and how many runs are no better."""
    parts = [last_part(each)[1] for each in judged]
    name, _ = last_part(judged[0])
    where = "the test" if name == "test" else TITLES[name]
    first, targets = parts[0], own.preparation.targets
    if first.baseline_accuracy is not None:
        classes = own.train.data.classes
        most = max(range(len(targets.classes)), key=classes.count)
        name, good = shown(targets.classes[most]), f"{first.baseline_accuracy:.1%} correct"
        base = f"naming {name} always: {good} in {where}"
    else:
        values = " ".join(f"{value:.4g}" for value in first.baseline_rmse or ())
        base = f"naming the mean always: RMSE {values} in {where}"
    worse = sum(not part.better for part in parts)
    if not worse:
        return Text(base)
    runs = "this run is" if len(parts) == 1 else f"{worse} of {len(parts)} runs are"
    return Text(f"{base}; ").append(f"{runs} no better", style="red")


def show_confusion(
    confusion: list[list[int]] | None, classes: Sequence[str], title: str, most: int
) -> None:
    """Print a confusion matrix, unless there is none or it has too many classes."""
    if confusion is None or len(confusion) > most:
        return
    table = Table(f"{title}: target \\ class" if title else "target \\ class", *map(shown, classes))
    for name, row in zip(classes, confusion, strict=True):
        table.add_row(shown(name), *map(str, row))
    console.print(table)
