"""What each command of `mgd` does; each returns the exit status."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from boards import build as bitstreams
from boards import catalogue
from boards import estimate as estimates
from boards import flash as programmer
from host import effort, ending, files, picture, ports, report, screen, virtual, weights, writing
from host import train as training
from host.outcome import ENGINES, ON_BOARD, Outcome, differences
from host.screen import console
from model.number.fixed import Ints
from sim import simulators
from sim import verify as lockstep
from sim.simulators import Simulator
from spec import probe
from spec.config import Config
from spec.errors import InputError
from spec.external.config import AnyConfig, ExternalConfig

FAILURES = (RuntimeError, OSError, MemoryError)
"""What a command may raise once it runs: exit status 1."""


def train(options: Namespace) -> int:
    """Train; 1 if there is a goal and no run reached it, or if the golden model differs."""
    config = files.load_any(options, steps=options.steps, seed=options.seed)
    _check_engine(options, config)
    files.check_suffix(options.plot, picture.SUFFIXES)
    weights.check_suffix(options.save)
    files.check_outputs([options.json, options.plot, options.save], files.read_by(options, config))
    simulator, theta = Simulator(options.simulator), None
    training.check_seeds(config.training.seed, options.runs)
    if options.start:
        theta = weights.read(options.start, config)
    if options.engine == "sim":
        simulators.require(simulator)
    simulated = options.engine == "sim" or options.port == ports.VIRTUAL
    if isinstance(config, Config):
        effort.require_train(config, options.engine, options.runs, simulated=simulated)
        report.show_data(config)
    elif simulated or options.engine == "model":
        _ = config.model()  # fails now, if it does
    outcome = training.train(
        config, options.engine, options.runs, simulator, theta, options.port, live=options.live
    )
    try:
        writing.attempt(
            lambda: writing.write_json(options.json, outcome.to_json()),
            lambda: picture.plot(outcome, options.plot),
        )
    finally:
        report.show(outcome)
    if options.plot:
        console.print(f"cost over the steps: {options.plot}")
    compared = options.engine != "model" and outcome.modelled and not outcome.interrupted
    if compared and not _golden_agrees(outcome, theta):
        return 1
    if options.save:
        weights.write(options.save, config, outcome.runs[0].theta)
        console.print(f"weights: {options.save}")
    ending.check()
    return 0 if outcome.solved or not config.training.has_goal else 1


def _golden_agrees(outcome: Outcome[Any], theta: Ints | None) -> bool:
    """Train again in the golden model; also true if that is interrupted, as nothing is known."""
    try:
        golden = outcome.golden or training.train(
            outcome.config, "model", len(outcome.runs), theta=theta
        )
    except KeyboardInterrupt:
        golden = None
    if golden is None or golden.interrupted:
        console.print("not compared with the golden model")
        return True
    if differing := differences(outcome, golden):
        console.print(f"the golden model differs for the seeds {differing}", style="red")
        return False
    run = outcome.runs[0]
    clocks = "" if None in (outcome.clocks(run), golden.clocks(run)) else ", same clocks"
    console.print(f"the golden model agrees: same θ bit for bit, same steps{clocks}")
    return True


def _check_engine(options: Namespace, config: AnyConfig) -> None:
    """Raise an InputError for words that do not go together."""
    if isinstance(config, ExternalConfig):
        if options.engine == "loop":
            others = " or ".join(name for name in ENGINES if name != "loop")
            raise InputError(f"--engine loop: an external plant takes {others}")
        if options.engine == "sim" and Simulator(options.simulator) is not Simulator.VERILATOR:
            raise InputError("--simulator: an external plant takes verilator")
    if options.start and options.engine == "sim":
        raise InputError(
            "--from: the simulated gateware alone cannot load weights; use --engine board "
            f"--port {ports.VIRTUAL}"
        )
    if options.port and options.engine not in ON_BOARD:
        raise InputError(f"--port: is for --engine {' or '.join(ON_BOARD)}")
    if options.save and options.runs > 1:
        raise InputError(f"--save: keeps the weights of one run, not of {options.runs}")


def verify(options: Namespace) -> int:
    """Compare gateware and golden model; 1 if they differ."""
    config = files.load_config(options.config, options.data, seed=options.seed)
    config = config.with_training(steps=options.steps or lockstep.default_steps(config))
    files.check_outputs([options.json], files.read_by(options, config))
    simulator = Simulator(options.simulator)
    simulators.require(simulator)
    effort.require_gateware(config, effort.lockstep_seconds(config), runs=1)
    with screen.progress_bar(f"lockstep in {simulator.value}", config.training.steps) as advance:
        result = lockstep.verify(
            config,
            simulator,
            files.BUILD / "sim",
            progress=lambda step: advance(step, f"step {step}"),
        )
    writing.write_json(options.json, result.to_json())
    return show_verification(result, probe.fields(config))


def show_verification(result: lockstep.Verification, fields: Sequence[probe.Field]) -> int:
    """Say whether a lockstep held, and keep the waveform of a mismatch; return the exit status."""
    values = sum(result.compared.values())
    if not result.mismatches:
        console.print(
            f"{result.simulator}: 0 mismatches in {result.clocks:,} clocks, {result.steps:,} "
            f"steps, {values:,} values\ntheta_digest {result.theta_digest}"
        )
        return 0
    waveform = files.BUILD / f"mismatch-{result.simulator}.vcd"
    writing.write_text(waveform, lockstep.waveform_of(result, fields))
    for found in result.mismatches:
        console.print(
            f"clock {found.clock}, step {found.step}: {found.signal} is {found.gateware}, "
            f"golden {found.golden}"
        )
    console.print(f"{result.simulator}: the lockstep broke; its last clocks: {waveform}")
    return 1


def build(options: Namespace) -> int:
    """Make a bitstream; 1 if it misses its timing."""
    config = files.load_any(options)
    files.check_outputs([getattr(options, "json", None)], files.read_by(options, config))
    report = _build(config, options)
    _show_build(report, options)
    writing.write_json(options.json, report.to_dict())
    return 0 if report.timing_met else 1


def _build(config: AnyConfig, options: Namespace) -> bitstreams.BuildReport:
    effort.require_gateware(config)
    if config.training.patience:
        console.print(
            f"training.patience: a board by itself makes all {config.training.steps:,} steps; with "
            "mgd train --engine board it ends early"
        )
    with screen.working(f"building for {options.board}") as say:
        return bitstreams.build(config, options.board, **_build_words(options), progress=say)


def _build_words(options: Namespace) -> dict[str, Any]:
    return {
        "folder": files.BUILD / "boards",
        "name": files.config_path(options.config).stem,
        "clock_mhz": options.clock,
        "seed": options.pnr_seed,
    }


def _show_build(report: bitstreams.BuildReport, options: Namespace) -> None:
    table = Table("resource", "used", "available")
    for name, count in report.utilization.items():
        if count["used"]:
            table.add_row(name, f"{count['used']:,}", f"{count['available']:,}")
    console.print(table)
    _say_clock(options, report.clock_mhz)
    if len(report.fmax_by_seed) > 1:
        *_, used = report.fmax_by_seed
        tried = ", ".join(
            f"{seed}: {'no route' if fmax is None else f'{fmax:.1f} MHz'}"
            for seed, fmax in sorted(report.fmax_by_seed.items())
        )
        console.print(f"seeds of place and route tried, as some missed the timing: {tried}")
        console.print(f"the bitstream is of seed {used}")
    console.print(
        f"{report.board} ({report.device}, speed grade {report.speed_grade}): "
        f"{report.fmax_mhz:.1f} MHz reached, {report.clock_mhz:g} MHz needed; "
        f"{report.clocks_per_step} clocks a step, "
        f"{report.steps_per_second:,.0f} steps a second\n{report.bitstream}"
    )
    for name, pins in report.pins.items():
        console.print(f"plant: {name} at {', '.join(pins)}")
    if report.icetime_mhz is not None:
        console.print(f"icetime, which times multipliers too: {report.icetime_mhz:.1f} MHz")
    elif report.device.startswith("iCE40") and report.multipliers:
        console.print("icetime is not there, and nextpnr does not time multipliers: not checked")
    if not report.timing_met:
        console.print("timing is not met", style="red")


def _say_clock(options: Namespace, mhz: float) -> None:
    if options.clock is not None and mhz != options.clock:
        console.print(f"{options.clock:g} MHz cannot be made; the nearest below is used")


def sim_board(options: Namespace) -> int:
    """Run a virtual board until interrupted."""
    with ports.board(files.load_any(options)) as running:
        return virtual.show(running, options.config)


def flash(options: Namespace) -> int:
    """Program a board, building first if need be; 1 if the build misses its timing."""
    config = files.load_any(options)
    files.check_outputs([getattr(options, "json", None)], files.read_by(options, config))
    programmer.require(options.board)
    with screen.working("looking for a bitstream"):
        report = bitstreams.built(config, options.board, **_build_words(options))
    if report is None:
        report = _build(config, options)
        _show_build(report, options)
    else:
        console.print(f"built before, of the same config with the same tools: {report.bitstream}")
    if not report.timing_met:
        return 1
    with screen.working(f"programming {options.board}"):
        programmer.flash(options.board, Path(report.bitstream))
    console.print(f"{report.board} is programmed; it trains at power-up, and at its button")
    return 0


def boards(options: Namespace) -> int:
    """List the boards."""
    files.check_outputs([options.json])
    table = Table("board", "device", "clock (MHz)", "serial port", "also called")
    listed = []
    for board in catalogue.BOARDS:
        name, device, clock, pins = board.name, board.device, board.clock_mhz, board.serial_pins()
        said = f"rx {pins['rx']}, tx {pins['tx']}" if pins else ""
        table.add_row(name, device, f"{clock:g}", said, ", ".join(board.aliases))
        found = {"board": name, "device": device, "clock_mhz": clock, "serial": pins}
        listed.append(found | {"aliases": list(board.aliases)})
    console.print(table)
    console.print("with a serial port, a board has a link: mgd train CONFIG --engine board")
    writing.write_json(options.json, listed)
    return 0


def estimate(options: Namespace) -> int:
    """Predict what a board must offer; 1 if a config does not fit."""
    config = files.load_config(options.config, options.data)
    files.check_outputs([options.json], files.read_by(options, config))
    found = estimates.estimate(config, options.board, clock_mhz=options.clock)
    content = found.to_dict()
    writing.write_json(options.json, content)
    table = Table("", "estimate", show_header=False)
    for name, value in content.items():
        table.add_row(name.replace("_", " "), value if isinstance(value, str) else f"{value:,}")
    console.print(table)
    _say_clock(options, found.clock_mhz)
    return 1 if found.verdict == estimates.DOES_NOT_FIT else 0
