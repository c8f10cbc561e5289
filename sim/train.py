"""Training in simulated gateware."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from hdl.trainers import trainer_of
from model.number.fixed import Ints
from model.run import Interrupted, Run
from sim import simulators, stimulus
from sim.bench import CHECK, Bench
from sim.simulation import Simulation
from sim.simulators import Simulator
from sim.theta import theta_of
from spec.config import Config


def prepare(config: Config, simulator: Simulator, folder: Path) -> Path:
    """Compile the gateware, unless it is compiled; return the build."""
    source = simulators.to_verilog(trainer_of(config, probe=True))
    return simulators.build(source, Bench.of(config), simulator, folder)


def train(
    config: Config,
    seeds: Sequence[int],
    simulator: Simulator,
    folder: Path,
    progress: Callable[[int, int, int, int], None] | None = None,
) -> list[Run]:
    """Let the gateware train, as `run` does; it is compiled first. `folder` is where builds are."""
    return run(prepare(config, simulator, folder), config, seeds, simulator, progress)


def run(
    build: Path,
    config: Config,
    seeds: Sequence[int],
    simulator: Simulator,
    progress: Callable[[int, int, int, int], None] | None = None,
    ended: Callable[[Run], None] = lambda run: None,
) -> list[Run]:
    """Let the gateware train one run after the other, in one simulation.

    Parameters
    ----------
    build : Path
        What `prepare` returned for this config.
    config : Config
    seeds : sequence of int
    simulator : Simulator
    progress : callable, optional
        Called at each check with seed, step, correct samples and sum of costs.
    ended : callable, optional
        Called with each run at its end.

    Raises
    ------
    Interrupted
        On a KeyboardInterrupt: with the runs that ended, and the one under way as it was at its
        last check.
    """
    record = np.dtype([*CHECK.descr, ("probe", "<u4", (Bench.of(config).probe_words,))])
    last: list[Run] = []
    rows = stimulus.runs(config, list(seeds))
    theta = theta_of(config)
    try:
        with Simulation(build, simulator, rows, record, every=False) as simulation:
            for k, seed in enumerate(seeds):
                for check in simulation:
                    theta.see(check["probe"][None])
                    if not check["checked"] and not check["done"]:
                        continue
                    last[k:] = [_run(seed, check, theta.values())]
                    if check["done"]:
                        ended(last[k])
                        break
                    if progress:
                        progress(seed, *(int(check[n]) for n in ("step", "correct", "cost_sum")))
    except KeyboardInterrupt:
        raise Interrupted(last) from None
    return last


def _run(seed: int, check: np.void, theta: Ints) -> Run:
    """Return a run as it was at a check."""
    step, clock, correct, cost_sum = (
        int(check[name]) for name in ("step", "clock", "correct", "cost_sum")
    )
    return Run(seed, bool(check["solved"]), step, clock, correct, cost_sum, theta)
