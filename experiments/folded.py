"""Accuracy over the steps of networks that only a folded engine holds.

    python -m experiments.folded --data FOLDER [--cases NAME …] [--seeds 1 2 …] [--steps N]

FOLDER has the folders that the examples name in task.path. Runs of all cases take a day; so
what has come of each is kept in reports/folded.json at every check. Those that are there are not
made again, but for those with fewer steps than are asked for. Writes the table of docs/folded.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from experiments.place import ROOT, Place, table
from host import writing
from model.held_out import held_out_accuracy
from model.run import theta_digest
from model.trainer import Trainer
from model.training import trainer_of
from spec.config import Config, read_toml

PLACE, REPORT = Place("docs/folded.md", "folded"), ROOT / "reports" / "folded.json"

STEPS = (100_000, 300_000, 1_000_000, 3_000_000, 5_000_000, 10_000_000)
"""After which the table has an accuracy."""


@dataclass(frozen=True)
class Case:
    """What is trained.

    Attributes
    ----------
    name : str
        Of it in the table.
    example : str
    last : dict
        Keys of the last [[network.layer]] in place of the example's.
    tables : dict
        Keys of other tables, by name.
    seeds : int
        Runs, if nobody says how many.
    """

    name: str
    example: str
    last: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    seeds: int = 5


BATCH = 1_000
"""Samples for which the papers' schedule keeps a perturbation, and after which it updates once."""

CASES = {
    "perceptron": Case("Fashion-MNIST, 784-32-10 by node", "fashion-mnist"),
    "perceptron-icebreaker": Case(
        "Fashion-MNIST, 784-32-10 by node, θ of 16 bits", "fashion-mnist-icebreaker"
    ),
    "cnn": Case("Fashion-MNIST, convolutions by weight", "fashion-mnist-cnn"),
    "cnn-icebreaker": Case(
        "Fashion-MNIST, convolutions by weight, θ of 15 bits",
        "fashion-mnist-cnn-icebreaker",
        seeds=1,
    ),
    "cnn-mixed": Case(
        "Fashion-MNIST, convolutions by weight, last layer by node",
        "fashion-mnist-cnn",
        {"estimator": "node", "doublings": 2},
    ),
    "cnn-batch": Case(
        "Fashion-MNIST, convolutions by weight, the papers' schedule",
        "fashion-mnist-cnn",
        tables={
            "formats": {"theta": "Q1.22", "bus_bits": 13, "gradient_bits": 28},
            "training": {
                "tau_p": BATCH,
                "tau_theta": BATCH,
                "amplitude": -9,
                "eta": -21,
                "schedule": [],
                "steps": 10_000_000,
            },
            "build": {"accumulate": True},
        },
        seeds=1,
    ),
    "cifar10": Case("CIFAR-10, convolutions by weight", "cifar10", seeds=1),
}
"""By the name that the command takes. Of `cnn-batch`, θ and u have five bits more: one sample's
part of an update would be rounded away."""


def config_of(case: Case, data: Path, steps: int | None = None) -> Config:
    """Return a case's config, for so many steps or the example's.

    Parameters
    ----------
    case : Case
    data : Path
        The folder of folders.
    steps : int, optional
        Changes of the schedule behind them are left out.
    """
    given = read_toml(ROOT / "examples" / f"{case.example}.toml")
    given["task"]["path"] = str((data / given["task"]["path"]).absolute())
    for name, keys in case.tables.items():
        given[name] |= keys
    if case.last:
        given["network"]["layer"][-1] |= case.last
    training = given["training"]
    if steps is not None:
        training["steps"] = steps
        training["schedule"] = [one for one in training.get("schedule", []) if one["step"] < steps]
    return Config.from_dict(given)


def measure(config: Config, seed: int, keep: Callable[[dict[str, Any]], None]) -> None:
    """Train one run without a goal; see docs/json.md for the keys.

    Parameters
    ----------
    config : Config
    seed : int
    keep : callable
        Takes what has come of it so far, at each check.
    """
    curve: list[dict[str, float | None]] = []
    started = time.process_time()

    def look(trainer: Trainer) -> None:
        assert trainer.score is not None
        theta = trainer.cells.theta[0]
        training, held_out = (
            float(trainer.score.correct[0]) / len(config.data), held_out_accuracy(theta, config),
        )  # fmt: skip
        curve.append({"step": trainer.n, "training": training, "held_out": held_out})
        shown = "" if held_out is None else f", test {held_out:.1%}"
        print(f"seed {seed}, step {trainer.n:,}: training {training:.1%}{shown}", flush=True)
        a_second = trainer.n / (time.process_time() - started)
        run = {"seed": seed, "steps": trainer.n, "steps_per_cpu_second": round(a_second)}
        keep(run | {"theta_digest": theta_digest(theta), "curve": curve})

    trainer = trainer_of(config, [seed])
    trainer.stop_when_solved = False
    trainer.run(look)


def render(report: dict[str, Any]) -> str:
    """Make the Markdown of the table: the mean of all runs that came so far, and how many."""
    header = ("", "parameters", *(f"{steps:,} steps" for steps in STEPS))
    rows = []
    for name, case in CASES.items():
        if name not in report["cases"]:
            continue
        found = report["cases"][name]
        row = [case.name, f"{found['parameters']:,}"]
        for steps in STEPS:
            at = [
                point for run in found["runs"] for point in run["curve"] if point["step"] == steps
            ]
            row.append(_mean(at))
        rows.append(tuple(row))
    return table(header, ("---",) + ("---:",) * (len(header) - 1), rows)


def _mean(points: Sequence[dict[str, Any]]) -> str:
    if not points:
        return ""
    test, training = (float(np.mean([p[key] for p in points])) for key in ("held_out", "training"))
    return f"{test:.1%} / {training:.1%} ({len(points)})"


def main(words: Sequence[str] | None = None) -> int:
    """Measure what is not there yet; write report and page."""
    parser = argparse.ArgumentParser(prog="folded", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--cases", nargs="+", choices=CASES, help="default: all")
    parser.add_argument("--data", type=Path, required=True, help="a folder of folders")
    parser.add_argument("--seeds", type=int, nargs="+", help="default: 1, 2, 3, …")
    parser.add_argument("--steps", type=int, help="default: the example's")
    options = parser.parse_args(words)
    PLACE.require()
    report: dict[str, Any] = {"command": "python -m experiments.folded --data FOLDER", "cases": {}}
    if REPORT.is_file():
        report = json.loads(REPORT.read_text(encoding="utf-8"))
    for name in options.cases or CASES:
        case = CASES[name]
        config = config_of(case, options.data, options.steps)
        empty = {"example": case.example, "last": case.last, "tables": case.tables, "runs": []}
        found = report["cases"].setdefault(name, empty | {"parameters": config.parameters})
        for seed in options.seeds or range(1, case.seeds + 1):
            before = [run for run in found["runs"] if run["seed"] == seed]
            if before and before[0]["steps"] >= config.training.steps:
                continue
            others = [run for run in found["runs"] if run["seed"] != seed]

            def keep(
                run: dict[str, Any], found: dict[str, Any] = found, others: Any = others
            ) -> None:
                found["runs"] = sorted([*others, run], key=lambda each: each["seed"])
                writing.write_json(REPORT, report)
                PLACE.publish(render(report))

            measure(config, seed, keep)
    return 0


if __name__ == "__main__":
    sys.exit(main())
