"""What a longer update delay costs in steps, and the Fmax that pays for it.

    python -m experiments.delay

Trains `EXAMPLE` in the golden model with one D after the other, all else the same, and takes Fmax
from the row of the report that has its D. Takes some minutes. Writes reports/delay.json and the
table of docs/performance.md.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments.place import ROOT, Place, table
from experiments.rows import Row
from host import writing
from model.trainer import Trainer
from spec.config import Config
from spec.phase import Phase
from spec.plant import Multipliers

PLACE, REPORT = Place("docs/performance.md", "delay"), "delay.json"

EXAMPLE, BOARD = "xor-fast", "ulx3s-25f"

DELAYS = (16, 18, 20, 22, 24, 28, 32)
SEEDS = 2000
"""Runs with each D, from the seeds 1, 2, 3, …"""

EVERY = 10
"""Steps between two looks."""


def config_of(example: Config, delay: int) -> Config:
    """Return the config with another D, which checks nothing before its last step.

    A check waits until all steps are used: as frequent as our looks, it would shorten the delay.
    """
    inferred = replace(example.build, multipliers=Multipliers.INFERRED)  # the shortest of all
    config = replace(example, build=inferred)
    return config.with_training(update_delay=delay, check_every=65_535)


def first_solved(config: Config, seeds: Sequence[int], every: int = EVERY) -> np.ndarray:
    """Train, and look at θ from outside every so many steps, which changes nothing in the runs.

    Returns
    -------
    array of float, shape (seeds,)
        Steps until θ first is what a check takes for solved; infinite if it never is.
    """
    found = np.full(len(seeds), np.inf)
    trainer = Trainer(config, seeds, stop_when_solved=False)
    for phase in trainer.phases():
        if phase is not Phase.PERTURBED or trainer.n % every:
            continue
        score = trainer.plant.check(trainer.cells.weights())
        solved = score.correct >= trainer.solved_correct
        solved &= score.cost_sum <= trainer.solved_cost
        found[solved & np.isinf(found)] = trainer.n
        if np.isfinite(found).all():
            break
    return found


def point(delay: int, steps: np.ndarray) -> dict[str, Any]:
    """Say what comes of a D; see docs/json.md for the keys."""
    solved, median = np.isfinite(steps), float(np.median(steps))
    return {
        "update_delay": delay,
        "solved": int(solved.sum()),
        "median_steps": median if np.isfinite(median) else None,
        "mean_steps": round(float(steps[solved].mean()), 1) if solved.any() else None,
    }


def least(example: Config, multipliers: Multipliers) -> int:
    """Return the D that "auto" is with such multipliers."""
    build = replace(example.build, multipliers=multipliers)
    return replace(example, build=build).with_training(update_delay="auto").update_delay


def render(measured: dict[str, Any], example: Config, fmax: float) -> str:
    """Make the Markdown of the table.

    Parameters
    ----------
    measured : dict
        As reports/delay.json.
    example : Config
        With the D of the row.
    fmax : float
        Median Fmax of the row, in MHz.
    """
    leasts = {least(example, kind): kind.value for kind in reversed(Multipliers)}
    means = {each["update_delay"]: each["mean_steps"] for each in measured["delays"]}
    rows = []
    for each in measured["delays"]:
        delay, mean = each["update_delay"], each["mean_steps"]
        needed = fmax * mean / means[example.update_delay]
        rows.append(
            (
                f"{delay}",
                leasts.get(delay, ""),
                f"{each['solved']:,} of {measured['seeds']:,}",
                f"{each['median_steps']:,.0f}",
                f"{mean:,.0f}",
                f"{needed:.1f}" + (", its row" if delay == example.update_delay else ""),
            )
        )
    header = (
        "D", "least with multipliers", "solved", "median steps", "mean steps",
        "as soon on average at (MHz)",
    )  # fmt: skip
    return table(header, ("---:", "---", *["---:"] * 4), rows)


def rendered(root: Path = ROOT) -> str:
    """Make the table of what is in `root`'s reports/, for its example."""
    reports = root / "reports"
    measured = json.loads((reports / REPORT).read_text(encoding="utf-8"))
    row = json.loads((reports / Row(EXAMPLE, BOARD).file).read_text(encoding="utf-8"))
    example = Config.load(root / "examples" / f"{EXAMPLE}.toml")
    return render(measured, example, row["fmax_mhz"]["median"])


def write(root: Path = ROOT) -> None:
    """Write the table, as `rendered`."""
    PLACE.publish(rendered(root), root)


def main() -> int:
    """Measure every D; write report and page."""
    PLACE.require()
    example = Config.load(ROOT / "examples" / f"{EXAMPLE}.toml")
    points = []
    for delay in DELAYS:
        steps = first_solved(config_of(example, delay), range(1, SEEDS + 1))
        points.append(point(delay, steps))
        print(points[-1], flush=True)
    measured = {
        "command": "python -m experiments.delay",
        "example": EXAMPLE,
        "seeds": SEEDS,
        "every": EVERY,
        "delays": points,
    }
    writing.write_json(ROOT / "reports" / REPORT, measured)
    write()
    return 0


if __name__ == "__main__":
    sys.exit(main())
