"""Accuracy over the steps on the letters N, I, S and T, beside the patent's.

    python -m experiments.letters [STEPS]

Trains to 10,000,000 steps, or to so many, in the golden model; takes up to an hour, or
two minutes to 1,000,000. Writes reports/letters.json and the table of docs/nist7x7.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.place import ROOT, Place, table
from host import writing
from model.held_out import held_out_accuracy
from model.trainer import Trainer
from model.training import trainer_of
from spec.config import Config

PLACE, REPORT = Place("docs/nist7x7.md", "letters"), "letters.json"

EXAMPLE = "nist7x7"
SEEDS = 20
"""Runs of each case, from the seeds 1, 2, 3, …"""

STEPS = (10_000, 100_000, 1_000_000, 10_000_000)
"""After which the patent's Table 5 has an accuracy."""

PATENT = {"3": (0.38, 0.81, 0.94, 0.977), "0.5": (0.22, 0.45, 0.93, 0.987)}
"""Its lines of N-I-S-T 49-4-4 with τ_θ = τ_p = τ_x = 1, by η, on samples that are not public."""

CASES: tuple[dict[str, Any], ...] = (
    {"estimator": "weight", "eta": -7},
    {"estimator": "node", "eta": -5},
    {"estimator": "node", "eta": -7},
)
"""Keys of [training] in place of the example's."""


def config_of(case: dict[str, Any], steps: int) -> Config:
    """Return the example's config with a case's keys, for so many steps."""
    config = Config.load(ROOT / "examples" / f"{EXAMPLE}.toml")
    return config.with_training(**case, steps=steps, check_every=min(STEPS))


def measure(config: Config, seeds: int = SEEDS) -> list[dict[str, Any]]:
    """Train without a goal; see docs/json.md for the keys.

    Parameters
    ----------
    config : Config
        It must check after each of `STEPS`.
    seeds : int
        Runs.

    Returns
    -------
    list of dict
        One for each of `STEPS` that its steps reach.
    """
    found = []

    def look(trainer: Trainer) -> None:
        if trainer.n in STEPS:
            assert trainer.score is not None
            held_out = [held_out_accuracy(theta, config) for theta in trainer.cells.theta]
            correct = trainer.score.correct / len(config.data)
            found.append({"steps": trainer.n, "training": correct.tolist(), "held_out": held_out})

    trainer = trainer_of(config, range(1, seeds + 1))
    trainer.stop_when_solved = False
    trainer.run(look)
    return found


def render(measured: dict[str, Any]) -> str:
    """Make the Markdown of the table."""
    header = ("perturbed", "η", "samples", *(f"{steps:,} steps" for steps in STEPS))
    rows = [
        ("weights, patent", eta, "its own", *(f"{value:.1%}" for value in line))
        for eta, line in PATENT.items()
    ]
    for case in measured["cases"]:
        for part, name in (("training", "training"), ("held_out", "held out")):
            shown = {each["steps"]: _spread(each[part]) for each in case["accuracy"]}
            rows.append(
                (
                    {"weight": "weights", "node": "nodes"}[case["estimator"]],
                    f"2^{case['eta']}",
                    name,
                    *(shown.get(steps, "not run") for steps in STEPS),
                )
            )
    return table(header, ("---",) * 3 + ("---:",) * len(STEPS), rows)


def _spread(accuracies: Sequence[float]) -> str:
    """Tell the median, the least and the greatest."""
    low, high = min(accuracies), max(accuracies)
    return f"{np.median(accuracies):.1%} ({100 * low:.1f}–{100 * high:.1f})"


def main(words: Sequence[str] | None = None) -> int:
    """Measure all cases; write report and page."""
    parser = argparse.ArgumentParser(prog="letters", description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "steps", nargs="?", type=int, default=max(STEPS), choices=STEPS, help="default %(default)s"
    )
    steps = parser.parse_args(words).steps
    PLACE.require()
    measured: dict[str, Any] = {
        "command": f"python -m experiments.letters {steps}",
        "example": EXAMPLE,
        "seeds": SEEDS,
        "cases": [],
    }
    for case in CASES:
        print(*(f"{key} = {value}" for key, value in case.items()), sep=", ", flush=True)
        measured["cases"].append(case | {"accuracy": measure(config_of(case, steps))})
    writing.write_json(ROOT / "reports" / REPORT, measured)
    PLACE.publish(render(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
