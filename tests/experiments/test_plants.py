"""What docs/plants.md says of trainings and boards is what was made, and can be made again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from boards.catalogue import find
from boards.plant_top import at_clock
from boards.sweep import Sweep
from experiments.place import ROOT, Place
from experiments.plants import __main__ as plants
from experiments.plants import boards, training
from experiments.plants.__main__ import BUILT, REPORT, TRAINED
from experiments.plants.boards import BOARDS, on_board
from experiments.plants.training import CASES, trained
from spec.external.timing import ExternalTiming

MADE: dict[str, Any] = json.loads(REPORT.read_text(encoding="utf-8"))


@pytest.mark.parametrize("place", [TRAINED, BUILT], ids=lambda place: place.name)
def test_the_page_has_the_report(place: Place) -> None:
    content = (training if place is TRAINED else boards).render(MADE)
    page = (ROOT / place.page).read_text(encoding="utf-8")
    assert place.rendered(content) == page
    assert len(content.splitlines()) > 2


def test_every_case_is_there() -> None:
    assert set(MADE["training"]) == set(CASES)
    assert set(MADE["boards"]) <= set(BOARDS)


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=[] if n == "mesh-9" else [pytest.mark.slow]) for n in CASES],
)
def test_training_again_gives_the_same(name: str) -> None:
    """Of the golden model to the last bit; float64 may depend on the computer."""
    found = json.loads(json.dumps(trained(CASES[name])))
    row = MADE["training"][name]
    assert {k: v for k, v in found.items() if "reference" not in k} == {
        k: v for k, v in row.items() if "reference" not in k
    }


@pytest.mark.parametrize("name", MADE["boards"])
def test_clocks_of_rows(name: str) -> None:
    what, row = BOARDS[name], MADE["boards"][name]
    timing = ExternalTiming.of_external(at_clock(on_board(what), find(what.board)))
    assert row.get("engine", "spatial") == on_board(what).build.engine.value
    assert row["clocks_per_step"] == timing.step()


def test_the_meshes_need_no_more_steps_than_float64() -> None:
    """Than 1.2 times as many, in the median and at most."""
    for name in ("mesh", "mesh, noise"):
        row = MADE["training"][name]
        assert row["solved"] == row["seeds"] == 20
        for which in ("median", "most"):
            assert row[f"{which}_steps"] <= 1.2 * row[f"reference_{which}_steps"]


def test_the_crossbar_is_nearly_as_accurate_as_by_backpropagation() -> None:
    """Within 5 points; the goal of its runs is a cost, at which they end."""
    by_backpropagation = MADE["software"]["crossbar"]["accuracy"]
    for name in ("crossbar", "crossbar, ideal"):
        assert by_backpropagation - 0.05 <= MADE["training"][name]["accuracy"] < by_backpropagation


def test_backpropagation_again_gives_the_same() -> None:
    found = training.in_software()
    assert found == pytest.approx(MADE["software"]["crossbar"], abs=1e-9)


def test_a_build_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    used = {"TRELLIS_COMB": {"used": 7, "available": 9}, "DP16KD": {"used": 1, "available": 2}}
    built = Sweep("ulx3s-25f", "LFE5U-25F", 25.0, {1: 50.0}, None, "6", True, used, 1, 1, {})
    monkeypatch.setattr(plants, "REPORT", tmp_path / "plants.json")
    monkeypatch.setattr(Place, "publish", lambda *_: None)
    monkeypatch.setattr(boards, "sweep", lambda *_, **__: built)
    assert plants.main(["build", "mesh:ulx3s-25f"]) == 0
    report = json.loads((tmp_path / "plants.json").read_text(encoding="utf-8"))
    assert report["boards"]["mesh:ulx3s-25f"]["fmax_mhz"]["median"] == 50.0
    assert "7 of 9 | 1 of 2" in boards.render(report)


def test_a_name_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert plants.main(["train", "mash"]) == 2
    assert capsys.readouterr().err.startswith("plants: mash: must be one of mesh-9, mesh")
