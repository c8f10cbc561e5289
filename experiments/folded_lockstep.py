"""Long lockstep of the networks that are on boards: gateware and golden model, in every clock.

    python -m experiments.folded_lockstep --data FOLDER [--samples N] NETWORK:BOARD=STEPS …

FOLDER has the folders that the examples name in task.path; of their images, the first few are
taken, as the check at the end is a pass for each. Names are those of `experiments.folded_boards`,
whose lanes and multipliers they have. Writes reports/lockstep.json and the table of
docs/verification.md.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.folded_boards import NETWORKS, Network
from experiments.place import ROOT, Place, table
from host import writing
from host.files import BUILD
from sim.simulators import Simulator
from sim.verify import verify
from spec.config import Config
from spec.errors import InputError

PLACE, REPORT = Place("docs/verification.md", "lockstep"), ROOT / "reports" / "lockstep.json"


def config_of(network: Network, data: Path, samples: int, steps: int) -> Config:
    """Return a board's config for so many of the first samples, which are all in its memory.

    Parameters
    ----------
    network : Network
    data : Path
        The folder of folders.
    samples, steps : int
    """
    config = network.config(data)
    given = config.data
    kept = dataclasses.replace(given, x=given.x[:samples], t=given.t[:samples])
    build = dataclasses.replace(config.build, samples="auto", link=False)
    return dataclasses.replace(config, data=kept, build=build).with_training(steps=steps)


def measure(name: str, config: Config) -> dict[str, Any]:
    """Run the lockstep of a network; see docs/json.md for the keys."""
    started, said = time.perf_counter(), 0

    def look(step: int) -> None:
        nonlocal said
        if step >= said + 100:
            said = step
            print(f"{name}: step {step:,}, {time.perf_counter() - started:.0f} s", flush=True)

    found = verify(config, Simulator.VERILATOR, BUILD / "sim", progress=look).to_json()
    return {
        "parameters": config.parameters,
        "lanes": config.build.lanes,
        "lane_multipliers": config.build.lane_multipliers,
        "samples": len(config.data),
        "values": sum(found["compared"].values()),
        **{key: found[key] for key in ("simulator", "steps", "clocks", "mismatches")},
        "theta_digest": found["theta_digest"],
    }


def render(report: dict[str, Any]) -> str:
    """Make the Markdown of the table."""
    header = ("", "lanes", "multipliers", "steps", "clocks", "values", "mismatches", "θ at the end")
    rows = [
        (
            f"{NETWORKS[name].name}, as on the {NETWORKS[name].board}",
            f"{found['lanes']}",
            f"{found['lanes'] * found['lane_multipliers']}",
            f"{found['steps']:,}",
            f"{found['clocks']:,}",
            f"{found['values']:,}",
            f"{found['mismatches']}",
            f"`{found['theta_digest'][:16]}…`",
        )
        for name, found in report["networks"].items()
    ]
    return table(header, ("---",) + ("---:",) * 6 + ("---",), rows)


def asked(word: str) -> tuple[str, int]:
    """Read NETWORK:BOARD=STEPS.

    Raises
    ------
    InputError
        If there is no such network, or no number.
    """
    name, _, steps = word.partition("=")
    if name not in NETWORKS or not steps.isdecimal() or int(steps) < 1:
        names = ", ".join(NETWORKS)
        raise InputError(f"{word!r}: must be NETWORK:BOARD=STEPS, one of {names}, and at least 1")
    return name, int(steps)


def main(words: Sequence[str] | None = None) -> int:
    """Run what is named; return 1 if anything differs, 2 if what was asked for is wrong."""
    parser = argparse.ArgumentParser(
        prog="folded_lockstep", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("networks", nargs="+", metavar="NETWORK:BOARD=STEPS")
    parser.add_argument("--data", type=Path, required=True, help="a folder of folders")
    parser.add_argument("--samples", type=int, default=64, help="default: 64")
    options = parser.parse_args(words)
    try:
        if options.samples < 1:
            raise InputError(f"--samples {options.samples}: must be at least 1")
        update([asked(word) for word in options.networks], options.data, options.samples)
    except InputError as error:
        print(f"folded_lockstep: {error}", file=sys.stderr)
        return 2
    found = json.loads(REPORT.read_text(encoding="utf-8"))["networks"].values()
    return int(any(each["mismatches"] for each in found))


def update(chosen: Sequence[tuple[str, int]], data: Path, samples: int) -> None:
    """Run the lockstep of networks, for so many steps; write report and page after each.

    Raises
    ------
    InputError
        If data are missing, or the page has no markers.
    """
    PLACE.require()
    report: dict[str, Any] = {
        "command": "python -m experiments.folded_lockstep --data FOLDER NETWORK:BOARD=STEPS",
        "networks": {},
    }
    if REPORT.is_file():
        report = json.loads(REPORT.read_text(encoding="utf-8"))
    for name, steps in chosen:
        config = config_of(NETWORKS[name], data, samples, steps)
        report["networks"][name] = measure(name, config)
        writing.write_json(REPORT, report)
        PLACE.publish(render(report))


if __name__ == "__main__":
    sys.exit(main())
