"""Accuracy in the test over samples, and over seconds on boards, for docs/folded.md.

    python -m experiments.folded_curves

Nothing is measured here: curves are those of reports/folded.json, and a step takes what
reports/networks.json says of a board.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments import folded, folded_boards
from experiments.place import ROOT, Place, table
from host import writing

PLACE, PICTURE = Place("docs/folded.md", "curves"), "docs/images/folded.png"

LEVELS = (0.3, 0.5, 0.6, 0.7, 0.8)
"""Of accuracy in the test, for which the table says when it is reached."""


@dataclass(frozen=True)
class Shown:
    """A curve.

    Attributes
    ----------
    case : str
        Of `experiments.folded`.
    name : str
        Of it in table and picture.
    boards : tuple of str
        What is built of its network: names of `experiments.folded_boards`.
    """

    case: str
    name: str
    boards: tuple[str, ...]


CONVOLUTIONS = ("cnn:ulx3s-25f", "cnn:ulx3s-85f")
SHOWN = (
    Shown("perceptron", "784-32-10 by node", ("perceptron:ulx3s-25f",)),
    Shown("perceptron-icebreaker", "784-32-10 by node, θ of 16 bits", ("perceptron:icebreaker",)),
    Shown("cnn", "convolutions by weight", CONVOLUTIONS),
    Shown("cnn-icebreaker", "convolutions by weight, θ of 15 bits", ("cnn:icebreaker",)),
    Shown("cnn-batch", "convolutions, the papers' schedule", CONVOLUTIONS),
)


@dataclass(frozen=True)
class Curve:
    """Mean accuracy in the test, of runs that all have a check after so many samples."""

    samples: tuple[int, ...]
    accuracy: tuple[float, ...]
    runs: int

    @classmethod
    def of(cls, runs: Sequence[dict[str, Any]]) -> Curve:
        """Take the mean, as far as the shortest run is."""
        last = min(run["steps"] for run in runs)
        kept = [[p for p in run["curve"] if p["step"] <= last] for run in runs]
        steps = [tuple(point["step"] for point in curve) for curve in kept]
        assert all(each == steps[0] for each in steps), "runs with other checks"
        accuracy = np.mean([[point["held_out"] for point in curve] for curve in kept], axis=0)
        return cls(steps[0], tuple(accuracy.tolist()), len(runs))

    def reaches(self, level: float) -> int | None:
        """Return after how many samples a check first has such an accuracy."""
        reached = zip(self.samples, self.accuracy, strict=True)
        return next((samples for samples, found in reached if found >= level), None)


def seconds_a_step(network: dict[str, Any]) -> float:
    """Return how long a board takes for a step, at its median Fmax, if samples come as fast."""
    return network["clocks_per_step"] / (network["median_mhz"] * 1e6)


def curves(report: dict[str, Any]) -> list[tuple[Shown, Curve]]:
    """Return those that there are."""
    cases = report["cases"]
    return [(one, Curve.of(cases[one.case]["runs"])) for one in SHOWN if one.case in cases]


def render(report: dict[str, Any], networks: dict[str, Any]) -> str:
    """Make the Markdown of the table: samples and seconds at the first check with a level."""
    header = ("", "board", *(f"{level:.0%}" for level in LEVELS), "last check")
    rows = []
    for shown, curve in curves(report):
        for board in shown.boards:
            step = seconds_a_step(networks[board])
            met = [curve.reaches(level) for level in LEVELS]
            cells = ["" if each is None else f"{each:,}, {_time(each * step)}" for each in met]
            end = curve.samples[-1]
            last = f"{curve.accuracy[-1]:.1%} at {end:,}, {_time(end * step)}"
            name = f"{shown.name} ({curve.runs})"
            rows.append((name, networks[board]["board"], *cells, last))
    return table(header, ("---", "---") + ("---:",) * (len(header) - 2), rows)


def _time(seconds: float) -> str:
    """Write a time with two places that count."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} s"


def draw(report: dict[str, Any], networks: dict[str, Any], path: Path) -> None:
    """Draw accuracy over samples, and over seconds on each board."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(
        1, 2, figsize=(11, 4.2), layout="constrained", sharey=True
    )
    for k, (shown, curve) in enumerate(curves(report)):
        percent = [100 * found for found in curve.accuracy]
        left.semilogx(curve.samples, percent, color=f"C{k}")
        for board, style in zip(shown.boards, ("-", "--"), strict=False):
            time = np.array(curve.samples) * seconds_a_step(networks[board])
            label = f"{shown.name}, {networks[board]['board']}"
            right.semilogx(time, percent, style, color=f"C{k}", label=label)
    left.set(
        xlabel="samples, each evaluated twice", ylabel="accuracy in the test (%)", ylim=(0, 100)
    )
    right.set(xlabel="seconds")
    for each in (left, right):
        each.grid(alpha=0.3)
    figure.legend(loc="outside lower center", ncols=3, fontsize=8)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=110, metadata={"Software": None})
    writing.write({path: drawn.getvalue()})
    pyplot.close(figure)


def main(words: Sequence[str] | None = None) -> int:
    """Write table and picture."""
    argparse.ArgumentParser(
        prog="folded_curves", description=(__doc__ or "").split("\n")[0]
    ).parse_args(words)
    PLACE.require()
    report, networks = (
        json.loads(path.read_text(encoding="utf-8"))
        for path in (folded.REPORT, folded_boards.REPORT)
    )
    PLACE.publish(render(report, networks["networks"]))
    draw(report, networks["networks"], ROOT / PICTURE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
