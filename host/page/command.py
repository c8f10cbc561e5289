"""`mgd report`: trains, unless weights are given, and writes the page."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from host import effort, ending, files, report, weights, writing
from host import train as training
from host.external.outcome import PlantTraining
from host.judging import TITLES
from host.outcome import Outcome, Training
from host.page import hardware, network, optimizer, plant, repeat
from host.page.blocks import Cell, Page, Section
from host.page.network import Network
from host.page.template import render
from host.screen import console
from host.version import version
from spec.config import Config
from spec.errors import InputError
from spec.external.config import ExternalConfig

SUFFIXES = (".html", ".htm")


def write_page(options: Namespace) -> int:
    """Write the page of a network of ours."""
    path = _prepared(options)
    config = files.load_config(options.config, options.data)
    files.check_outputs([options.output], files.read_by(options, config))
    tail = _tail(config, options, path)
    runs, outcome = options.runs, None
    if options.weights:
        if runs > 1:
            raise InputError("--runs: trains; the weights of --weights are trained already")
        trained = weights.read_trained(options.weights, config)
        if config.own and trained.preparation != config.own.preparation:
            raise InputError(
                f"{options.weights}: its weights are of data prepared otherwise than the config's; "
                "mgd infer evaluates them"
            )
        found = Network(config, trained.theta, f"that of {options.weights.name}")
    else:
        training.check_seeds(config.training.seed, runs)
        effort.require_train(config, "model", runs, simulated=False)
        report.show_data(config)
        outcome = training.train(config, "model", runs)
        best = min(outcome.runs, key=lambda run: run.cost_sum)
        of = f"that of seed {best.seed}" + ", the run with the least cost" * (runs > 1)
        found = Network(config.with_training(seed=best.seed), best.theta, of)
    _write(options.output, _of_network(path.stem, found, outcome, tail))
    ending.check()
    return 0


def write_plants_page(options: Namespace) -> int:
    """Write the page of an external plant."""
    path = _prepared(options)
    if options.weights:
        raise InputError(f"--weights: needs a network of ours; {options.config} has a plant")
    config = files.load_plant(options)
    files.check_outputs([options.output], files.read_by(options, config))
    tail, outcome = _tail(config, options, path), None
    if config.plant.model:
        training.check_seeds(config.training.seed, options.runs)
        outcome = training.train(config, "model", options.runs)
    _write(options.output, _of_plant(config, outcome, tail))
    ending.check()
    return 0


def _prepared(options: Namespace) -> Path:
    """Find the config, and choose where the page goes if nobody said."""
    path = files.config_path(options.config)
    files.check_readable(path)
    options.output = options.output or Path(f"{path.stem}.html")
    files.check_suffix(options.output, SUFFIXES)
    return path


def _tail(config: Config | ExternalConfig, options: Namespace, path: Path) -> list[Section]:
    """Make what a page ends with; it takes no training, so that it fails before it if it does."""
    return [
        optimizer.formats(config),
        optimizer.loop(config),
        hardware.clocks(config),
        hardware.boards(config, options.board, files.BUILD / "boards", path.stem),
        repeat.section(config, path, repeat.commands(options), version()),
    ]


def _write(path: Path, page: Page) -> None:
    writing.write_text(path, render(page))
    console.print(f"{page.title}: {path}")


def _of_network(
    name: str, found: Network, outcome: Training | None, tail: Sequence[Section]
) -> Page:
    config = found.config
    tiles: list[tuple[str, Cell]] = [
        ("synapse cells", config.parameters),
        ("θ", config.formats.theta),
        ("clocks a step", hardware.timing_of(config).step()),
    ]
    if outcome:
        tiles += _tiles_of_runs(outcome)
    for part, judged in found.judged.items():
        if judged.accuracy is not None:
            tiles.append((f"accuracy, {TITLES[part]}", f"{judged.accuracy:.1%}"))
        elif judged.r2:
            said = " ".join("–" if one is None else f"{one:.3f}" for one in judged.r2)
            tiles.append((f"R², {TITLES[part]}", said))
    sections = [
        network.topology_of(found),
        *([network.training_of(outcome)] if outcome else []),
        network.quality_of(found),
        network.saturation_of(found),
        *tail,
    ]
    subtitle = f"A network that trains itself in an FPGA by {_optimizer(config)}; golden model"
    return Page(f"{name} on {config.network.title}", subtitle, tiles, sections)


def _of_plant(
    config: ExternalConfig,
    outcome: PlantTraining | None,
    tail: Sequence[Section],
) -> Page:
    tiles: list[tuple[str, Cell]] = [
        ("synapse cells", config.parameters),
        ("θ", config.formats.theta),
        ("clocks a step, at least", hardware.timing_of(config).step()),
    ]
    sections = [plant.connection(config)]
    if outcome:
        tiles += _tiles_of_runs(outcome)
        best = min(outcome.runs, key=lambda run: run.cost_sum)
        sections += [plant.training_of(outcome), plant.saturation_of(config, best)]
    else:
        sections.append(plant.without_model())
    subtitle = f"An external plant, trained by {_optimizer(config)}"
    title = f"{config.plant.model or 'plant'}, {config.parameters:,} parameters"
    return Page(title, subtitle, tiles, [*sections, *tail])


def _tiles_of_runs(
    outcome: Outcome[Any],
) -> list[tuple[str, Cell]]:
    runs, config = outcome.runs, outcome.config
    tiles: list[tuple[str, Cell]] = []
    if config.training.has_goal:
        tiles.append(("solved", f"{outcome.solved} of {len(runs)}"))
        steps = outcome.median_steps
        tiles.append(("median steps", None if steps is None else round(steps)))
    else:
        tiles.append(("steps", config.training.steps))
    least = min(runs, key=lambda run: run.cost_sum)
    tiles.append(("least mean cost", outcome.mean_cost(least.cost_sum)))
    if outcome.interrupted:
        tiles.append(("interrupted", "yes"))
    return tiles


def _optimizer(config: Config | ExternalConfig) -> str:
    made = config.training
    return f"multiplexed gradient descent ({made.perturbation.value}, {made.estimator.value})"
