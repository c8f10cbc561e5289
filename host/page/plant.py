"""What a page says of an external plant: how it is connected, and how its model trained."""

from __future__ import annotations

from host import picture
from host.external.outcome import PlantTraining
from host.page.blocks import Block, Cell, Note, Section, Table
from host.page.svg import inline
from model.run import Run, theta_digest
from spec import derive
from spec.external.config import ExternalConfig

MOST_RUNS = 20
"""Runs that are listed one by one."""


def connection(config: ExternalConfig) -> Section:
    """Say what the plant is, and how numbers get there and back."""
    rows: list[list[Cell]] = [
        ["synapse cells: parameters", config.parameters],
        ["samples", config.samples],
    ]
    converters: list[Block] = []
    for name, value in config.to_dict()["plant"].items():
        if isinstance(value, dict):
            if value:
                inner: list[list[Cell]] = [[key, str(item)] for key, item in value.items()]
                converters.append(Table((), inner, f"plant.{name}"))
        elif name not in ("parameters", "samples") and value is not None:
            rows.append([name, str(value)])
    if config.task:
        rows.append(["task", config.task.name])
    return Section("The plant", [Table((), rows), *converters])


def training_of(outcome: PlantTraining) -> Section:
    """Say how it trained, in the golden model with the plant's model: curves, and each run."""
    goal = outcome.config.training.has_goal
    figure, _ = picture.of_runs(outcome)
    caption = f"Golden model, the plant being its model: {picture.outcome_of(outcome)}."
    blocks: list[Block] = [inline(figure, "cost", caption)]
    if len(outcome.runs) > MOST_RUNS:
        blocks.append(Note(f"The first {MOST_RUNS} of {len(outcome.runs):,} runs:"))
    known = outcome.accuracy(outcome.runs[0]) is not None
    rows: list[list[Cell]] = [
        [
            str(run.seed),
            *([run.solved] if goal else []),
            run.steps,
            *([f"{outcome.accuracy(run):.1%}"] if known else []),
            outcome.mean_cost(run.cost_sum),
            theta_digest(run.theta),
        ]
        for run in outcome.runs[:MOST_RUNS]
    ]
    names = ["seed", *(["solved"] if goal else []), "steps", *(["accuracy"] if known else [])]
    blocks.append(Table([*names, "mean cost", "theta_digest"], rows))
    return Section("Training", blocks)


def without_model() -> Section:
    """Say why nothing was trained."""
    return Section("Training", [Note("The config names no plant.model: nothing is trained here.")])


def saturation_of(config: ExternalConfig, run: Run) -> Section:
    """Say which parameters are at an end of their range."""
    found = derive.theta(config)
    unit = 2.0**-found.fraction_bits
    rows: list[list[Cell]] = [
        ["parameters", run.theta.size],
        ["smallest θ", float(run.theta.min() * unit)],
        ["largest θ", float(run.theta.max() * unit)],
        ["at the lower end", int((run.theta <= found.minimum).sum())],
        ["at the upper end", int((run.theta >= found.maximum).sum())],
    ]
    limits = f"{found.minimum * unit:g} to {found.maximum * unit:g}"
    caption = f"{config.formats.theta}, {limits}; the run of seed {run.seed}, with the least cost"
    return Section("Saturation", [Table((), rows, caption)])
