"""Training, verification, and what has come of them."""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from host import effort, ending, files, screen, weights
from host import train as training
from host.judging import Judgement, judge_run
from host.outcome import ENGINES, Training, differences
from mgd.inference import Weights, infer, preparation_of
from model import run as model
from model.eta import chosen
from sim import simulators
from sim import verify as lockstep
from sim.simulators import Simulator
from spec.config import Config
from spec.data.preparation import Preparation
from spec.errors import InputError


@dataclass(frozen=True, eq=False)
class Run:
    """One trained network.

    Attributes
    ----------
    config : Config
        With this run's seed, and a number for η.
    theta : array of int, shape (P,)
        Parameters in LSBs of `config.formats.theta`; layer by layer, neuron by neuron, weights then
        bias.
    steps : int
        Made.
    solved : bool or None
        Whether it reached its goal; None without one, as of own data.
    cost : float
        Mean cost over the samples of training, in the last check.
    accuracy : float
        Fraction of correct samples there; of own data that are numbers, see `train`.
    curve : array of float, shape (checks, 2)
        Step and mean cost of each check; empty after the first 200 runs.
    """

    config: Config
    theta: np.ndarray
    steps: int
    solved: bool | None
    cost: float
    accuracy: float
    curve: np.ndarray

    @property
    def seed(self) -> int:
        """From which θ began."""
        return self.config.training.seed

    @property
    def theta_digest(self) -> str:
        """SHA-256 of θ, the same on every engine and machine."""
        return model.theta_digest(self.theta)

    @property
    def preparation(self) -> Preparation:
        """How samples become inputs, and outputs classes or numbers."""
        return preparation_of(self.config, self.config.own and self.config.own.preparation)

    @property
    def train(self) -> Judgement | None:
        """What θ is worth on own data that it was trained on; None for a built-in task."""
        return self._judged.get("train")

    @property
    def validation(self) -> Judgement | None:
        """The same on the samples of `validation=0.2`, by which it may have ended; else None."""
        return self._judged.get("validation")

    @property
    def test(self) -> Judgement | None:
        """The same on the samples that `test=0.2` or the like kept from training; else None."""
        return self._judged.get("test")

    @cached_property
    def _judged(self) -> dict[str, Judgement]:
        if self.config.own is None:
            return {}
        return judge_run(self.config, self.theta, self.seed)

    @property
    def weights(self) -> Weights:
        """The network without the data."""
        trained = weights.Trained.of(self.config, self.theta)
        return Weights(Config.without_samples(trained.tables), trained)

    def predict(self, x: Any) -> np.ndarray:
        """Return the class or the numbers of each sample, as `Inference.prediction`."""
        return infer(self, x).prediction


def train(
    config: Config,
    runs: int = 8,
    engine: str = "model",
    *,
    simulator: str = "verilator",
    port: str | None = None,
) -> list[Run]:
    """Train runs of consecutive seeds, from `config.training.seed` on.

    Parameters
    ----------
    config : Config
    runs : int
    engine : str
        "model": the golden model; "sim": simulated gateware; "board": a board; "loop": a board that
        only evaluates. All but the first are compared with the golden model at the end.
    simulator : str
        For "sim": "verilator" or "icarus". Builds are kept in the folder build/.
    port : str, optional
        Of the board; "virtual" simulates one.

    Returns
    -------
    list of Run
        In the order of their seeds; `min(runs, key=lambda run: run.cost)` is the best in training.

    Raises
    ------
    InputError
        If an argument is wrong, or the runs do not fit in memory.
    RuntimeError
        If the engine is none that works, or differs from the golden model.
    Interrupted
        On Ctrl-C, once steps were made; it has what was learned, and is a KeyboardInterrupt. Not
        in a thread, nor where the program hears SIGINT itself.
    """
    if engine not in ENGINES:
        raise InputError(f"engine = {engine!r}: must be one of {', '.join(ENGINES)}")
    if not isinstance(runs, int) or runs < 1:
        raise InputError(f"runs = {runs!r}: must be a whole number of at least 1")
    kind = _simulator(simulator)
    if engine == "sim":
        simulators.require(kind)
    config = chosen(config)
    training.check_seeds(config.training.seed, runs)
    effort.require_memory(config, runs)
    with screen.silenced(), _ctrl_c():
        outcome = training.train(config, engine, runs, kind, port=port)
        interrupted = outcome.interrupted
        if engine != "model" and not interrupted:
            try:
                _compare(outcome)
            except KeyboardInterrupt:
                interrupted = True
    if interrupted:
        raise Interrupted(_runs(outcome))
    return _runs(outcome)


class Interrupted(KeyboardInterrupt):
    """Training was ended by Ctrl-C.

    Attributes
    ----------
    runs : list of Run
        Those that had ended, and the others as they were; none that had made no step.
    """

    def __init__(self, runs: list[Run]) -> None:
        super().__init__()
        self.runs = runs


def _ctrl_c() -> contextlib.AbstractContextManager[None]:
    """Let Ctrl-C wait until a step is over, unless the program has its own way with it."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        return ending.signals((signal.SIGINT,))
    return contextlib.nullcontext()


def _runs(outcome: Training) -> list[Run]:
    config = outcome.config
    goal = config.training.has_goal
    return [
        Run(
            config.with_training(seed=run.seed),
            run.theta,
            run.steps,
            run.solved if goal else None,
            outcome.mean_cost(run.cost_sum),
            outcome.accuracy(run),
            np.array(outcome.curves.get(run.seed, []), dtype=np.float64).reshape(-1, 2),
        )
        for run in outcome.runs
    ]


def verify(
    config: Config, simulator: str = "verilator", *, steps: int | None = None
) -> lockstep.Verification:
    """Compare gateware and golden model in every clock, as `mgd verify`.

    Parameters
    ----------
    config : Config
    simulator : str
        "verilator" or "icarus".
    steps : int, optional
        By default so many that they take 20,000 clocks.

    Returns
    -------
    Verification
        `mismatches` lists who differs in the first clock in which any does; empty if none ever.
    """
    kind = _simulator(simulator)
    simulators.require(kind)
    config = chosen(config)
    config = config.with_training(steps=steps or lockstep.default_steps(config))
    with screen.silenced():
        return lockstep.verify(config, kind, files.BUILD / "sim")


def save(network: Run | Weights, path: Path | str) -> None:
    """Write a trained network to a file, .npz, as `mgd train --save`.

    Parameters
    ----------
    network : Run or Weights
    path : path-like
        Written whole or not at all.

    Raises
    ------
    InputError
        If there can be no such file.
    """
    path = Path(os.fspath(path))
    weights.check_suffix(path)
    files.check_outputs([path])
    weights.keep(path, network.weights.trained if isinstance(network, Run) else network.trained)


def _simulator(name: str) -> Simulator:
    names = [kind.value for kind in Simulator]
    if name not in names:
        raise InputError(f"simulator = {name!r}: must be one of {', '.join(names)}")
    return Simulator(name)


def _compare(outcome: Training) -> None:
    """Raise a RuntimeError where an engine and the golden model differ."""
    golden = outcome.golden or training.train(outcome.config, "model", len(outcome.runs))
    if golden.interrupted:
        raise KeyboardInterrupt
    if differing := differences(outcome, golden):
        engine = ENGINES[outcome.engine]
        raise RuntimeError(f"{engine}: the golden model differs for the seeds {differing}")
