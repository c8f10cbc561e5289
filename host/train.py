"""Training, on any engine."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from host import ending, files, on_board, screen
from host.checks import Checks, Curves
from host.judging import Judgement, judge_run
from host.live import Chart
from model.held_out import held_out_accuracy
from model.number.fixed import Ints
from model.run import Interrupted, Run, theta_digest
from model.trainer import Trainer
from model.training import trainer_of, worth_compiling
from sim import train as simulation
from sim.simulators import Simulator
from spec.config import Config
from spec.errors import InputError
from spec.tasks import Kind
from spec.training import Training as Options

ENGINES = {
    "model": "golden model",
    "sim": "simulated gateware",
    "board": "board",
    "loop": "chip in the loop",
}
"""With the names that a user sees."""

ON_BOARD = ("board", "loop")
"""Those that need a board; it does not count clocks."""

PARTS = ("train", "validation", "test")
"""Of own data."""

LARGEST_SEED: int = Options.__dataclass_fields__["seed"].metadata["high"]


@dataclass(frozen=True)
class Training:
    """The outcome of `train`.

    Attributes
    ----------
    engine : str
    config : Config
    runs : list of Run
        In the order of their seeds.
    curves : Curves
    accuracies : Curves
        The fraction of correct samples in place of the cost; a board does not keep it.
    interrupted : bool
        Whether it was ended before its time; runs that had made no step are missing then.
    golden : Training or None
        The same in the golden model, where that had to go first: it says how many steps each run
        makes if `training.patience` ends it.
    """

    engine: str
    config: Config
    runs: list[Run]
    curves: Curves = field(default_factory=dict)
    accuracies: Curves = field(default_factory=dict)
    interrupted: bool = False
    golden: Training | None = None

    def mean_cost(self, cost_sum: int) -> float:
        """Mean cost over the samples, of the sum a check counts."""
        return mean_cost(self.config, cost_sum)

    def accuracy(self, run: Run) -> float:
        """Fraction of correct samples in a run's last check."""
        return run.correct / len(self.config.data)

    def held_out_accuracy(self, run: Run) -> float | None:
        """Fraction of correct held-out samples at a run's end; None if the task has none."""
        own = self.config.own
        if own and own.preparation.targets.kind is Kind.NUMBERS:
            return None
        return held_out_accuracy(run.theta, self.config)

    @cached_property
    def judgements(self) -> list[dict[str, Judgement]]:
        """What each run's final θ is worth on each part of own data; else empty."""
        if self.config.own is None:
            return []
        return [judge_run(self.config, run.theta, run.seed) for run in self.runs]

    @property
    def solved(self) -> int:
        """Number of solved runs."""
        return sum(run.solved for run in self.runs)

    @property
    def median_steps(self) -> float | None:
        """As `median`."""
        return median(self.runs, "steps")

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON."""
        goal = self.config.training.has_goal
        judged: Sequence[dict[str, Judgement]] = self.judgements or [{}] * len(self.runs)
        return {
            "engine": self.engine,
            "config": self.config.to_dict(),
            "data": own_to_json(self.config),
            "interrupted": self.interrupted,
            "solved": self.solved if goal else None,
            "solved_fraction": self.solved / len(self.runs) if goal else None,
            "median_steps": self.median_steps,
            "runs": [
                {
                    "seed": run.seed,
                    "solved": run.solved if goal else None,
                    "steps": run.steps,
                    "clocks": None if self.engine in ON_BOARD else run.clocks,
                    "waited": run.waited,
                    "accuracy": self.accuracy(run),
                    "held_out_accuracy": self.held_out_accuracy(run),
                    "cost": self.mean_cost(run.cost_sum),
                    **{name: part.get(name) and part[name].to_json() for name in PARTS},
                    "theta_digest": theta_digest(run.theta),
                }
                for run, part in zip(self.runs, judged, strict=True)
            ],
        }


def own_to_json(config: Config) -> dict[str, Any] | None:
    """Return the documented JSON of what was made of the user's data; None if there are none."""
    own = config.own
    if own is None:
        return None
    return {
        **own.preparation.to_dict(),
        **{
            f"{name}_samples": len(own.parts[name].data) if name in own.parts else 0
            for name in PARTS
        },
        "notes": list(own.notes),
    }


def median(runs: Sequence[Run], what: str) -> float | None:
    """Median of an attribute of all runs, infinite where unsolved; None if it is infinite."""
    found = statistics.median(getattr(run, what) if run.solved else math.inf for run in runs)
    return found if math.isfinite(found) else None


def mean_cost(config: Config, cost_sum: int) -> float:
    """Mean cost over the samples, of the sum a check counts."""
    return cost_sum / (len(config.data) * 2**config.formats.cost_bits)


def train(
    config: Config,
    engine: str,
    runs: int,
    simulator: Simulator = Simulator.VERILATOR,
    theta: Ints | None = None,
    port: str | None = None,
    *,
    live: bool = False,
) -> Training:
    """Train `runs` runs of consecutive seeds from the config's on, showing progress.

    Parameters
    ----------
    config : Config
    engine : str
        One of `ENGINES`.
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
    if engine != "model" and config.training.patience:
        golden = train(config, "model", runs, theta=theta, live=live)
        return _as_long(golden, engine, simulator, theta, port, live=live)
    seeds = list(range(config.training.seed, config.training.seed + runs))
    checks = Checks(seeds, lambda cost_sum: mean_cost(config, cost_sum), len(config.data))
    early = False
    with screen.above(Chart(checks, goal=config.training.has_goal) if live else None):
        try:
            if engine == "sim":
                found = _simulate(config, seeds, simulator, checks)
            elif engine in ON_BOARD:
                trained = on_board.train if engine == "board" else on_board.train_in_loop
                found = trained(config, seeds, theta, port, checks)
            else:
                found = _golden(config, seeds, theta, checks)
        except Interrupted as error:
            if not error.runs:
                raise
            found, early = error.runs, True
    return Training(engine, config, found, checks.costs, checks.accuracies, interrupted=early)


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


def _golden(config: Config, seeds: list[int], theta: Ints | None, checks: Checks) -> list[Run]:
    with screen.progress_bar("golden model", config.training.steps) as advance:

        def checked(trainer: Trainer) -> None:
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


def _simulate(config: Config, seeds: list[int], simulator: Simulator, checks: Checks) -> list[Run]:
    steps = config.training.steps
    with screen.working(f"compiling the gateware for {simulator.value}"):
        build = simulation.prepare(config, simulator, files.BUILD / "sim")
    with screen.progress_bar(f"gateware in {simulator.value}", steps * len(seeds)) as advance:

        def checked(seed: int, step: int, correct: int, cost_sum: int) -> None:
            checks.add(seed, step, cost_sum, correct)
            done = (seed - seeds[0]) * steps + step
            cost = mean_cost(config, cost_sum)
            advance(done, f"seed {seed}, step {step}, cost {cost:.3f}")

        return simulation.run(build, config, seeds, simulator, checked, checks.end)


def differences(one: Training, other: Training) -> list[int]:
    """Seeds whose runs differ in anything both engines tell: θ, steps, score, and clocks."""
    uncounted = {one.engine, other.engine} & set(ON_BOARD)

    def facts(run: Run) -> tuple[object, ...]:
        clocks = None if uncounted else run.clocks
        return run.solved, run.steps, clocks, run.correct, run.cost_sum, theta_digest(run.theta)

    return [a.seed for a, b in zip(one.runs, other.runs, strict=True) if facts(a) != facts(b)]
