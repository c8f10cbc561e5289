"""Training, on any engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, overload

from host import ending, files, on_board, ports, screen
from host.checks import Checks
from host.external.outcome import PlantTraining
from host.live import Chart
from host.outcome import Outcome, Training, mean_cost
from model.loop import Loop
from model.number.fixed import Ints
from model.run import Interrupted, Run
from model.training import trainer_of, worth_compiling
from sim import train as simulation
from sim.external import train as plant_simulation
from sim.simulators import Simulator
from spec.config import Config
from spec.errors import InputError
from spec.external.config import AnyConfig, ExternalConfig
from spec.training import Training as Options

LARGEST_SEED: int = Options.__dataclass_fields__["seed"].metadata["high"]


@overload
def train(
    config: Config,
    engine: str,
    runs: int,
    simulator: Simulator = ...,
    theta: Ints | None = ...,
    port: str | None = ...,
    *,
    live: bool = ...,
) -> Training: ...


@overload
def train(
    config: ExternalConfig,
    engine: str,
    runs: int,
    simulator: Simulator = ...,
    theta: Ints | None = ...,
    port: str | None = ...,
    *,
    live: bool = ...,
) -> PlantTraining: ...


def train(
    config: AnyConfig,
    engine: str,
    runs: int,
    simulator: Simulator = Simulator.VERILATOR,
    theta: Ints | None = None,
    port: str | None = None,
    *,
    live: bool = False,
) -> Outcome[Any]:
    """Train `runs` runs of consecutive seeds from the config's on, showing progress.

    Parameters
    ----------
    config : Config or ExternalConfig
    engine : str
        One of `host.outcome.ENGINES`; for an external plant, not "loop".
    runs : int
    simulator : Simulator
        For the engine "sim".
    theta : array of int, shape (P,), optional
        To begin all runs with, in LSBs; by default each as from its seed. Not for "sim".
    port : str, optional
        Of the board, for "board" and "loop"; see `host.ports`.
    live : bool
        Whether the cost over the steps is shown with the progress.

    Raises
    ------
    KeyboardInterrupt
        On a signal before any step is made; later, what was learned until then is returned.
    """
    if isinstance(config, Config) and engine != "model" and config.training.patience:
        golden = train(config, "model", runs, theta=theta, live=live)
        return _as_long(golden, engine, simulator, theta, port, live=live)
    seeds = list(range(config.training.seed, config.training.seed + runs))
    scored = config.samples if isinstance(config, Config) else None
    checks = Checks(seeds, lambda cost_sum: mean_cost(config, cost_sum), scored)
    early = False
    with screen.above(Chart(checks, goal=config.training.has_goal) if live else None):
        try:
            if engine == "sim":
                found = _simulate(config, seeds, simulator, checks)
            elif engine == "board":
                found = on_board.train(config, seeds, theta, port, checks)
            elif engine == "loop" and isinstance(config, Config):
                found = on_board.train_in_loop(config, seeds, theta, port, checks)
            else:
                found = _golden(config, seeds, theta, checks)
        except Interrupted as error:
            if not error.runs:
                raise
            found, early = error.runs, True
    if isinstance(config, Config):
        return Training(engine, config, found, checks.costs, checks.accuracies, early)
    modelled = engine != "board" or port == ports.VIRTUAL
    return PlantTraining(engine, config, found, checks.costs, interrupted=early, modelled=modelled)


def _as_long(
    golden: Training,
    engine: str,
    simulator: Simulator,
    theta: Ints | None,
    port: str | None,
    *,
    live: bool,
) -> Training:
    """Train on an engine, run by run, as many steps as runs of the golden model made."""
    if golden.interrupted:  # and nothing is known of the engine
        raise KeyboardInterrupt
    config = golden.config
    made = Training(engine, config, [], golden=golden)
    for run in golden.runs:
        known = config.with_training(seed=run.seed, steps=run.steps, patience=0)
        try:
            one = train(known, engine, 1, simulator, theta, port, live=live)
        except KeyboardInterrupt:
            if not made.runs:
                raise
            return replace(made, interrupted=True)
        made.runs.extend(one.runs)
        if run.seed in golden.curves:
            made.curves.update(one.curves)
            made.accuracies.update(one.accuracies)
        if one.interrupted:
            return replace(made, interrupted=True)
    return made


def check_seeds(first: int, runs: int) -> None:
    """Raise an InputError if the last of consecutive seeds is larger than a seed can be."""
    if runs > LARGEST_SEED - first + 1:
        raise InputError(
            f"--runs {runs}: there are {LARGEST_SEED - first + 1:,} seeds from {first} on, as "
            f"{LARGEST_SEED} is the largest"
        )


def _golden(config: AnyConfig, seeds: list[int], theta: Ints | None, checks: Checks) -> list[Run]:
    with screen.progress_bar("golden model", config.training.steps) as advance:

        def checked(trainer: Loop[Any, Any]) -> None:
            checks.take(trainer)
            remark = f"step {trainer.n:,}"
            if config.training.has_goal:
                solved = sum(run.solved for run in trainer.finished)
                remark += f", {solved}/{len(seeds)} solved"
            advance(trainer.n, remark)

        if worth_compiling(config, len(seeds)):
            advance(0, "compiled code is loaded; it is made the first time")
        trainer = trainer_of(config, seeds)
        if theta is not None:
            trainer.start_from(theta)
        with ending.deferred():
            return trainer.run(checked, ending.asked)


def _simulate(
    config: AnyConfig, seeds: Sequence[int], simulator: Simulator, checks: Checks
) -> list[Run]:
    steps, folder = config.training.steps, files.BUILD / "sim"
    with screen.working(f"compiling the gateware for {simulator.value}"):
        if isinstance(config, ExternalConfig):
            run = partial(_with_plant, plant_simulation.prepare(config, folder), config, seeds)
        else:
            build = simulation.prepare(config, simulator, folder)
            run = partial(simulation.run, build, config, seeds, simulator)
    with screen.progress_bar(f"gateware in {simulator.value}", steps * len(seeds)) as advance:

        def checked(seed: int, step: int, correct: int | None, cost_sum: int) -> None:
            checks.add(seed, step, cost_sum, correct)
            done = (seed - seeds[0]) * steps + step
            advance(done, f"seed {seed}, step {step}, cost {mean_cost(config, cost_sum):.4f}")

        return run(checked, checks.end)


def _with_plant(
    build: plant_simulation.Build,
    config: ExternalConfig,
    seeds: Sequence[int],
    checked: Callable[[int, int, int | None, int], None],
    ended: Callable[[Run], None],
) -> list[Run]:
    """Let simulated gateware train a plant, one run after the other."""
    runs = []
    for seed in seeds:

        def of_a_run(step: int, cost_sum: int, seed: int = seed) -> None:
            checked(seed, step, None, cost_sum)

        with ending.deferred():
            runs.append(plant_simulation.run(build, config, seed, of_a_run, stop=ending.asked))
            ended(runs[-1])
            if ending.asked():
                raise Interrupted(runs)
    return runs
