"""The table of accuracies says what reports/letters.json says, and that what training makes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments import letters
from experiments.letters import CASES, PLACE, REPORT, SEEDS, STEPS, config_of, render
from experiments.place import ROOT
from host.cli import main

MADE: dict[str, Any] = json.loads((ROOT / "reports" / REPORT).read_text(encoding="utf-8"))


def test_page_and_report_agree() -> None:
    page = (ROOT / PLACE.page).read_text(encoding="utf-8")
    assert PLACE.rendered(render(MADE)) == page
    assert [(case["estimator"], case["eta"]) for case in MADE["cases"]] == [
        (case["estimator"], case["eta"]) for case in CASES
    ]


@pytest.mark.parametrize(
    "case", MADE["cases"], ids=lambda case: f"{case['estimator']}{case['eta']}"
)
def test_every_run_is_there(case: dict[str, Any]) -> None:
    steps = [each["steps"] for each in case["accuracy"]]
    assert steps == list(STEPS[: len(steps)])
    for each in case["accuracy"]:
        assert len(each["training"]) == len(each["held_out"]) == MADE["seeds"] == SEEDS


@pytest.mark.parametrize("case", CASES[::2], ids=lambda case: case["estimator"])
def test_measuring(case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The accuracies are those that `mgd train` tells, after as many steps."""
    monkeypatch.setattr(letters, "STEPS", (40, 80, 400))
    found = letters.measure(config_of(case, 80), seeds=2)
    assert [each["steps"] for each in found] == [40, 80]
    text = (ROOT / "examples" / "nist7x7.toml").read_text(encoding="utf-8")
    text = text.replace("eta = -7 ", f'eta = {case["eta"]}\nestimator = "{case["estimator"]}" ')
    (tmp_path / "copy.toml").write_text(text, encoding="utf-8")
    for each in found:
        out = tmp_path / "out.json"
        words = ["train", str(tmp_path / "copy.toml"), "--runs", "2", "--json", str(out)]
        assert main([*words, "--steps", str(each["steps"])]) == 1  # none is solved
        runs = json.loads(out.read_text())["runs"]
        assert each["training"] == [run["accuracy"] for run in runs]
        assert each["held_out"] == [run["held_out_accuracy"] for run in runs]


def test_what_was_not_run_is_said() -> None:
    accuracy = {"steps": STEPS[0], "training": [0.2, 0.5, 0.3], "held_out": [0.1, 0.1, 0.1]}
    case = {"estimator": "node", "eta": -5, "accuracy": [accuracy]}
    lines = render({"cases": [case]}).splitlines()
    assert lines[-2].startswith("| nodes | 2^-5 | training | 30.0% (20.0–50.0) | not run |")
    assert np.char.count(lines[-1], "not run") == len(STEPS) - 1
