"""What a page says of the gateware: clocks, estimates, and bitstreams that are there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from boards import build, catalogue
from boards import estimate as estimates
from boards.build import BuildReport
from boards.designs import AnyConfig, design_of
from hdl.trainers import check_gateware
from host.page.blocks import Block, Cell, Note, Section, Table
from spec.config import Config
from spec.errors import InputError
from spec.external.config import ExternalConfig
from spec.external.timing import ExternalTiming
from spec.plant import Engine
from spec.timing import Timing


def timing_of(config: AnyConfig) -> Timing:
    """Return the clock budget of a config."""
    if isinstance(config, ExternalConfig):
        return ExternalTiming.of_external(config)
    return Timing.of(config)


def budget(config: AnyConfig) -> list[tuple[str, int]]:
    """Return what the clocks of a step are for; they add up to `Timing.step`.

    Steps that overlap take the interval from one to the next, whatever each of them waits for.
    """
    timing = timing_of(config)
    if timing.update_delay:
        return [("from a step to the next: steps overlap", timing.step())]
    # One more where a step may need it, or where each evaluates twice whatever happens.
    evaluations = 1 + bool(timing.baseline or timing.step() > timing.step(baseline=False))
    found = [("perturbation: shifts of its line", timing.shifts)]
    if isinstance(config, ExternalConfig):
        there = f"{evaluations} × " * (evaluations > 1) + "to the plant and back"
        found.append((there, evaluations * timing.evaluation))
    else:
        if evaluations > 1:
            found.append(("baseline, right before the perturbed evaluation", 1))
        how = ": a pass over its words" * (config.build.engine is Engine.FOLDED)
        found += [(f"layer {k}{how}", spent) for k, spent in enumerate(timing.layers, 1)]
        found.append(("cost", timing.cost))
    update = timing.sweep if isinstance(timing, ExternalTiming) else 1
    found.append(("change in cost, scaled and rounded to u", timing.bus))
    return [*found, ("the cells: u, and an update", 1 + update)]


def clocks(config: AnyConfig) -> Section:
    """Say where the clocks go."""
    timing, parts = timing_of(config), budget(config)
    rows: list[list[Cell]] = [list(part) for part in parts]
    rows.append(["a step, with a baseline where it may need one", timing.step()])
    rows.append(["a check of all samples", timing.check])
    rows.append(["initial θ, once", timing.initialisation])
    blocks: list[Block] = [Table(["budget", "clocks"], rows)]
    if timing.update_delay:
        said = f"The u of a step is used D = {timing.update_delay} steps later; it needs "
        blocks.append(Note(f"{said}{timing.needed} clocks, and an evaluation {timing.evaluation}."))
    return Section("Clocks", blocks)


def boards(config: AnyConfig, name: str | None, folder: Path, stem: str) -> Section:
    """Say what a board must offer, by estimate, and what it came to where there is a bitstream.

    Parameters
    ----------
    config : AnyConfig
    name : str or None
        Of a board; by default all of them.
    folder : Path
        Where bitstreams are.
    stem : str
        The config's name in theirs.

    Raises
    ------
    InputError
        If there is no such board, or it cannot have what the config asks for.
    """
    chosen = [catalogue.find(name)] if name else list(catalogue.BOARDS)
    blocks: list[Block] = []
    if isinstance(config, Config):
        try:
            check_gateware(config)
        except InputError as error:
            return Section("Area and timing", [Note(f"{error}.")])
        if name:
            content = estimates.estimate(config, name).to_dict()
            rows: list[list[Cell]] = [[k.replace("_", " "), v] for k, v in content.items()]
            blocks.append(Table((), rows, "estimate, without any tool (mgd estimate)"))
        else:
            blocks.append(_all_estimates(config, chosen))
    elif name:
        taken = design_of(config).clocks_per_step(chosen[0])
        rows = [["clocks a step, at the board's clock", taken]]
        rows.append(
            ["steps a second, if the plant takes no time", chosen[0].clock_mhz * 1e6 / taken]
        )
        blocks.append(Table((), rows, chosen[0].name))
    found = [report for board in chosen for report in _built(config, board.name, folder, stem)]
    for report in found:
        blocks += _as_built(report)
    if not found:
        blocks.append(Note("There is no bitstream of this config below build/ (mgd build)."))
    return Section("Area and timing", blocks)


def _built(config: AnyConfig, board: str, folder: Path, stem: str) -> Sequence[BuildReport]:
    report = build.found(config, board, folder=folder, name=stem)
    return [report] if report else []


def _all_estimates(config: Config, chosen: Sequence[catalogue.Board]) -> Table:
    rows: list[list[Cell]] = []
    for board in chosen:
        try:
            one = estimates.estimate(config, board.name)
        except InputError as error:
            rows.append([board.name, board.device, str(error), None, None, None, None])
            continue
        used = f"{one.logic:,} of {one.logic_available:,}"
        products = f"{one.multipliers} of {one.multipliers_available}"
        speed = round(one.steps_per_second)
        rows.append([one.board, one.device, one.verdict, used, products, one.clock_mhz, speed])
    head = ["board", "device", "verdict", "LUTs or LCs", "products, of blocks", "MHz", "steps/s"]
    return Table(head, rows, "estimates, without any tool (mgd estimate)")


def _as_built(report: BuildReport) -> list[Block]:
    """Say what nextpnr found."""
    rows: list[list[Cell]] = [
        ["device, speed grade", f"{report.device}, {report.speed_grade}"],
        ["Fmax (MHz), of the seed used", report.fmax_mhz],
        ["clock of the trainer (MHz)", report.clock_mhz],
        ["timing met", report.timing_met],
        ["icetime (MHz)", report.icetime_mhz],
        ["clocks a step", report.clocks_per_step],
        ["steps a second", round(report.steps_per_second)],
        ["flip-flops", report.flip_flops],
        ["multipliers", report.multipliers],
    ]
    for resource, count in report.utilization.items():
        if count["used"]:
            rows.append([resource, f"{count['used']:,} of {count['available']:,}"])
    for member, pins in report.pins.items():
        rows.append([f"pins: {member}", ", ".join(pins)])
    rows.append(["seed of place and route", str(report.tools["seed"])])
    rows += [list(one) for one in report.tools["versions"].items()]
    seeds: list[list[Cell]] = [
        [str(seed), "no route" if fmax is None else fmax]
        for seed, fmax in report.fmax_by_seed.items()
    ]
    return [
        Table((), rows, f"{report.board}: as built (mgd build), by nextpnr"),
        Table(["seed tried, the one used last", "Fmax (MHz)"], seeds),
    ]
