"""The growth table says what reports/growth.json says, and that fits the networks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from boards.sweep import Sweep
from experiments import growth
from experiments.report import ROOT
from spec.config import Config
from spec.timing import Timing
from tests.experiments.made import sweep_of


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project, in which nothing takes long."""

    def sweep(config: Config, board: str, **_: Any) -> Sweep:
        used = {"TRELLIS_COMB": {"used": 100 * config.parameters, "available": 10**6}}
        return replace(sweep_of(board), utilization=used)

    monkeypatch.setattr(growth, "sweep", sweep)
    for folder in ("examples", "reports", "docs/images"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "examples" / f"{growth.BASE}.toml", tmp_path / "examples")
    text = "\n".join(("before", *growth.PLACE.markers, "after"))
    (tmp_path / growth.PLACE.page).write_text(text)
    return tmp_path


def test_update(root: Path) -> None:
    growth.update(root, 1, lambda what, stage: None)
    text = (root / growth.PLACE.page).read_text()
    assert growth.render(growth.stored(root)) in text
    assert text.startswith("before\n")
    assert text.endswith("\nafter")
    row = "| 4-8-1 | 49 | ulx3s-25f | 4,900 | 100 | 951 | 3 | 28.0 / 29.0 |"
    assert row in text
    assert (root / growth.PICTURE).read_bytes().startswith(b"\x89PNG")


def test_no_markers(root: Path, refusal: Callable[..., str]) -> None:
    (root / growth.PLACE.page).write_text("nothing")
    text = refusal(growth.update, root, 1, lambda what, stage: None)
    assert text.startswith(f"{growth.PLACE.page}: the markers")


def test_document_and_reports_agree() -> None:
    points = growth.stored(ROOT)
    page = (ROOT / growth.PLACE.page).read_text(encoding="utf-8")
    assert growth.PLACE.rendered(growth.render(points)) == page


def test_reports_fit_the_networks() -> None:
    made = json.loads((ROOT / "reports" / growth.REPORT).read_text(encoding="utf-8"))
    assert len(made) == len(growth.NETWORKS)
    for each, network in zip(made, growth.NETWORKS, strict=True):
        config = network.config(ROOT)
        timing = Timing.of(config)
        assert timing.broadcast == 1
        assert config.build.link is False
        assert each["board"] == network.board
        assert each["layers"] == list(network.layers)
        assert each["parameters"] == config.parameters
        assert each["update_delay"] == config.update_delay
        assert each["clocks_per_step"] == timing.step()
        routed = [mhz for mhz in each["fmax_mhz"]["by_seed"].values() if mhz is not None]
        assert len(routed) == growth.SEEDS
        assert each["fmax_mhz"]["min"] == min(routed)
