"""Training in simulated gateware."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hdl.trainer import Trainer
from model.trainer import Run
from sim import job, simulators
from sim.simulators import Simulator
from spec.config import Config


def prepare(config: Config, simulator: Simulator, folder: Path) -> Path:
    """Compile the gateware, unless it is compiled; return the build."""
    source = simulators.to_verilog(Trainer(config, probe=True))
    return simulators.build(source, simulator, folder)


def train(
    config: Config,
    seeds: Sequence[int],
    simulator: Simulator,
    folder: Path,
    progress: Callable[[int, int, int, int], None] | None = None,
) -> list[Run]:
    """Let the gateware train one run after the other, in one simulation.

    Parameters
    ----------
    config : Config
    seeds : sequence of int
    simulator : Simulator
    folder : Path
        Where builds are kept.
    progress : callable, optional
        Called at each check with seed, step, correct samples and sum of costs.
    """
    build = prepare(config, simulator, folder)
    runs: list[Run] = []

    def receive(line: dict[str, Any]) -> None:
        if "run" in line:
            state = line["run"]
            runs.append(
                Run(
                    line["seed"],
                    bool(state["solved"][0]),
                    state["step"][0],
                    line["clocks"],
                    state["correct"][0],
                    state["cost_sum"][0],
                    np.array(state["theta"], dtype=np.int64),
                )
            )
        elif "step" in line and progress:
            progress(line["seed"], line["step"], line["correct"], line["cost_sum"])

    job.run(job.Job("train", config, {"seeds": list(seeds)}), simulator, build, receive)
    return runs
