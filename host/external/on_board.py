"""Training on a board with an external plant, which trains by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from host import ending, screen
from host.checks import Checks
from host.curve import Curve
from host.driver import State
from host.external import virtual
from host.external.device import ExternalDevice
from model.run import Interrupted, Run
from sim.external.train import Counted
from spec.external.config import ExternalConfig


def train(
    config: ExternalConfig, seeds: Sequence[int], port: str | None, checks: Checks
) -> Iterator[tuple[Run, Counted]]:
    """Let a board train one run a seed; yield each, and what was counted of the plant.

    Parameters
    ----------
    config : ExternalConfig
    seeds : sequence of int
    port : str or None
        As `host.ports.device`.
    checks : Checks
        Gets what the board's checks find.

    Raises
    ------
    Interrupted
        On a signal, as soon as the board has stopped.
    """
    steps = config.training.steps
    with (
        virtual.device(config, port) as device,
        ending.deferred(),
        screen.progress_bar("training on the board", steps * len(seeds)) as advance,
    ):
        device.stop()
        for k, seed in enumerate(seeds):
            if ending.asked():
                raise Interrupted([])

            def said(step: int, remark: str, seed: int = seed, done: int = k * steps) -> None:
                advance(done + step, f"seed {seed}, step {step}{remark}")

            run, curve = _run(device, seed, said, checks)
            if run.steps:
                curve.tell(checks, seed, run.steps)
                checks.end(run)
                yield run, device.counted()
            if ending.asked():
                raise Interrupted([])


def _run(
    device: ExternalDevice, seed: int, said: Callable[[int, str], None], checks: Checks
) -> tuple[Run, Curve]:
    """Train from a seed, and say how far it is; it is told to stop if somebody asks for that."""
    config = device.config
    device.configure(config.with_training(seed=seed))
    device.start()
    curve, scale = Curve(device), config.samples * 2**config.formats.cost_bits

    def looked(state: State) -> None:
        curve.look()
        if state.busy:
            curve.tell(checks, seed)
        timeouts = device.counted().timeouts
        cost = f", cost {state.cost_sum / scale:.4f}" if state.checks else ""
        late = f", asked again {timeouts:,} times" if timeouts else ""
        said(state.step, cost + late)
        if ending.asked() and state.busy:
            device.stop()

    run = device.result(seed, device.wait(looked))
    curve.look()
    return run, curve
