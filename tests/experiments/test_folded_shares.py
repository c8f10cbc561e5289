"""What layers make of C̃: nothing where nothing can come of them, and what the page says."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from experiments import folded_shares
from experiments.folded_shares import PLACE, REPORT, measure, render, shares
from experiments.place import ROOT
from model.training import trainer_of
from spec.config import Config
from tests.model.compiled.test_folded import dense

MADE: dict[str, Any] = json.loads(REPORT.read_text(encoding="utf-8"))


def config(**keys: Any) -> Config:
    return dense(3, 4, 2, estimator="weight", **keys)


def test_page_and_report_agree() -> None:
    page = (ROOT / PLACE.page).read_text(encoding="utf-8")
    assert PLACE.rendered(render(MADE)) == page
    assert [one["steps"] for one in MADE["after"]] == list(folded_shares.STEPS)


def test_all_layers_make_all_of_it() -> None:
    *layers, last = shares(config(), np.arange(26) * 500 - 6000)
    assert [each["parameters"] for each in layers] == [16, 10]
    assert last["nodes"] == 2
    assert sum(each["share"] for each in layers) == pytest.approx(1, abs=1e-3)
    assert min(each["share"] for each in (*layers, last)) > 0


def test_what_nothing_hears_has_no_share() -> None:
    """The first layer, if all weights of the second are 0; biases count."""
    theta = np.arange(26) * 500 - 6000
    theta[16:] = 0
    first, second, _ = shares(config(), theta)
    assert (first["share"], second["share"]) == (0, 1)


def test_doublings_count() -> None:
    """By node, which is two more of them, the larger move of the sums makes more of C̃."""
    theta = np.zeros(8, dtype=np.int64)
    config = dense(3, 2, estimator="weight", samples=3)
    layer, nodes = shares(config, theta)
    assert layer["share"] == 1
    assert nodes["share"] > 1  # with four weights, Δθ each, it were half of it at most


def test_theta_is_that_of_so_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folded_shares, "STEPS", (30, 60))
    found = measure(config(steps=60, check_every=10))
    assert [one["steps"] for one in found] == [30, 60]
    for one in found:
        shorter = config(steps=one["steps"], check_every=10)
        (run,) = trainer_of(shorter, [1]).run()
        assert one["layers"] == shares(shorter, run.theta)
    assert found[0]["layers"] != found[1]["layers"]
