"""The tables say what the reports say."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from experiments import measured
from experiments.measured import BUILDS, PAPER
from tests.experiments.made import REPORT


def test_builds() -> None:
    without = REPORT | {"utilization": {"ICESTORM_LC": {"used": 1, "available": 7680}}}
    without |= {"fmax_mhz": {"by_seed": {"1": 9.0, "2": None, "3": 9.0}, "min": 9.0, "median": 9.0}}
    without |= {"icetime_mhz": None}
    nothing = {"by_seed": {"1": None}, "min": None, "median": None}
    unchecked = REPORT | {"icetime_mhz": nothing}
    lines = measured.render_builds([REPORT, without]).splitlines()
    assert " | 28.0 / 29.0; icetime: not checked, 1 of " in measured.render_builds([unchecked])
    assert {line.count("|") for line in lines[:4]} == {10}
    assert lines[2] == (
        "| `xor` | icebreaker, UP | 2,006 of 5,280 | 3 of 8 | 28.0 / 29.0; icetime: "
        "28.5 / 30.0, 1 of 4 seeds without a route | 19 | 1,526,316 | 631,579 at 12 MHz | "
        "0123abc |"
    )
    assert lines[3].split(" | ")[3:5] == ["none", "9.0 / 9.0, 1 of 3 seeds without a route"]
    for text in (
        "`make report`",
        "amaranth 0.5.10",
        "`nextpnr-ice40 --router router2`",
        "with 3 or 2 seeds",
    ):
        assert text in lines[5]


def test_solutions() -> None:
    unsolved = REPORT | {
        "golden": {"seeds": 8, "solved": 3, "median_steps": None, "median_clocks": None},
        "time_to_solution_s": None,
        "simulated": {"seeds": 3, "simulator": "verilator", "steps": 2000},
    }
    lines = measured.render_solutions([REPORT, unsolved]).splitlines()
    assert {line.count("|") for line in lines} == {8}
    assert lines[2] == (
        "| `xor` | icebreaker at 29.0 MHz | 655 ns | 790 | 199 of 200 | 600 µs | 3 seeds |"
    )
    assert lines[3] == (
        "| `xor` | icebreaker at 29.0 MHz | 655 ns | ∞ | 3 of 8 | ∞ | 3 seeds, only 2,000 steps |"
    )
    assert len(lines) == 4 + len(PAPER)


def test_the_papers_numbers() -> None:
    """An estimate is 10,000 steps of two evaluations; Table 1 rounds nothing."""
    units = {"ms": 1e-3, "µs": 1e-6, "ns": 1e-9}
    estimates = [row for row in PAPER if row.step]
    assert [row.where for row in estimates] == ["HW1", "HW2", "HW3", "HW4"]
    for row in estimates:
        two, _, tau, unit = row.step.split()
        steps = int(row.steps.replace(",", ""))
        assert row.seconds == pytest.approx(int(two) * float(tau) * units[unit] * steps)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (20.0, "20 s"),
        (1234.0, "1,230 s"),
        (0.99999, "1 s"),
        (0.0173914, "17.4 ms"),
        (0.2e-3, "200 µs"),
        (20.84e-6, "20.8 µs"),
        (0.9996e-6, "1 µs"),
        (209.8e-9, "210 ns"),
        (9.14e-9, "9.14 ns"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert measured.duration(seconds) == text


def test_insert(refusal: Callable[..., str]) -> None:
    begin, end = BUILDS.markers
    text = f"before\n{begin}\nold\n{end}\nafter\n"
    assert BUILDS.insert(text, "new") == f"before\n{begin}\nnew\n{end}\nafter\n"
    for broken in ("", begin, end, end + begin):
        assert begin in refusal(BUILDS.insert, broken, "new")
