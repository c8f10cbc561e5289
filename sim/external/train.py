"""Training in simulated gateware, with a plant's model at its pins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hdl.external.trainer import ExternalTrainer
from model.run import Counted, Run
from sim import simulators
from sim.external.bench import ExternalBench
from sim.external.pins import Answer
from sim.external.session import Session
from sim.external.theta import read_theta
from sim.simulators import Simulator
from spec.external.config import ExternalConfig
from spec.external.registers import values

LONGEST = 100_000
"""Clocks without asking whether to end: a plant may never do anything again."""


@dataclass(frozen=True)
class Build:
    """Compiled gateware, with its bench."""

    folder: Path
    bench: ExternalBench


def prepare(config: ExternalConfig, folder: Path) -> Build:
    """Compile the gateware for Verilator, unless it is compiled; `folder` is where builds are."""
    trainer = ExternalTrainer(config, probe=True)
    bench = ExternalBench.of(trainer)
    source = simulators.to_verilog(trainer)
    return Build(simulators.build(source, bench, Simulator.VERILATOR, folder), bench)


def run(
    build: Build,
    config: ExternalConfig,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
    *,
    plant: Answer | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Run:
    """Let the gateware train one run.

    Parameters
    ----------
    build : Build
        What `prepare` returned for this config.
    config : ExternalConfig
    seed : int
    progress : callable, optional
        Called at each check with the step and the sum of costs.
    plant : Answer, optional
        What is at the pins; by default, a plant that answers as soon as it may.
    stop : callable, optional
        Asked again and again whether to end at the next step, or while the plant does not answer.
    """
    plant = plant or Answer(config)
    start = values(config.with_training(seed=seed)) | {"start": 1}
    with Session(build.folder, build.bench) as session:
        clock, outputs = session.run(0, start)
        while not outputs["done"]:
            inputs, wake = plant.react(clock, outputs)
            inputs |= {"start": 0, "stop": int(stop())}
            clock, outputs = session.run(min(wake, clock + LONGEST), inputs)
            if outputs["checked"] and progress:
                progress(outputs["step"], outputs["cost_sum"])
        theta = read_theta(session, config, clock)
    solved, step, cost_sum = bool(outputs["solved"]), outputs["step"], outputs["cost_sum"]
    counted = Counted(outputs["timeouts"], outputs["unasked"])
    return Run(seed, solved, step, clock, 0, cost_sum, theta, counted=counted)
