"""Builds XOR for the reference boards, and its cells; writes reports/*.json and the README."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from boards import cell
from boards.build import build
from boards.tools import ToolError
from spec.config import Config
from spec.errors import InputError

REFERENCE_BOARDS = ("icebreaker", "ice40_hx8k_b_evn", "ulx3s-25f", "orangecrab-r0.2-25f")
BEGIN, END = "<!-- report -->", "<!-- /report -->"

ROOT = Path(__file__).parents[1]

HEADER = (
    "board",
    "part",
    "LCs or LUTs",
    "FFs",
    "multipliers",
    "RAM",
    "Fmax (MHz)",
    "clocks a step",
    "steps a second",
)

LOGIC = ("ICESTORM_LC", "TRELLIS_COMB")
MULTIPLIERS = ("ICESTORM_DSP", "MULT18X18D")
RAM = ("ICESTORM_RAM", "DP16KD")


def load(folder: Path) -> list[dict[str, Any]]:
    """Read the reports of the reference boards, in their order."""
    return [
        json.loads((folder / f"xor_{board}.json").read_text(encoding="utf-8"))
        for board in REFERENCE_BOARDS
    ]


def render(reports: Sequence[dict[str, Any]]) -> str:
    """Make the Markdown between the markers: a table, and what made it."""
    rows = [HEADER, ("---",) * 3 + ("---:",) * 6, *map(_row, reports)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    versions: dict[str, str] = {}
    for report in reports:
        versions |= report["tools"]["versions"]
    options = dict.fromkeys(report["tools"]["options"]["nextpnr_opts"] for report in reports)
    made = (
        f"Made by `make report` with {', '.join(f'{k} {v}' for k, v in versions.items())}; "
        f"nextpnr's options: {', '.join(f'`{option}`' for option in options)}; "
        "yosys's are in reports/\\*.json."
    )
    return f"{BEGIN}\n{table}\n\n{made}\n{END}"


def _row(report: dict[str, Any]) -> tuple[str, ...]:
    def resource(names: tuple[str, ...]) -> str:
        for name in names:
            if name in report["utilization"]:
                count = report["utilization"][name]
                return f"{count['used']:,} of {count['available']:,}"
        return "none"

    return (
        report["board"],
        report["device"],
        resource(LOGIC),
        f"{report['flip_flops']:,}",
        resource(MULTIPLIERS),
        resource(RAM),
        f"{report['fmax_mhz']:.1f}",
        f"{report['clocks_per_step']}",
        f"{report['steps_per_second']:,.0f} at {report['clock_mhz']:g} MHz",
    )


def insert(text: str, rendered: str, begin_mark: str = BEGIN, end_mark: str = END) -> str:
    """Replace what is between two markers, and them.

    Raises
    ------
    InputError
        If the markers are not there.
    """
    before, begin, rest = text.partition(begin_mark)
    _, end, after = rest.partition(end_mark)
    if not begin or not end:
        raise InputError(f"README.md: the markers {begin_mark} and {end_mark} are missing")
    return before + rendered + after


def update_cells(root: Path = ROOT) -> None:
    """Measure the cells of XOR; write `root`'s reports/cells.json and README.md.

    Raises
    ------
    InputError, ToolError
        As `boards.cell.area`; or if the README has no markers.
    """
    readme = root / "README.md"
    insert(readme.read_text(encoding="utf-8"), "", cell.BEGIN, cell.END)  # fails now, not later
    measured = cell.measure(Config.load(root / cell.CONFIG))
    path = root / "reports" / "cells.json"
    path.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    text = insert(readme.read_text(encoding="utf-8"), cell.render(measured), cell.BEGIN, cell.END)
    readme.write_text(text, encoding="utf-8")


def update(root: Path = ROOT) -> None:
    """Build XOR for all reference boards; write `root`'s reports/*.json and README.md.

    Raises
    ------
    InputError, ToolError
        As `boards.build.build`; or if timing is not met, or the README has no markers.
    """
    readme = root / "README.md"
    if not readme.is_file():
        raise InputError(f"{readme}: is missing; reports are made in a checkout of the project")
    insert(readme.read_text(encoding="utf-8"), "")  # fails now, not after minutes of work
    config = Config.load(root / "examples" / "xor.toml")
    made = {}
    for board in REFERENCE_BOARDS:
        with tempfile.TemporaryDirectory() as folder:
            report = build(
                config,
                board,
                folder=Path(folder),
                progress=lambda stage, board=board: print(f"{board}: {stage}", flush=True),
            )
        if not report.timing_met:
            raise ToolError(
                f"board {board!r}: {report.fmax_mhz} MHz is too slow for {report.clock_mhz} MHz"
            )
        made[board] = report.to_dict()
        for path in ("bitstream", "log"):
            made[board][path] = Path(made[board][path]).name
    for board, report in made.items():
        path = root / "reports" / f"xor_{board}.json"
        path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    text = insert(readme.read_text(encoding="utf-8"), render(load(root / "reports")))
    readme.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    try:
        update_cells()
        update()
    except (InputError, ToolError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, InputError) else 1)
