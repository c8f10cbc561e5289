"""Accuracy over samples and seconds: the mean of runs, when it is reached, table and picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from experiments import folded, folded_boards, folded_curves
from experiments.folded_boards import NETWORKS
from experiments.folded_curves import PICTURE, SHOWN, Curve, draw, render, seconds_a_step
from experiments.place import ROOT

MADE, BUILT = (
    json.loads(module.REPORT.read_text(encoding="utf-8")) for module in (folded, folded_boards)
)
BOARD = {"board": "b", "clocks_per_step": 500, "median_mhz": 50.0, "fmax_mhz": {"median": 60.0}}


def run(*accuracy: float) -> dict[str, Any]:
    curve = [{"step": 10 * (k + 1), "held_out": each} for k, each in enumerate(accuracy)]
    return {"steps": 10 * len(accuracy), "curve": curve}


def test_a_curve_is_the_mean_as_far_as_all_runs_are() -> None:
    curve = Curve.of([run(0.2, 0.5, 0.9), run(0.4, 0.7)])
    assert curve.samples == (10, 20)
    assert curve.accuracy == pytest.approx((0.3, 0.6))
    assert [curve.reaches(level) for level in (0.25, 0.31, 0.7)] == [10, 20, None]


def test_runs_with_other_checks_have_no_mean() -> None:
    other = {"steps": 20, "curve": [{"step": 20, "held_out": 0.5}]}
    with pytest.raises(AssertionError, match="other checks"):
        Curve.of([run(0.2, 0.5), other])


def test_a_step_takes_its_clocks_at_the_median() -> None:
    assert seconds_a_step(BOARD) == pytest.approx(10e-6)


def test_a_row(tmp_path: Path) -> None:
    shown = SHOWN[0]
    runs = [{"steps": 3_000_000, "curve": [{"step": 3_000_000, "held_out": 0.55}]}]
    report, networks = {"cases": {shown.case: {"runs": runs}}}, {shown.boards[0]: BOARD}
    line = render(report, networks).splitlines()[-1]
    reached = "3,000,000, 30.0 s"
    assert line == f"| {shown.name} (1) | b | {reached} | {reached} |  |  |  | 55.0% at {reached} |"
    draw(report, networks, tmp_path / "new.png")
    assert (tmp_path / "new.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_shown_is_there() -> None:
    for shown in SHOWN:
        assert shown.case in folded.CASES
        examples = {NETWORKS[board].example for board in shown.boards}
        assert examples == {folded.CASES[shown.case].example}


def test_the_page_has_what_the_reports_say() -> None:
    page = (ROOT / folded_curves.PLACE.page).read_text(encoding="utf-8")
    assert render(MADE, BUILT["networks"]) in page
    assert PICTURE.removeprefix("docs/") in page
