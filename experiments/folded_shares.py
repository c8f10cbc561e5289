"""What each layer's perturbation makes of C̃, in the convolutions of Fashion-MNIST.

    python -m experiments.folded_shares --data FOLDER

To each layer's estimate the perturbations of all others are noise, which comes by C̃. FOLDER is that
of `experiments.folded`. Takes two minutes; writes reports/shares.json and docs/folded.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.folded import CASES, config_of
from experiments.place import ROOT, Place, table
from host import writing
from model.number.fixed import Ints
from model.optimizer.cells import SynapseCells
from model.plant.cost import cost_of
from model.plant.network import Network
from model.trainer import Trainer
from model.training import trainer_of
from spec import derive
from spec.config import Config

PLACE, REPORT = Place("docs/folded.md", "shares"), ROOT / "reports" / "shares.json"

STEPS = (50_000, 300_000)
"""After which θ is looked at."""

SAMPLES, DRAWS = 200, 12
"""Evaluated, and with how many perturbations of a layer each."""


def shares(config: Config, theta: Ints) -> list[dict[str, Any]]:
    """Return the mean of C̃² of one layer's perturbation alone, over the sum of all layers'.

    Parameters
    ----------
    config : Config
        Of a folded engine; all layers by weight, the last one dense.
    theta : array of int, shape (P,)

    Returns
    -------
    list of dict
        `parameters` and `share` of each layer with parameters; last, `nodes` and `share` of the
        last layer's neurons, perturbed as in the case `cnn-mixed`.
    """
    spec, engine, rng = derive.network(config), derive.folded(config), np.random.default_rng(1)
    cells = SynapseCells(derive.bank(config), runs=1)
    cells.theta = theta[None]
    weights, network, cost = cells.weights(), Network(spec), derive.cost(config)
    some = rng.choice(len(config.data), min(SAMPLES, len(config.data)), replace=False)
    x, t = np.array(config.data.x)[None, some], np.array(config.data.t)[some]
    baseline = cost_of(cost, network.evaluate(weights, x), t)

    def power(place: Ints, doublings: int) -> float:
        """Mean of C̃² if weights at these places move by ±Δθ."""
        step = 1 << engine.weight.fraction_bits + engine.amplitude + doublings
        found = []
        for _ in range(DRAWS):
            moved = weights.copy()
            moved[0, place] += rng.choice([-step, step], len(place))
            found.append((cost_of(cost, network.evaluate(moved, x), t) - baseline) ** 2)
        return float(np.mean(found))

    parts = [
        (layer, np.arange(config.parameters)[part])
        for layer, part in zip(spec.layers, spec.parts, strict=True)
        if layer.parameters
    ]
    powers = [
        power(place, one.doublings) for (_, place), one in zip(parts, engine.layers, strict=True)
    ]
    last, place = parts[-1]
    biases = place.reshape(last.neurons, -1)[:, -1]  # moved, they move the neurons' sums
    by_node = power(biases, CASES["cnn-mixed"].last["doublings"])
    total = sum(powers)
    found: list[dict[str, Any]] = [
        {"parameters": len(place), "share": round(each / total, 4)}
        for (_, place), each in zip(parts, powers, strict=True)
    ]
    return [*found, {"nodes": len(biases), "share": round(by_node / total, 4)}]


def measure(config: Config) -> list[dict[str, Any]]:
    """Train a run, and look after each of `STEPS`; see docs/json.md for the keys."""
    found = []

    def look(trainer: Trainer) -> None:
        if trainer.n in STEPS:
            found.append({"steps": trainer.n, "layers": shares(config, trainer.cells.theta[0])})

    trainer = trainer_of(config, [1])
    trainer.stop_when_solved = False
    trainer.run(look)
    return found


def render(report: dict[str, Any]) -> str:
    """Make the Markdown of the table."""
    header = ("perturbed", *(f"after {one['steps']:,} steps" for one in report["after"]))
    rows = []
    for k, layer in enumerate(report["after"][0]["layers"]):
        name = f"layer {k}, its {layer.get('nodes')} neurons"
        if "parameters" in layer:
            name = f"layer {k + 1}, {layer['parameters']:,} weights"
        shares = [f"{one['layers'][k]['share']:.1%}" for one in report["after"]]
        rows.append((name, *shares))
    return table(header, ("---",) + ("---:",) * (len(header) - 1), rows)


def main(words: Sequence[str] | None = None) -> int:
    """Measure; write report and page."""
    parser = argparse.ArgumentParser(
        prog="folded_shares", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--data", type=Path, required=True, help="a folder of folders")
    options = parser.parse_args(words)
    PLACE.require()
    report: dict[str, Any] = {
        "command": "python -m experiments.folded_shares --data FOLDER",
        "case": "cnn",
        "after": measure(config_of(CASES["cnn"], options.data, STEPS[-1])),
    }
    writing.write_json(REPORT, report)
    PLACE.publish(render(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
