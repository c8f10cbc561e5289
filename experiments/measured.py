"""Tables of boards: docs/measured.md, and a few rows in the README; made from reports/*.json."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from boards.flow import SETTINGS
from experiments.place import Place, table

PAGE = "docs/measured.md"
BUILDS, SOLUTIONS = Place(PAGE, "report"), Place(PAGE, "solutions")
BOARDS = Place("README.md", "boards")
SHOWN = (
    ("xor", "icebreaker"),
    ("xor-fast", "ulx3s-25f"),
    ("nist7x7-node-fast", "ulx3s-25f"),
    ("nist7x7-folded", "ice40_hx8k_b_evn"),
)
"""Examples and boards in the README."""

LOGIC = ("ICESTORM_LC", "TRELLIS_COMB")
MULTIPLIERS = ("ICESTORM_DSP", "MULT18X18D")


@dataclass(frozen=True)
class Published:
    """A time to solution of XOR in Table 1 of Buckley and McCaughan, ICONS 2022.

    Those of hardware are estimates: 10,000 steps, in each an evaluation for C0 and one for C, at
    an assumed τ_p; the CPU, an AMD Ryzen 1950X, was measured.

    Parameters
    ----------
    where : str
    step, steps : str
        How long one takes, and how many there are; nothing where the paper does not say.
    seconds : float
    """

    where: str
    step: str
    steps: str
    seconds: float


PAPER = (
    Published("HW1", "2 × 1 ms", "10,000", 20.0),
    Published("HW2", "2 × 1 µs", "10,000", 20e-3),
    Published("HW3", "2 × 10 ns", "10,000", 0.2e-3),
    Published("HW4", "2 × 1 ns", "10,000", 0.02e-3),
    Published("CPU", "", "10,000", 200e-3),
    Published("CPU, backpropagation", "", "", 70e-3),
)


def render_builds(reports: Sequence[dict[str, Any]]) -> str:
    """Make the Markdown of area and speed: a table, and what made it."""
    header = (
        "config",
        "board, speed grade",
        "LCs or LUTs",
        "multipliers",
        "Fmax, min / median (MHz)",
        "clocks a step",
        "steps a second at median Fmax",
        "at its clock",
        "commit",
    )
    versions: dict[str, str] = {}
    for report in reports:
        versions |= report["tools"]["versions"]
    options = dict.fromkeys(_placing(report["tools"]) for report in reports)
    seeds = dict.fromkeys(f"{len(_routed(report))}" for report in reports)
    made = (
        f"Made by `make report` with {', '.join(f'{k} {v}' for k, v in versions.items())}; "
        f"options: {', '.join(options)}; "
        f"with {' or '.join(seeds)} seeds that lead to a route; yosys's are in reports/\\*.json."
    )
    builds = table(
        header, ("---",) * 3 + ("---:",) * 5 + ("---",), [_build(report) for report in reports]
    )
    return f"{builds}\n\n{made}"


def _placing(tools: dict[str, Any]) -> str:
    """Say with which options nextpnr placed and routed a row."""
    (nextpnr,) = [name for name in tools["versions"] if name.startswith("nextpnr")]
    options = tools["options"]
    settings = f", `{options[SETTINGS]}`" if SETTINGS in options else ""
    return f"`{nextpnr} {options['nextpnr_opts']}`{settings}"


def resource(report: dict[str, Any], names: tuple[str, ...]) -> str:
    """Say how much a row uses of what a device has, whatever its family calls it."""
    for name in names:
        if name in report["utilization"]:
            count = report["utilization"][name]
            return f"{count['used']:,} of {count['available']:,}"
    return "none"


def _build(report: dict[str, Any]) -> tuple[str, ...]:
    fmax, rates = report["fmax_mhz"], report["steps_per_second"]
    tried = len(fmax["by_seed"])
    stuck = tried - len(_routed(report))
    return (
        f"`{report['example']}`{', with a link' if report['link'] else ''}",
        f"{report['board']}, {report['speed_grade']}",
        resource(report, LOGIC),
        resource(report, MULTIPLIERS),
        f"{fmax['min']:.1f} / {fmax['median']:.1f}"
        + by_icetime(report["icetime_mhz"])
        + (f", {stuck} of {tried} seeds without a route" if stuck else ""),
        f"{report['clocks_per_step']}",
        f"{rates['at_median_fmax']:,.0f}",
        f"{rates['at_clock']:,.0f} at {report['clock_mhz']:g} MHz{_met(report)}",
        report["commit"] or "",
    )


def _met(report: dict[str, Any]) -> str:
    """Say with how many seeds a row is fast enough for its clock, if not with all."""
    routed = _routed(report)
    met = sum(fmax >= report["clock_mhz"] for fmax in routed)
    return "" if met == len(routed) else f", {met} of {len(routed)} seeds"


def by_icetime(said: dict[str, Any] | None) -> str:
    """Say what icetime makes of Fmax, where nextpnr's word is not enough."""
    if said is None:
        return ""
    if said["median"] is None:
        return "; icetime: not checked"
    return f"; icetime: {said['min']:.1f} / {said['median']:.1f}"


def _routed(report: dict[str, Any]) -> list[float]:
    return [fmax for fmax in report["fmax_mhz"]["by_seed"].values() if fmax is not None]


def render_solutions(reports: Sequence[dict[str, Any]]) -> str:
    """Make the Markdown of times to solution, the paper's for XOR below.

    Rows with a link are left out: they train as those without.
    """
    header = ("config", "where", "a step", "steps", "solved", "time to solution", "simulated too")
    paper = [
        ("XOR in the paper", row.where, row.step, row.steps, "", duration(row.seconds), "")
        for row in PAPER
    ]
    rows = [*(_solution(report) for report in reports if not report["link"]), *paper]
    align = ("---",) * 2 + ("---:",) * 4 + ("---",)
    return table(header, align, rows)


def render_boards(reports: Sequence[dict[str, Any]]) -> str:
    """Make the Markdown of a few rows, area and time to solution in one table; without links."""
    header = ("config", "cells", "board", "LCs or LUTs", "Fmax (MHz)", "solved", "time to solution")
    align = ("---", "---:", "---", "---:", "---:", "---:", "---:")
    rows = [
        (
            f"`{report['example']}`",
            f"{report['parameters']:,}",
            report["board"],
            resource(report, LOGIC),
            f"{_median_mhz(report):.1f}",
            *_solution(report)[4:6],
        )
        for report in reports
        if (report["example"], report["board"]) in SHOWN and not report["link"]
    ]
    return table(header, align, rows)


def _solution(report: dict[str, Any]) -> tuple[str, ...]:
    golden, simulated = report["golden"], report["simulated"]
    fmax, seconds = _median_mhz(report), report["time_to_solution_s"]
    limit = "" if simulated["steps"] is None else f", only {simulated['steps']:,} steps"
    return (
        f"`{report['example']}`",
        f"{report['board']} at {fmax:.1f} MHz",
        duration(report["clocks_per_step"] / (fmax * 1e6)),
        "∞" if golden["median_steps"] is None else f"{golden['median_steps']:,.0f}",
        f"{golden['solved']:,} of {golden['seeds']:,}",
        "∞" if seconds is None else duration(seconds),
        f"{simulated['seeds']} seeds{limit}",
    )


def _median_mhz(report: dict[str, Any]) -> float:
    """Return the clock at which the median seed is fast enough for nextpnr and icetime."""
    return report["steps_per_second"]["at_median_fmax"] * report["clocks_per_step"] / 1e6


def duration(seconds: float) -> str:
    """Write a time with three digits that count and a fitting unit, from ns to s."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if float(f"{seconds:.2e}") >= size:
            return f"{_three_digits(seconds / size)} {unit}"
    return f"{_three_digits(seconds / 1e-9)} ns"


def _three_digits(number: float) -> str:
    rounded = float(f"{number:.2e}")
    return f"{rounded:,.0f}" if rounded >= 100 else f"{rounded:g}"
