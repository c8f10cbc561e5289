"""Which η is best, beside what `eta = "auto"` chooses; writes reports/eta.json and docs/config.md.

    python -m experiments.eta

Takes some minutes. Small networks on made data: each with a range of η, from the
same seeds.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.place import ROOT, Place, table
from host import files, writing
from host.rules import formats
from model.eta import chosen, curvature
from model.training import trainer_of
from spec.config import Config
from spec.errors import InputError

PLACE, REPORT = Place("docs/config.md", "eta"), "eta.json"

SEEDS = (1, 2, 3, 4)
ETAS = range(-1, -11, -1)

TABLES: dict[str, dict[str, Any]] = {
    "formats": formats(),
    "training": {"amplitude": -6, "steps": 20_000, "check_every": 1000, "solved_cost": 0.0},
}
"""Formats in which nothing is rounded away, and how long a run is."""

Samples = tuple[np.ndarray, np.ndarray]
"""Inputs of shape (samples, inputs), targets of shape (samples, outputs)."""


@dataclass(frozen=True)
class Case:
    """A network, and the data that it is trained on.

    Parameters
    ----------
    name : str
    layers : list of int
    output : str
        The activation.
    make : function of a random generator
    """

    name: str
    layers: list[int]
    output: str
    make: Callable[[np.random.Generator], Samples]


def sine(rng: np.random.Generator) -> Samples:
    """0.9·sin πx, of x and x²."""
    x = rng.uniform(-1, 1, (200, 1))
    return np.hstack([x, x * x]), 0.9 * np.sin(np.pi * x)


def product(rng: np.random.Generator) -> Samples:
    """The product of two numbers."""
    x = rng.uniform(-1, 1, (200, 2))
    return x, x[:, :1] * x[:, 1:]


def linear(rng: np.random.Generator) -> Samples:
    """A weighted sum of ten numbers, clipped."""
    x = rng.uniform(-1, 1, (300, 10))
    return x, np.clip(x @ rng.normal(size=(10, 1)) / 3, -0.95, 0.95)


def classes(rng: np.random.Generator) -> Samples:
    """Three clouds in four dimensions."""
    label = np.repeat([0, 1, 2], 50)
    x = rng.normal(size=(3, 4))[label] + 0.5 * rng.normal(size=(150, 4))
    return np.clip(x, -1.99, 1.99), np.eye(3)[label]


def moons(rng: np.random.Generator) -> Samples:
    """Two half circles that grasp each other."""
    label, angle = rng.integers(0, 2, 200), rng.uniform(0, np.pi, 200)
    upper = np.c_[np.cos(angle), np.sin(angle)]
    x = np.where(label[:, None] == 0, upper, [1, 0.5] - upper) + rng.normal(0, 0.1, (200, 2))
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    return np.clip(x, -1.99, 1.99), label[:, None] * 1.0


CASES = (
    Case("sine", [2, 8, 1], "tanh", sine),
    Case("product", [2, 8, 1], "tanh", product),
    Case("linear", [10, 8, 1], "tanh", linear),
    Case("two moons", [2, 8, 1], "plan", moons),
    Case("three classes", [4, 8, 3], "plan", classes),
)


def config_of(case: Case, folder: Path) -> Config:
    """Write a case's samples to a file, and return its config, of η = "auto"."""
    x, t = case.make(np.random.default_rng(0))
    np.savez(folder / "samples.npz", x=x.round(5), t=t.round(5))
    tables = {
        "task": {"name": "file", "path": "samples.npz", "inputs": "fixed"},
        "network": {"layers": case.layers, "hidden": "tanh", "output": case.output},
        "formats": TABLES["formats"],
        "training": TABLES["training"] | {"eta": "auto"},
    }
    return Config.from_dict(tables, folder)


def measure(config: Config) -> dict[str, Any]:
    """Train with each η; see docs/json.md for the keys."""
    costs = {}
    for eta in ETAS:
        try:
            runs = trainer_of(config.with_training(eta=eta), SEEDS).run()
        except InputError:  # out of the shifter's range
            continue
        sums = np.median([run.cost_sum for run in runs])
        costs[eta] = float(sums) / (len(config.data) * 2**config.formats.cost_bits)
    return {
        "parameters": config.parameters,
        "trace": round(float(curvature(config)), 4),
        "auto": chosen(config).eta,
        "costs": costs,
    }


def render(measured: dict[str, Any]) -> str:
    """Make the Markdown of the table."""
    header = ("data", "P", "tr H", '"auto"', "cost", "best η", "η·tr H there", "cost")
    rows = []
    for case in measured["cases"]:
        costs = {int(eta): cost for eta, cost in case["costs"].items()}
        best, auto = min(costs, key=lambda eta: costs[eta]), case["auto"]
        rows.append(
            (
                f"{case['name']}, {'-'.join(map(str, case['layers']))}, {case['output']} output",
                f"{case['parameters']}",
                f"{case['trace']:.2f}",
                f"2^{auto}",
                f"{costs[auto]:.4f}",
                f"2^{best}",
                f"1/{1 / (case['trace'] * 2.0**best):.0f}",
                f"{costs[best]:.4f}",
            )
        )
    return table(header, ("---",) + ("---:",) * 7, rows)


def main() -> int:
    """Measure all cases; write report and page."""
    PLACE.require()
    measured: dict[str, Any] = {"command": "python -m experiments.eta", "seeds": list(SEEDS)}
    measured |= {"tables": TABLES, "cases": []}
    folder = files.BUILD / "eta"
    files.make_folder(folder)
    for case in CASES:
        print(case.name, flush=True)
        found = {"name": case.name, "layers": case.layers, "output": case.output}
        measured["cases"].append(found | measure(config_of(case, folder)))
    writing.write_json(ROOT / "reports" / REPORT, measured)
    PLACE.publish(render(measured))
    print(json.dumps(measured["cases"], indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
