"""What `mgd new` and `mgd train` reach on data as people have them, beside scikit-learn.

    python -m experiments.datasets

Each data set of scikit-learn is written as a CSV, and both commands are run, with no key changed by
hand; beside it stands an MLP of scikit-learn with as many hidden neurons, on the same split.
Takes some minutes. Writes reports/datasets.json and the table of docs/new.md.
"""

from __future__ import annotations

import csv
import json
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from sklearn import datasets
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from experiments.place import ROOT, Place, table
from host import cli, files, writing
from spec.data import split

PLACE, REPORT = Place("docs/new.md", "datasets"), "datasets.json"

SEEDS = 5
"""Runs of each, from the seeds 1, 2, 3, …"""

MOST_ITERATIONS = 2000
"""Of scikit-learn's MLP; it ends before."""


@dataclass(frozen=True)
class Data:
    """Samples as a person has them.

    Attributes
    ----------
    header : list of str
        Names of the inputs.
    x : array of float, shape (samples, inputs)
    y : array, shape (samples,)
        Words or numbers.
    """

    header: list[str]
    x: np.ndarray
    y: np.ndarray

    @property
    def numbers(self) -> bool:
        """Whether it is a regression."""
        return self.y.dtype.kind == "f"

    def save(self, path: Path) -> None:
        """Write a CSV; the last column is the target."""
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow([*self.header, "target"])
            rows.writerows([*x, y] for x, y in zip(self.x.tolist(), self.y.tolist(), strict=True))


def _bunch(load: Callable[[], Any], *, words: bool) -> Callable[[], Data]:
    """Take one of the data sets that scikit-learn brings."""

    def make() -> Data:
        bunch = load()
        y = np.array(bunch.target_names)[bunch.target] if words else bunch.target
        return Data(list(bunch.feature_names), bunch.data, y)

    return make


def _plane(points: Callable[[], Any], names: tuple[str, str]) -> Callable[[], Data]:
    """Take two classes of points in a plane."""

    def make() -> Data:
        x, y = points()
        return Data(["a", "b"], x.round(4), np.array(names)[y])

    return make


def _plain(points: Callable[[], Any]) -> Callable[[], Data]:
    """Take numbers without a meaning."""

    def make() -> Data:
        x, y = points()
        return Data([f"column {k}" for k in range(x.shape[1])], x.round(4), y.round(4))

    return make


CASES: dict[str, Callable[[], Data]] = {
    "iris": _bunch(datasets.load_iris, words=True),
    "wine": _bunch(datasets.load_wine, words=True),
    "breast cancer": _bunch(datasets.load_breast_cancer, words=True),
    "digits": _bunch(datasets.load_digits, words=False),
    "two moons": _plane(
        lambda: datasets.make_moons(500, noise=0.2, random_state=0), ("upper", "lower")
    ),
    "two circles": _plane(
        lambda: datasets.make_circles(500, noise=0.15, factor=0.5, random_state=0),
        ("outer", "inner"),
    ),
    "diabetes": _bunch(datasets.load_diabetes, words=False),
    "three shells": _plain(
        lambda: datasets.make_gaussian_quantiles(
            n_samples=600, n_features=4, n_classes=3, random_state=0
        )
    ),
    "friedman": _plain(lambda: datasets.make_friedman1(n_samples=600, noise=1.0, random_state=0)),
}
"""The last two were looked at only after the rules of `mgd new` were made."""


def measure(name: str, data: Data, folder: Path, seeds: int = SEEDS) -> dict[str, Any]:
    """Run the two commands, and the MLP; see docs/json.md for the keys.

    Parameters
    ----------
    name : str
    data : Data
    folder : Path
        For the files.
    seeds : int
        Runs.

    Raises
    ------
    RuntimeError
        If a command fails.
    """
    path = folder / f"{name.replace(' ', '-')}.csv"
    config, outcome = path.with_suffix(".toml"), path.with_suffix(".json")
    data.save(path)
    _run("new", str(path), "--force")
    _run("train", str(config), "--runs", str(seeds), "--json", str(outcome))
    found = json.loads(outcome.read_text(encoding="utf-8"))
    key, tables = ("r2" if data.numbers else "accuracy"), found["config"]
    ours = [run["test"][key] for run in found["runs"]]
    layers, task, steps = tables["network"]["layers"], tables["task"], tables["training"]["steps"]
    return {
        "name": name,
        "measure": key,
        "samples": len(data.y),
        "layers": layers,
        "estimator": tables["training"]["estimator"],
        "steps": steps,
        "eta": tables["training"]["eta"],
        "mgd": [value[0] for value in ours] if data.numbers else ours,
        "mlp": _mlp(data, layers[1], task["test"], task["split_seed"], seeds),
        "theta_digest": found["runs"][0]["theta_digest"],
    }


def _run(*words: str) -> None:
    if status := cli.main(words):
        raise RuntimeError(f"mgd {' '.join(words)}: exit status {status}")


def _mlp(data: Data, hidden: int, fraction: float, seed: int, seeds: int) -> list[float]:
    """Train scikit-learn's MLP on the same split; return its scores in the test."""
    strata = np.unique(data.y, return_inverse=True)[1]
    train, test = split.split(fraction, strata * (not data.numbers), seed)
    scores = []
    for state in range(1, seeds + 1):
        options: Any = {
            "hidden_layer_sizes": (hidden,), "max_iter": MOST_ITERATIONS, "random_state": state,
        }  # fmt: skip
        if data.numbers:
            learner = TransformedTargetRegressor(
                MLPRegressor(**options), transformer=StandardScaler()
            )
        else:
            learner = MLPClassifier(**options)
        model = make_pipeline(StandardScaler(), learner)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(data.x[train], data.y[train])
        scores.append(float(model.score(data.x[test], data.y[test])))
    return scores


def render(measured: dict[str, Any]) -> str:
    """Make the Markdown of the table."""
    header = ("data", "samples", "network", "perturbed", "η", "mgd", "MLP", "difference")
    rows = []
    for case in measured["cases"]:
        ours, other = (float(np.mean(case[who])) for who in ("mgd", "mlp"))
        accuracy = case["measure"] == "accuracy"
        shown = [f"{v:.1%}" if accuracy else f"R² {v:.3f}" for v in (ours, other)]
        gap = f"{100 * (ours - other):+.1f} points" if accuracy else f"{ours - other:+.3f}"
        rows.append(
            (
                case["name"],
                f"{case['samples']:,}",
                "-".join(map(str, case["layers"])),
                {"weight": "weights", "node": "nodes"}[case["estimator"]],
                f"2^{case['eta']}",
                *shown,
                gap.replace("-", "−"),
            )
        )
    return table(header, ("---",) + ("---:",) * 7, rows)


def main() -> int:
    """Measure all data sets; write report and page."""
    PLACE.require()
    folder = files.BUILD / "datasets"
    files.make_folder(folder)
    measured: dict[str, Any] = {
        "command": "python -m experiments.datasets",
        "seeds": SEEDS,
        "versions": {"scikit-learn": sklearn.__version__},
        "cases": [measure(name, make(), folder) for name, make in CASES.items()],
    }
    writing.write_json(ROOT / "reports" / REPORT, measured)
    PLACE.publish(render(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
