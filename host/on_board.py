"""Training on a board: by itself, or by this computer, for which it only evaluates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import overload

from host import ending, ports, screen, supply
from host.checks import Checks
from host.curve import Curve
from host.device import Device
from host.driver import AnyDriver
from host.loop import LoopTrainer, require_trainable
from host.outcome import mean_cost
from host.state import State
from model.number.fixed import Ints
from model.run import Interrupted, Run
from model.trainer import Trainer
from spec.config import Config
from spec.external.config import AnyConfig


def train(
    config: AnyConfig, seeds: Sequence[int], theta: Ints | None, port: str | None, checks: Checks
) -> list[Run]:
    """Let a board train one run a seed.

    Parameters
    ----------
    config : Config or ExternalConfig
    seeds : sequence of int
    theta : array of int, shape (P,), optional
        To begin with, in LSBs; by default as from the seed.
    port : str or None
        As `ports.device`.
    checks : Checks
        Gets what the board's checks find.

    Returns
    -------
    list of Run
        Without clocks, which a board does not count: 0.

    Raises
    ------
    Interrupted
        On a signal, as soon as the board has stopped.
    """
    runs = []
    with _idle(config, port) as device, _bar(config, seeds, "training on the board") as advance:
        if isinstance(device, Device) and device.ring:
            _announce_rates(device)
        for seed in seeds:
            if ending.asked():
                raise Interrupted(runs)
            if theta is None:
                device.configure(device.config.with_training(seed=seed))
                device.start()
            else:
                device.load_initial(seed, theta)
                device.resume()
            curve = Curve(device)

            def looked(state: State, seed: int = seed, curve: Curve = curve) -> None:
                curve.look()
                if state.busy:
                    curve.tell(checks, seed)
                cost_sum = state.cost_sum if state.checks else None
                advance(seed, state.step, cost_sum, device.remark())
                if ending.asked() and state.busy:
                    device.stop()

            run = device.result(seed, device.wait(looked))
            curve.look()
            if run.steps:
                runs.append(run)
                curve.tell(checks, seed, run.steps)
                checks.end(run)
            if ending.asked():
                raise Interrupted(runs)
    return runs


def train_in_loop(
    config: Config, seeds: Sequence[int], theta: Ints | None, port: str | None, checks: Checks
) -> list[Run]:
    """Train by a board that only evaluates; as `train`."""
    require_trainable(config)
    runs: list[Run] = []
    with _idle(config, port) as device, _bar(config, seeds, "chip in the loop") as advance:
        for seed in seeds:
            trainer = LoopTrainer(device, seed)
            if theta is not None:
                trainer.start_from(theta)

            def looked(trainer: Trainer, seed: int = seed) -> None:
                assert trainer.score is not None
                cost_sum = int(trainer.score.cost_sum[0])
                checks.add(seed, trainer.n, cost_sum)
                advance(seed, trainer.n, cost_sum, "")

            try:
                runs += trainer.run(looked, ending.asked)
                checks.end(runs[-1])
            except Interrupted as error:
                raise Interrupted(_unclocked(runs + error.runs)) from None
    return _unclocked(runs)


def _announce_rates(device: Device) -> None:
    """Say how many samples the line brings, and how many the trainer could use."""
    config = device.config
    brings, uses = supply.line_rate(config), supply.trainer_rate(config, device.clock_hz)
    ending.say(
        f"{config.build.samples} of {len(config.data):,} samples fit; at {config.build.baud:,} "
        f"baud the line brings {brings:,.0f} a second, and the trainer could use {uses:,.0f}"
    )


def _unclocked(runs: list[Run]) -> list[Run]:
    return [replace(run, clocks=0) for run in runs]


@overload
def _idle(config: Config, port: str | None) -> AbstractContextManager[Device]: ...


@overload
def _idle(config: AnyConfig, port: str | None) -> AbstractContextManager[AnyDriver]: ...


@contextmanager
def _idle(config: AnyConfig, port: str | None) -> Iterator[AnyDriver]:
    """Open a device, end what it does, and give it the config's samples.

    From then on, a signal waits until an exchange with it is over.
    """
    with ports.device(config, port) as device, ending.deferred():
        device.stop()
        device.upload()
        yield device


@contextmanager
def _bar(
    config: AnyConfig, seeds: Sequence[int], title: str
) -> Iterator[Callable[[int, int, int | None, str], None]]:
    """Show how far all runs are."""
    steps = config.training.steps
    with screen.progress_bar(title, steps * len(seeds)) as advance:

        def show(seed: int, step: int, cost_sum: int | None, remark: str) -> None:
            cost = "" if cost_sum is None else f", cost {mean_cost(config, cost_sum):.4f}"
            advance((seed - seeds[0]) * steps + step, f"seed {seed}, step {step}{cost}{remark}")

        yield show
