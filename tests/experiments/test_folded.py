"""The accuracy of networks on images: cases, table, and what is kept of runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments import folded
from experiments.folded import CASES, REPORT, STEPS, measure, render
from experiments.place import ROOT, Place
from model.run import theta_digest
from spec.config import Config
from tests.model.compiled.test_folded import image


def test_runs_are_kept_as_they_go_on() -> None:
    kept: list[dict[str, Any]] = []
    config = image(steps=90, check_every=30)
    measure(config, 3, lambda run: kept.append(json.loads(json.dumps(run))))
    assert [run["steps"] for run in kept] == [30, 60, 90]
    assert [len(run["curve"]) for run in kept] == [1, 2, 3]
    assert len({run["theta_digest"] for run in kept}) == 3
    assert all(run["seed"] == 3 for run in kept)
    assert all(0 <= point["training"] <= 1 for point in kept[-1]["curve"])
    assert kept[-1]["curve"][0]["held_out"] is None  # it has no test


def test_a_cell_is_the_mean_of_all_runs_that_came_so_far() -> None:
    def run(*curve: tuple[int, float, float]) -> dict[str, Any]:
        keys = ("step", "training", "held_out")
        return {"curve": [dict(zip(keys, point, strict=True)) for point in curve]}

    first, second, *_ = STEPS
    runs = [run((first, 0.5, 0.25), (50, 1, 1)), run((first, 0.7, 0.35), (second, 0.9, 0.8))]
    cases = {"cnn": {"parameters": 14378, "runs": runs}}
    line = render({"cases": cases}).splitlines()[-1]
    assert line.startswith(
        f"| {CASES['cnn'].name} | 14,378 | 30.0% / 60.0% (2) | 80.0% / 90.0% (1)"
    )


def test_only_what_is_not_there_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[int, int]] = []

    def fake(config: Config, seed: int, keep: Any) -> None:
        made.append((seed, config.training.steps))
        keep({"seed": seed, "steps": config.training.steps, "curve": []})

    config = image()
    monkeypatch.setattr(folded, "measure", fake)
    monkeypatch.setattr(folded, "REPORT", tmp_path / "folded.json")
    monkeypatch.setattr(Place, "publish", lambda *_: None)
    monkeypatch.setattr(
        folded, "config_of", lambda case, data, steps: config.with_training(steps=steps or 90)
    )
    words = ["--data", "nowhere", "--cases", "cnn", "--seeds", "1", "2"]
    for more in (["--steps", "30"], [], ["--steps", "60"]):
        assert folded.main([*words, *more]) == 0
    assert made == [(1, 30), (2, 30), (1, 90), (2, 90)]
    runs = json.loads((tmp_path / "folded.json").read_text())["cases"]["cnn"]["runs"]
    assert [(run["seed"], run["steps"]) for run in runs] == [(1, 90), (2, 90)]


def test_the_page_has_what_the_report_says() -> None:
    report = json.loads(REPORT.read_text(encoding="utf-8"))
    page = (REPORT.parents[1] / "docs" / "folded.md").read_text(encoding="utf-8")
    assert render(report) in page
    for found in report["cases"].values():
        for run in found["runs"]:
            assert run["curve"][-1]["step"] == run["steps"]
            assert len(run["theta_digest"]) == len(theta_digest(np.zeros(1)))


def test_other_pages_have_the_perceptrons_numbers() -> None:
    line = next(
        line
        for line in render(json.loads(REPORT.read_text(encoding="utf-8"))).splitlines()
        if line.startswith(f"| {CASES['perceptron'].name} |")
    )
    found = [round(float(cell.split("%")[0])) for cell in line.split("|")[3:6]]
    assert f"{found[0]} % in the test after 100,000 steps" in text("README.md")
    said = f"has {found[0]} % in the test on average, and {found[2]} % after 1,000,000"
    assert said in text("docs/measured.md")


def text(page: str) -> str:
    return " ".join((ROOT / page).read_text(encoding="utf-8").split())
