"""Networks that only a folded engine holds, on boards: area, Fmax, and how long training takes.

    python -m experiments.folded_boards --data FOLDER [--jobs N] [--routed N] NETWORK:BOARD …

FOLDER has the folders that the examples name in task.path. All are built with a link; those whose
example is not for a board, with room for 16 samples. A build takes ten minutes to an hour for each
seed of place and route, so each is kept in reports/networks.json as soon as it is there, and only
those that are named are made. Writes the table of docs/folded.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boards.sweep import ROUTED, Sweep, sweep
from experiments import measured
from experiments.place import ROOT, Place, table
from host import writing
from spec.config import Config, read_toml
from spec.errors import InputError
from spec.timing import Timing

PLACE, REPORT = Place("docs/folded.md", "boards"), ROOT / "reports" / "networks.json"

KINDS = (measured.MULTIPLIERS, measured.LOGIC, ("DP16KD", "ICESTORM_RAM"))
"""What the table counts, by nextpnr's names."""

STEPS = 1_000_000
"""For which the table has a time."""


@dataclass(frozen=True)
class Network:
    """What is built.

    Attributes
    ----------
    name : str
        Of it in the table.
    example : str
    board : str
    lanes, lane_multipliers : int, optional
        In place of the example's; if there are none, it is for this board, and nothing is.
    clock_mhz : float, optional
        What the PLL is to make, and nextpnr's router aims for.
    """

    name: str
    example: str
    board: str
    lanes: int | None = None
    lane_multipliers: int = 1
    clock_mhz: float | None = None

    def config(self, data: Path) -> Config:
        """Return the example's config, with these lanes, and what all of them have.

        Parameters
        ----------
        data : Path
            The folder of folders.
        """
        tables = read_toml(ROOT / "examples" / f"{self.example}.toml")
        tables["task"]["path"] = str((data / tables["task"]["path"]).absolute())
        if self.lanes is not None:
            lanes = {"lanes": self.lanes, "lane_multipliers": self.lane_multipliers}
            tables["build"] |= lanes | {"samples": 16, "multipliers": "registered", "link": True}
        return Config.from_dict(tables)


PERCEPTRON, CNN = "Fashion-MNIST, 784-32-10 by node", "Fashion-MNIST, convolutions"
NETWORKS = {
    "perceptron:ulx3s-25f": Network(PERCEPTRON, "fashion-mnist", "ulx3s-25f", 16, clock_mhz=120),
    "cnn:ulx3s-25f": Network(CNN, "fashion-mnist-cnn", "ulx3s-25f", 32, clock_mhz=100),
    "cnn:ulx3s-85f": Network(CNN, "fashion-mnist-cnn", "ulx3s-85f", 64, clock_mhz=120),
    "cifar10:ulx3s-85f": Network("CIFAR-10, convolutions", "cifar10", "ulx3s-85f", 32, 2, 115),
    "perceptron:icebreaker": Network(PERCEPTRON, "fashion-mnist-icebreaker", "icebreaker"),
    "cnn:icebreaker": Network(CNN, "fashion-mnist-cnn-icebreaker", "icebreaker"),
}
"""By the name that the command takes."""


def point(network: Network, config: Config, built: Sweep) -> dict[str, Any]:
    """Say what a network takes; see docs/json.md for the keys."""
    return {
        "example": network.example,
        "parameters": config.parameters,
        "lanes": config.build.lanes,
        "lane_multipliers": config.build.lane_multipliers,
        "clocks_per_step": Timing.of(config).step(),
        "clock_mhz": built.clock_mhz,
        **built.to_dict(),
        "icetime_mhz": built.icetime(),
        "median_mhz": built.median_mhz,
    }


def render(report: dict[str, Any]) -> str:
    """Make the Markdown of the table, in the order of `NETWORKS`."""
    header = (
        "", "board", "lanes", "multipliers", "LUTs or LCs", "block RAMs", "clocks a step",
        "clock (MHz)", "Fmax, min / median (MHz)", "seeds", f"{STEPS:,} steps take",
    )  # fmt: skip
    rows = []
    for name, network in NETWORKS.items():
        found = report["networks"].get(name)
        if not found:
            continue
        fmax = found["fmax_mhz"]
        seconds = STEPS * found["clocks_per_step"] / found["median_mhz"] / 1e6
        rows.append(
            (
                network.name,
                found["board"],
                f"{found['lanes']}",
                *(measured.resource(found, kinds) for kinds in KINDS),
                f"{found['clocks_per_step']:,}",
                f"{found['clock_mhz']:g}",
                f"{fmax['min']:.1f} / {fmax['median']:.1f}"
                + measured.by_icetime(found["icetime_mhz"]),
                f"{sum(mhz is not None for mhz in fmax['by_seed'].values())}",
                f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} min",
            )
        )
    return table(header, ("---", "---", *["---:"] * 9), rows)


def update(names: Sequence[str], data: Path, *, routed: int, jobs: int) -> None:
    """Build networks; write report and page after each.

    Parameters
    ----------
    names : sequence of str
        Of `NETWORKS`.
    data : Path
        The folder of folders.
    routed : int
        Seeds that must lead to a route.
    jobs : int
        How many nextpnr run at a time.

    Raises
    ------
    InputError, ToolError
        As `boards.sweep.sweep`; or if data are missing, or the page has no markers.
    """
    PLACE.require()
    for name in names:
        network = NETWORKS[name]
        config = network.config(data)
        built = sweep(
            config, network.board, clock_mhz=network.clock_mhz, routed=routed, jobs=jobs,
            progress=lambda stage, name=name: print(f"{name}: {stage}", flush=True),
        )  # fmt: skip
        report: dict[str, Any] = {"networks": {}}
        if REPORT.is_file():
            report = json.loads(REPORT.read_text(encoding="utf-8"))
        report["command"] = "python -m experiments.folded_boards --data FOLDER NETWORK:BOARD"
        report["networks"][name] = point(network, config, built)
        writing.write_json(REPORT, report)
        PLACE.publish(render(report))


def main(words: Sequence[str] | None = None) -> int:
    """Build what is named; return 1 if it failed, 2 if what was asked for is wrong."""
    parser = argparse.ArgumentParser(
        prog="folded_boards", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("names", nargs="+", choices=NETWORKS, metavar="NETWORK:BOARD")
    parser.add_argument("--data", type=Path, required=True, help="a folder of folders")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="nextpnr at a time")
    parser.add_argument("--routed", type=int, default=ROUTED, metavar="N", help="seeds")
    options = parser.parse_args(words)
    try:
        for name in ("jobs", "routed"):
            if getattr(options, name) < 1:
                raise InputError(f"--{name} {getattr(options, name)}: must be at least 1")
        update(options.names, options.data, routed=options.routed, jobs=options.jobs)
    except (InputError, RuntimeError) as error:
        print(f"folded_boards: {error}", file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
