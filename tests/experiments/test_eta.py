"""The table of η says what reports/eta.json says, and that what the code chooses."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from experiments import eta
from experiments.eta import CASES, PLACE, REPORT, Case, config_of, render
from experiments.place import ROOT
from model.eta import chosen, curvature
from spec.config import Config

PAGE_TEXT = (ROOT / PLACE.page).read_text(encoding="utf-8")
MADE: dict[str, Any] = json.loads((ROOT / "reports" / REPORT).read_text(encoding="utf-8"))


def test_page_and_report_agree() -> None:
    assert PLACE.rendered(render(MADE)) == PAGE_TEXT
    assert [case["name"] for case in MADE["cases"]] == [case.name for case in CASES]


@pytest.mark.parametrize(("case", "found"), list(zip(CASES, MADE["cases"], strict=True)))
def test_report_and_code_agree(case: Case, found: dict[str, Any], tmp_path: Path) -> None:
    config = config_of(case, tmp_path)
    assert chosen(config).training.eta == found["auto"]
    assert round(float(curvature(config)), 4) == found["trace"]
    assert config.parameters == found["parameters"]


def test_the_choice_is_the_best() -> None:
    """Of all η that were tried; and far better than η·P = 2 in a regression."""
    for found in MADE["cases"]:
        costs = {int(k): cost for k, cost in found["costs"].items()}
        assert costs[found["auto"]] == min(costs.values())
    sine = MADE["cases"][0]
    assert float(sine["costs"]["-4"]) > 10 * float(sine["costs"][str(sine["auto"])])


def test_measuring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The median of the runs' mean costs, of every η that the formats allow."""
    monkeypatch.setattr(eta, "ETAS", (-6, -60))
    config = config_of(CASES[0], tmp_path).with_training(steps=20, check_every=20)
    found = eta.measure(config)
    assert list(found["costs"]) == [-6]
    assert 0.01 < found["costs"][-6] < 4
    assert "| x, 1-1, tanh output | 2 |" in render(
        {
            "cases": [
                {"name": "x", "layers": [1, 1], "output": "tanh"}
                | {"parameters": 2, "trace": 1.0, "auto": -6, "costs": {"-6": 0.1}}
            ]
        }
    )


@pytest.mark.parametrize("name", ["xor", "parity4"])
def test_what_the_page_says_of_examples(name: str) -> None:
    """η·tr H of those that were chosen by hand."""
    config = Config.load(ROOT / "examples" / f"{name}.toml")
    part = 1 / (curvature(config) * Fraction(2) ** config.eta)
    assert f"`{name}` has 1/{round(part)}" in PAGE_TEXT or f"`{name}` 1/{round(part)}" in PAGE_TEXT
