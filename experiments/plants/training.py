"""Training of the example plants, beside the float reference and software."""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from examples.plants.crossbar import Crossbar
from experiments import backpropagation
from experiments.backpropagation import accuracies
from experiments.place import ROOT, table
from host.external.accuracy import accuracy_of
from model.external.trainer import ExternalTrainer
from model.reference import Array
from model.reference.external import ExternalReference
from spec.config import read_toml
from spec.external.config import ExternalConfig

PLANTS = ROOT / "examples" / "plants"

SEEDS = 20

CHECK_EVERY = 20
"""Steps, so that steps to the goal are known as well as that."""

NOISE = 0.01
"""Of the cost at the start."""

LEFT = 0.1
"""Of the cost at the start, which the meshes are to reach."""

IDEAL = {"variation": 0.0, "read_noise": 0.0, "levels": 0, "stuck": 0.0}
"""Options of a crossbar that is the same network as in software."""


@dataclass(frozen=True)
class Case:
    """What is trained.

    Attributes
    ----------
    example : str
    noise : float
        Of each perturbed cost, of the cost at the start.
    relative : bool
        Whether the goal is `LEFT` of the cost at the start, and not the config's.
    other : dict
        Options of the model in place of the example's.
    eta : int or None
        log2 η in place of the example's.
    """

    example: str
    noise: float = 0.0
    relative: bool = False
    other: dict[str, Any] = field(default_factory=dict)
    eta: int | None = None


CASES = {
    "mesh-9": Case("mesh-9", relative=True),
    "mesh": Case("mesh", relative=True),
    "mesh, noise": Case("mesh", relative=True, other={"noise": NOISE}),
    "mesh, constant noise": Case("mesh", noise=NOISE, relative=True),
    "mesh-256": Case("mesh-256", relative=True),
    "crossbar": Case("crossbar"),
    "crossbar, ideal": Case("crossbar", other=IDEAL),
    "recurrent": Case("recurrent"),
    "spiking": Case("spiking"),
    "spiking, half of η": Case("spiking", eta=-6),
}


def configured(case: Case) -> ExternalConfig:
    """Return the config of a case, with noise in units of a cost."""
    given = read_toml(PLANTS / f"{case.example}.toml")
    given["plant"].setdefault("options", {}).update(case.other)
    if case.eta is not None:
        given["training"]["eta"] = case.eta
    config = ExternalConfig.from_dict(given, PLANTS)
    if not case.noise:
        return config
    start = statistics.median(starts(config, range(1, SEEDS + 1)))
    hardware = dataclasses.replace(config.hardware, cost_noise=case.noise * start)
    return dataclasses.replace(config, hardware=hardware)


def initialised(config: ExternalConfig, seeds: Sequence[int]) -> ExternalTrainer:
    """Return the golden trainer once the initial θ of each seed is made."""
    trainer = ExternalTrainer(config, seeds)
    for _ in trainer.initialise():
        pass
    return trainer


def floats(trainer: ExternalTrainer) -> Array:
    """Return θ of each run as numbers, shape (runs, P)."""
    lsb = math.ldexp(1.0, -trainer.cells.cell.theta.fraction_bits)
    return trainer.cells.theta.astype(np.float64) * lsb


def in_software() -> dict[str, Any]:
    """Train the network of the ideal crossbar by backpropagation, from the θ of all seeds."""
    config = configured(CASES["crossbar, ideal"])
    network = Crossbar(**config.plant.options)
    found = accuracies(network, floats(initialised(config, range(1, SEEDS + 1))))
    return {
        "seeds": SEEDS,
        "steps": backpropagation.STEPS,
        "eta": backpropagation.ETA,
        "accuracy": statistics.mean(found),
        "least_accuracy": min(found),
    }


def starts(config: ExternalConfig, seeds: Sequence[int]) -> list[float]:
    """Return the mean cost of each seed's initial θ."""
    trainer = initialised(config, seeds)
    scale = config.samples * 2**config.formats.cost_bits
    return (trainer.plant.check(trainer.cells.weights()).cost_sum / scale).tolist()


class Driven(ExternalReference):
    """The loop in float64 with the initial θ, perturbations and samples of the golden model.

    What is left of a difference is made by converters and LSBs; noise is drawn anew.
    """

    def __init__(self, config: ExternalConfig, seed: int) -> None:
        super().__init__(config, np.random.default_rng(seed))
        self._golden = initialised(config, [seed])
        self.theta = floats(self._golden)[0]

    def perturbation(self) -> Array:
        """Take the golden model's."""
        self._golden.code.perturb()
        return self.amplitude * self._golden.code.theta_tilde[0]

    def next_sample(self) -> int:
        """Take the golden model's."""
        self._golden.plant.samples.advance()
        return int(self._golden.plant.samples.index[0])


def trained(case: Case) -> dict[str, Any]:
    """Train all seeds of a case in the golden model, and as many in float64."""
    config, seeds = configured(case), range(1, SEEDS + 1)
    training, goal = config.training, config.training.solved_cost
    found, others, ends, correct, ratios = [], [], [], [], []
    for seed, start in zip(seeds, starts(config, seeds), strict=True):
        wanted = LEFT * start if case.relative else goal
        one = config.with_training(
            seed=seed, solved_cost=wanted, solved_accuracy=-1.0, check_every=CHECK_EVERY
        )
        (run,) = ExternalTrainer(one, [seed]).run()
        cost = run.cost_sum / (config.samples * 2**config.formats.cost_bits)
        found.append(run.steps if run.solved else None)
        ends.append(cost)
        ratios.append(cost / start)
        correct.append(accuracy_of(one, run.theta))
        others.append(Driven(one, seed).steps_to(wanted, CHECK_EVERY, training.steps))
    return {
        "example": case.example,
        "parameters": config.parameters,
        "cost_noise": config.hardware.cost_noise,
        "goal": f"{LEFT:g} of the start" if case.relative else goal,
        "seeds": SEEDS,
        "steps": training.steps,
        "solved": sum(steps is not None for steps in found),
        "median_steps": _median(found),
        "most_steps": None if None in found else max(found),
        "reference_solved": sum(steps is not None for steps in others),
        "reference_median_steps": _median(others),
        "reference_most_steps": None if None in others else max(others),
        "cost": statistics.median(ends),
        "cost_ratio": statistics.median(ratios),
        "accuracy": None if None in correct else statistics.mean(correct),
    }


def _median(steps: Sequence[int | None]) -> float | None:
    found = statistics.median(math.inf if one is None else one for one in steps)
    return found if math.isfinite(found) else None


def render(report: dict[str, Any]) -> str:
    """Make the Markdown of the table of trainings."""

    def steps(value: float | None) -> str:
        return "–" if value is None else f"{value:,.0f}"

    def percent(value: float | None) -> str:
        return "" if value is None else f"{value:.1%}"

    header = (
        "", "P", "goal: mean cost", "solved", "steps, median", "most", "in float64: solved",
        "steps, median", "most", "accuracy", "by backpropagation",
    )  # fmt: skip
    rows = [
        (
            f"`{name}`",
            f"{row['parameters']}",
            f"{row['goal']}",
            f"{row['solved']} of {row['seeds']}",
            steps(row["median_steps"]),
            steps(row["most_steps"]),
            f"{row['reference_solved']} of {row['seeds']}",
            steps(row["reference_median_steps"]),
            steps(row["reference_most_steps"]),
            percent(row["accuracy"]),
            percent(report.get("software", {}).get(row["example"], {}).get("accuracy")),
        )
        for name in CASES
        if (row := report["training"].get(name))
    ]
    return table(header, ("---", *["---:"] * 10), rows)
