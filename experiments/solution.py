"""How many steps and clocks a config takes to its solution, checked in simulated gateware."""

from __future__ import annotations

from typing import Any

from host import train as training
from host.outcome import Training, differences, median
from model.trainer import Run, theta_digest
from sim import simulators
from sim.simulators import Simulator
from spec.config import Config

GOLDEN = 200
"""Runs of the golden model for most rows of the report, with the seeds 1, 2, 3, …"""

SIMULATED = 3
"""Runs that the gateware trains too: the seeds 1, 2 and 3."""


class DifferenceError(RuntimeError):
    """The simulated gateware is not what the golden model says; the message is one line."""


def solve(
    config: Config,
    runs: int,
    simulated_steps: int | None = None,
    simulator: Simulator = Simulator.VERILATOR,
) -> dict[str, Any]:
    """Train in the golden model, and the first runs in simulated gateware too.

    Parameters
    ----------
    config : Config
        Its seed does not count: the seeds are 1, 2, 3, …
    runs : int
        Of the golden model; at least `SIMULATED`.
    simulated_steps : int, optional
        Both stop after so many steps where they are compared. Without it, whole runs are, of which
        the results are made.
    simulator : Simulator

    Returns
    -------
    dict
        `golden` and `simulated`, as in docs/json.md.

    Raises
    ------
    InputError
        If the simulator is missing.
    DifferenceError
        If steps, clocks, θ or anything else at the end of a run differs.
    """
    simulators.require(simulator)
    config = config.with_training(seed=1)
    golden = training.train(config, "model", runs, simulator)
    compared = config
    expected = Training("model", config, golden.runs[:SIMULATED])
    if simulated_steps is not None:
        compared = config.with_training(steps=simulated_steps)
        expected = training.train(compared, "model", SIMULATED, simulator)
    check(training.train(compared, "sim", SIMULATED, simulator), expected)
    return {
        "golden": {
            "seeds": runs,
            "solved": golden.solved,
            "median_steps": median(golden.runs, "steps"),
            "median_clocks": median(golden.runs, "clocks"),
        },
        "simulated": {
            "seeds": SIMULATED,
            "simulator": simulator.value,
            "steps": simulated_steps,
        },
    }


def check(simulated: Training, golden: Training) -> None:
    """Raise a DifferenceError for the first run that ends differently."""
    for seed in differences(simulated, golden):
        one, other = (
            next(_summary(run) for run in each.runs if run.seed == seed)
            for each in (simulated, golden)
        )
        raise DifferenceError(f"seed {seed}: the gateware made {one}; the golden model {other}")


def _summary(run: Run) -> str:
    return (
        f"{run.steps} steps in {run.clocks} clocks, score {run.correct} and {run.cost_sum}, "
        f"theta_digest {theta_digest(run.theta)}"
    )
