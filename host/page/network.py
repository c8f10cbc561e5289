"""What a page says of a network of ours: what it is, how it trained, how good it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from host import golden, own_picture, picture, weights_picture
from host.judging import TITLES, Judgement, judge_run, last_part
from host.outcome import Training
from host.page import topology
from host.page.blocks import Block, Cell, Figure, Note, Section, Table
from host.page.svg import inline
from host.show import Shown
from model.held_out import held_out_accuracy
from model.number.fixed import Ints
from model.run import theta_digest
from spec import derive
from spec.config import Config
from spec.plant import Engine
from spec.tasks import Kind

MOST_RUNS = 20
"""Runs that are listed one by one."""

MOST_CLASSES = 26
"""Of a confusion matrix that is shown."""

MOST_SAMPLES = 16
"""Samples that are listed one by one."""


@dataclass(frozen=True)
class Network:
    """A trained network.

    Attributes
    ----------
    config : Config
        With the seed of the run.
    theta : array of int, shape (P,)
        In LSBs.
    whose : str
        Where θ is from, in words.
    """

    config: Config
    theta: Ints
    whose: str

    @property
    def shown(self) -> Shown:
        """Its weights, as `mgd show` has them."""
        own = self.config.own
        return Shown(self.config, self.theta, own.preparation if own else None)

    @property
    def judged(self) -> dict[str, Judgement]:
        """What it is worth on each part of own data; else empty."""
        if self.config.own is None:
            return {}
        return judge_run(self.config, self.theta, self.config.training.seed)


def topology_of(network: Network) -> Section:
    """Say what it is."""
    config = network.config
    task: list[list[Cell]] = [
        ["task", config.task.name],
        ["samples for training", len(config.data)],
        ["inputs", f"{config.data.inputs:,}, {config.task.inputs.value}"],
        ["outputs", config.data.outputs],
        ["synapse cells: weights and biases", config.parameters],
        ["engine", _engine(config)],
        ["order of samples", config.task.order.value],
    ]
    blocks: list[Block] = [Table((), task)]
    own = config.own
    if own:
        targets = own.preparation.targets
        names = targets.classes if targets.kind is Kind.CLASSES else targets.names
        data: list[list[Cell]] = [
            *([TITLES[name], f"{len(part.data):,} samples"] for name, part in own.parts.items()),
            ["inputs" + ", scaled" * own.preparation.scaled, _listed(own.preparation.inputs)],
            [targets.kind.value, _listed(names)],
            *(["note", note] for note in own.notes),
        ]
        blocks.append(Table((), data, "what was made of the data"))
    shapes, trained = config.network.shapes, iter(config.network.weights)
    rows: list[list[Cell]] = []
    for layer, taken, given in zip(config.network.all, shapes, shapes[1:], strict=False):
        neurons, each = next(trained) if layer.trained else (0, 0)
        kind = layer.activation.value if layer.trained else None
        shape = [" × ".join(f"{size:,}" for size in one) for one in (taken, given)]
        rows.append([len(rows) + 1, layer.kind.value, *shape, kind, neurons * each])
    head = ["layer", "kind", "takes", "gives", "activation", "weights and biases"]
    blocks.append(Table(head, rows))
    if topology.drawable(network.shown):
        caption = (
            "The network: weights from left to right, red above 0 and blue below, the wider the "
            f"larger; biases are left out. θ is {network.whose}."
        )
        blocks.append(inline(topology.drawn(network.shown), "topology", caption))
    return Section("The network", blocks)


def _engine(config: Config) -> str:
    build = config.build
    if build.engine is Engine.FOLDED:
        return f"folded: parameters in block RAM, {build.lanes} neurons at once"
    if config.update_delay:
        return f"spatial: a cell for each; steps overlap, {build.rails} evaluations a clock"
    return "spatial: a cell for each; a step ends before the next"


def _listed(names: Sequence[str], most: int = 30) -> str:
    return ", ".join(names[:most]) + (f", … ({len(names):,})" if len(names) > most else "")


def training_of(outcome: Training) -> Section:
    """Say how it trained: curves, and each run."""
    config, goal = outcome.config, outcome.config.training.has_goal
    figure, _ = picture.of_runs(outcome)
    caption = f"Golden model, {picture.outcome_of(outcome)}."
    blocks: list[Block] = [inline(figure, "cost", caption)]
    if config.own and not _numbers(config):
        figure, axes = picture.pyplot().subplots(figsize=(8, 3), layout="constrained")
        own_picture.accuracy(axes, outcome.accuracies, len(outcome.runs))
        blocks.append(inline(figure, "accuracy", "Accuracy on the samples for training."))
    if len(outcome.runs) > MOST_RUNS:
        blocks.append(Note(f"The first {MOST_RUNS} of {len(outcome.runs):,} runs:"))
    rows: list[list[Cell]] = [
        [
            str(run.seed),
            *([run.solved] if goal else []),
            run.steps,
            run.clocks,
            *([] if _numbers(config) else [f"{outcome.accuracy(run):.1%}"]),
            outcome.mean_cost(run.cost_sum),
            theta_digest(run.theta),
        ]
        for run in outcome.runs[:MOST_RUNS]
    ]
    right = [] if _numbers(config) else ["accuracy, training"]
    head = ["seed", *(["solved"] if goal else []), "steps", "clocks", *right, "mean cost"]
    blocks.append(Table([*head, "theta_digest"], rows))
    return Section("Training", blocks)


def _numbers(config: Config) -> bool:
    own = config.own
    return own is not None and own.preparation.targets.kind is Kind.NUMBERS


def quality_of(network: Network) -> Section:
    """Say how good it is, on each part of the data."""
    blocks: list[Block] = [
        Note(f"θ is {network.whose}; theta_digest {theta_digest(network.theta)}")
    ]
    if network.config.own is None:
        blocks += _of_built_in(network)
    elif _numbers(network.config):
        blocks += _of_numbers(network)
    else:
        blocks += _of_classes(network)
    return Section("How good it is", blocks)


def _of_built_in(network: Network) -> list[Block]:
    config, data = network.config, network.config.data
    y, bits = golden.outputs(config, network.theta, data), data.fraction_bits
    right = golden.classes_of(y, bits) == np.array(data.classes)
    rows: list[list[Cell]] = [["training", len(data), f"{right.mean():.1%}"]]
    apart = held_out_accuracy(network.theta, config)
    if apart is not None and config.held_out:
        rows.append(["held out", len(config.held_out), f"{apart:.1%}"])
    blocks: list[Block] = [Table(["part", "samples", "accuracy"], rows)]
    if len(data) <= MOST_SAMPLES:
        unit = 2.0**-bits
        samples = [
            [
                " ".join(map(str, x)),
                " ".join(f"{t * unit:g}" for t in target),
                " ".join(f"{one * unit:.3f}" for one in outputs),
                bool(good),
            ]
            for x, target, outputs, good in zip(data.x, data.t, y.tolist(), right, strict=True)
        ]
        blocks.append(Table(["input", "target", "output", "right"], samples))
    return blocks


def _of_classes(network: Network) -> list[Block]:
    own = network.config.own
    assert own is not None
    classes, judged = own.preparation.targets.classes, network.judged
    rows: list[list[Cell]] = [
        [TITLES[name], part.samples, f"{part.accuracy:.1%}", f"{part.baseline_accuracy:.1%}"]
        for name, part in judged.items()
    ]
    head = ["part", "samples", "accuracy", "naming the most frequent class always"]
    blocks: list[Block] = [Table(head, rows)]
    if len(classes) <= MOST_CLASSES:
        for name, part in judged.items():
            matrix = np.array(part.confusion)
            shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
            cells = [[row, *found] for row, found in zip(classes, matrix.tolist(), strict=True)]
            caption = f"{TITLES[name]}: rows are targets, columns what was found"
            blocks.append(Table(["", *classes], cells, caption, (0.75 * shares).tolist()))
    return blocks


def _of_numbers(network: Network) -> list[Block]:
    own = network.config.own
    assert own is not None
    rows: list[list[Cell]] = []
    for name, part in network.judged.items():
        values = (part.rmse or (), part.baseline_rmse or (), part.r2 or ())
        for target, *found in zip(own.preparation.targets.names, *values, strict=True):
            rows.append([TITLES[name], part.samples, target, *found])
    head = ["part", "samples", "target", "RMSE", "RMSE of naming the mean always", "R²"]
    name, _ = last_part(network.judged)
    panels = own_picture.of_numbers(network.config, network.theta, name)
    figure, axes = picture.pyplot().subplots(
        1, len(panels), figsize=(4.5 * len(panels), 4.5), layout="constrained", squeeze=False
    )
    for panel, one in zip(panels, axes[0], strict=True):
        panel(one)
        one.set(ylabel="found")
    caption = f"What was found for each sample: {TITLES[name]}."
    return [Table(head, rows), inline(figure, "found", caption)]


def saturation_of(network: Network) -> Section:
    """Say what is at an end of its range."""
    config, shown = network.config, network.shown
    rows: list[list[Cell]] = [
        [k + 1, layer.theta.size, float(layer.theta.min()), float(layer.theta.max()),
         layer.at_low, layer.at_high]
        for k, layer in enumerate(shown.layers)
    ]  # fmt: skip
    head = ["layer of weights", "θ", "smallest", "largest", "at the lower end", "at the upper end"]
    cell = derive.cell(config)
    ends = golden.rails(config, network.theta, np.zeros_like(network.theta)).activations
    layers: list[list[Cell]] = [
        [k + 1, count, of, f"{count / of:.1%}"] for k, (count, of) in enumerate(ends)
    ]
    low, high = shown.limits
    said = f"θ is {config.formats.theta}, from {low:g} to {high:g}; {cell.theta.bits} bits."
    return Section(
        "Saturation",
        [
            Table(head, rows, said),
            Table(
                ["layer", "activations at an end of their range", "of", "part"],
                layers,
                "over all samples of training, by the golden network",
            ),
            _weights(shown),
        ],
    )


def _weights(shown: Shown) -> Figure:
    more = len(shown.layers) - weights_picture.MOST_LAYERS
    caption = "Weights, layer by layer: a row for each neuron; and how θ uses its format."
    if more > 0:
        caption += f" {more:,} layers more are not drawn."
    return inline(weights_picture.drawn(shown), "weights", caption)
