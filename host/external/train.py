"""Training an external plant: its model, by golden model or gateware; or itself, by a board."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from rich.table import Table

from host import ending, files, picture, ports, screen, writing
from host.checks import Checks, Curves
from host.external import on_board
from host.external.accuracy import accuracy_of
from host.live import Chart
from host.screen import console
from host.train import check_seeds, median
from model.external.trainer import ExternalTrainer
from model.loop import Loop
from model.run import Interrupted, Run, theta_digest
from sim import simulators
from sim.external import train as simulation
from sim.external.train import Counted
from sim.simulators import Simulator
from spec import derive
from spec.errors import InputError
from spec.external.config import ExternalConfig

ENGINES = {
    "model": "golden model",
    "sim": "simulated gateware, the plant's model at its pins",
    "board": "board",
}
"""With the names that a user sees."""

UNUSED = {"data": "--data", "save": "--save", "start": "--from"}
"""Options of `mgd train` that need a network of ours."""


@dataclass(frozen=True)
class Training:
    """The outcome of training.

    Attributes
    ----------
    engine : str
    config : ExternalConfig
    runs : list of Run
        In the order of their seeds.
    curves : Curves
    counted : list of Counted
        Of each run in gateware; else empty.
    interrupted : bool
    modelled : bool
        Whether the plant was the config's model, which may know its accuracy.
    """

    engine: str
    config: ExternalConfig
    runs: list[Run]
    curves: Curves = field(default_factory=dict)
    counted: list[Counted] = field(default_factory=list)
    interrupted: bool = False
    modelled: bool = True

    @property
    def solved(self) -> int:
        """Number of solved runs."""
        return sum(run.solved for run in self.runs)

    @property
    def median_steps(self) -> float | None:
        """As `median`."""
        return median(self.runs, "steps")

    def mean_cost(self, cost_sum: int) -> float:
        """Mean cost over the samples, of the sum a check counts."""
        return mean_cost(self.config, cost_sum)

    def accuracy(self, run: Run) -> float | None:
        """Return what the plant's model says of a run's θ, if it was trained."""
        return accuracy_of(self.config, run.theta) if self.modelled else None

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON."""
        goal, theta = self.config.training.has_goal, derive.theta(self.config)
        return {
            "engine": self.engine,
            "config": self.config.to_dict(),
            "interrupted": self.interrupted,
            "solved": self.solved if goal else None,
            "solved_fraction": self.solved / len(self.runs) if goal else None,
            "median_steps": self.median_steps,
            "theta_fraction_bits": theta.fraction_bits,
            "runs": [
                {
                    "seed": run.seed,
                    "solved": run.solved if goal else None,
                    "steps": run.steps,
                    "clocks": run.clocks if self.engine == "sim" else None,
                    "timeouts": self.counted[k].timeouts if self.counted else None,
                    "unasked": self.counted[k].unasked if self.counted else None,
                    "cost": self.mean_cost(run.cost_sum),
                    "accuracy": self.accuracy(run),
                    "theta": run.theta.tolist(),
                    "theta_digest": theta_digest(run.theta),
                }
                for k, run in enumerate(self.runs)
            ],
        }


def mean_cost(config: ExternalConfig, cost_sum: int) -> float:
    """Mean cost over the samples, of the sum a check counts."""
    return cost_sum / (config.samples * 2**config.formats.cost_bits)


def train(options: Namespace) -> int:
    """Train; 1 if there is a goal and no run reached it, or if the golden model differs."""
    for name, word in UNUSED.items():
        if getattr(options, name, None) is not None:
            raise InputError(f"{word}: needs a network of ours; {options.config} has a plant")
    if options.engine not in ENGINES:
        names = " or ".join(ENGINES)
        raise InputError(f"--engine {options.engine}: an external plant takes {names}")
    if options.engine == "sim" and Simulator(options.simulator) is not Simulator.VERILATOR:
        raise InputError("--simulator: an external plant takes verilator")
    if options.port and options.engine != "board":
        raise InputError("--port: is for --engine board")
    config = files.load_external(options.config, steps=options.steps, seed=options.seed)
    modelled = options.engine != "board" or options.port == ports.VIRTUAL
    if modelled:
        _ = config.model()  # fails now, if it does
    files.check_suffix(options.plot, picture.SUFFIXES)
    read = [files.config_path(options.config)]
    files.check_outputs([options.json, options.plot], read)
    check_seeds(config.training.seed, options.runs)
    if options.engine == "sim":
        simulators.require(Simulator.VERILATOR)
    outcome = trained(config, options.engine, options.runs, options.port, live=options.live)
    try:
        writing.attempt(
            lambda: writing.write_json(options.json, outcome.to_json()),
            lambda: options.plot and picture.keep(_drawn(outcome), options.plot),
        )
    finally:
        show(outcome)
    if options.plot:
        console.print(f"cost over the steps: {options.plot}")
    compared = modelled and options.engine != "model" and not outcome.interrupted
    if compared and not _golden_agrees(outcome):
        return 1
    ending.check()
    return 0 if outcome.solved or not config.training.has_goal else 1


def trained(
    config: ExternalConfig,
    engine: str,
    runs: int,
    port: str | None = None,
    *,
    live: bool = False,
) -> Training:
    """Train `runs` runs of consecutive seeds from the config's on, showing progress.

    A board is at a port, as `host.ports.device`. With `live`, the cost over the steps is shown too.
    """
    seeds = list(range(config.training.seed, config.training.seed + runs))
    checks = Checks(seeds, lambda cost_sum: mean_cost(config, cost_sum))
    modelled = engine != "board" or port == ports.VIRTUAL
    outcome = Training(engine, config, [], checks.costs, modelled=modelled)
    chart = Chart(checks, goal=config.training.has_goal) if live else None
    with screen.above(chart), _kept(outcome) as found:
        if engine == "board":
            for run, counted in on_board.train(config, seeds, port, checks):
                outcome.runs.append(run)
                outcome.counted.append(counted)
        else:
            (_simulate if engine == "sim" else _golden)(config, seeds, outcome, checks)
    return found[-1]


@contextmanager
def _kept(outcome: Training) -> Iterator[list[Training]]:
    """Yield the outcome, which is what there is of it if it is interrupted."""
    found = [outcome]
    try:
        yield found
    except Interrupted as error:
        outcome.runs[len(outcome.runs) :] = error.runs
        if not outcome.runs:
            raise
        found.append(replace(outcome, interrupted=True))


def _golden(config: ExternalConfig, seeds: list[int], outcome: Training, checks: Checks) -> None:
    with screen.progress_bar("golden model", config.training.steps) as advance:

        def checked(trainer: Loop[Any, Any]) -> None:
            checks.take(trainer)
            advance(trainer.n, f"step {trainer.n:,}")

        with ending.deferred():
            outcome.runs.extend(ExternalTrainer(config, seeds).run(checked, ending.asked))


def _simulate(config: ExternalConfig, seeds: list[int], outcome: Training, checks: Checks) -> None:
    steps = config.training.steps
    with screen.working("compiling the gateware for verilator"):
        build = simulation.prepare(config, files.BUILD / "sim")
    with screen.progress_bar("gateware in verilator", steps * len(seeds)) as advance:
        for k, seed in enumerate(seeds):

            def checked(step: int, cost_sum: int, seed: int = seed, k: int = k) -> None:
                checks.add(seed, step, cost_sum)
                cost = mean_cost(config, cost_sum)
                advance(k * steps + step, f"seed {seed}, step {step}, cost {cost:.4f}")

            with ending.deferred():
                run, counted = simulation.run(build, config, seed, checked, stop=ending.asked)
                checks.end(run)
                outcome.runs.append(run)
                outcome.counted.append(counted)
                if ending.asked():
                    raise Interrupted([])


def _golden_agrees(outcome: Training) -> bool:
    golden = trained(outcome.config, "model", len(outcome.runs))
    pairs = zip(outcome.runs, golden.runs, strict=True)

    def facts(run: Run) -> tuple[object, ...]:
        return run.solved, run.steps, run.cost_sum, theta_digest(run.theta)

    if differing := [one.seed for one, other in pairs if facts(one) != facts(other)]:
        console.print(f"the golden model differs for the seeds {differing}", style="red")
        return False
    console.print("the golden model agrees: same θ bit for bit, same steps, same cost")
    return True


def show(outcome: Training) -> None:
    """Print the runs, and how many were solved if they could be."""
    config, goal = outcome.config, outcome.config.training.has_goal
    known = outcome.accuracy(outcome.runs[0]) is not None
    names = ["seed", *(["solved"] if goal else []), "steps", *(["accuracy"] if known else [])]
    clocks = outcome.engine == "sim"
    table = Table(*names, *(["clocks"] if clocks else []), "cost", "theta_digest")
    for run in outcome.runs[:20]:
        accuracy = outcome.accuracy(run)
        table.add_row(
            str(run.seed),
            *(["yes" if run.solved else "no"] if goal else []),
            f"{run.steps:,}",
            *([] if accuracy is None else [f"{accuracy:.1%}"]),
            *([f"{run.clocks:,}"] if clocks else []),
            f"{outcome.mean_cost(run.cost_sum):.5f}",
            theta_digest(run.theta)[:16] + "…",
        )
    console.print(table)
    if len(outcome.runs) == 1:
        console.print(f"theta_digest {theta_digest(outcome.runs[0].theta)}")
    for what, said in (("timeouts", "asked again, as there was no answer"), ("unasked", "unasked")):
        count = sum(getattr(counted, what) for counted in outcome.counted)
        if count:
            console.print(f"the plant: {count:,} {said}", style="red")
    count, early = len(outcome.runs), ", interrupted" * outcome.interrupted
    if goal:
        steps = outcome.median_steps
        said = "" if steps is None else f", median {steps:,.0f} steps"
        console.print(f"{ENGINES[outcome.engine]}: {outcome.solved} of {count} solved{said}{early}")
    else:
        runs = f"{count} run{'s' * (count > 1)} of {config.training.steps:,} steps"
        console.print(f"{ENGINES[outcome.engine]}: {runs}{early}")


def _drawn(outcome: Training) -> Any:
    """Draw the cost over the steps, the target, and when runs were solved."""
    config = outcome.config
    figure, axes = picture.of_runs(outcome)
    axes["cost"].set_title(
        f"{config.plant.model or 'plant'}, {config.parameters} cells, {config.formats.theta}: "
        f"{outcome.engine}, {picture.outcome_of(outcome)}"
    )
    return figure
