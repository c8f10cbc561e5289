"""Long lockstep of networks on boards: what is run, kept and shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from experiments import folded_lockstep
from experiments.folded_boards import NETWORKS, Network
from experiments.folded_lockstep import PLACE, REPORT, config_of, render
from experiments.place import ROOT, Place
from sim.verify import Mismatch, Verification
from tests.model.compiled.test_folded import image

NAME, SECOND, *_ = NETWORKS


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the report is; images are never read, and nothing is simulated."""
    monkeypatch.setattr(folded_lockstep, "REPORT", tmp_path / "lockstep.json")
    monkeypatch.setattr(Place, "publish", lambda *_: None)
    monkeypatch.setattr(Network, "config", lambda *_: image())
    return tmp_path / "lockstep.json"


def outcome(monkeypatch: pytest.MonkeyPatch, *mismatches: Mismatch) -> None:
    def fake(config: Any, *_: Any, progress: Any, **__: Any) -> Verification:
        steps = config.training.steps
        progress(steps)
        return Verification(
            "s", "rtl", 9 * steps, steps, {"u": 4, "C": 5}, [*mismatches], "ab" * 32
        )

    monkeypatch.setattr(folded_lockstep, "verify", fake)


def test_what_is_run_is_added(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome(monkeypatch)
    for word in (f"{NAME}=7", f"{SECOND}=8", f"{NAME}=9"):
        assert folded_lockstep.main([word, "--data", "nowhere", "--samples", "2"]) == 0
    report = json.loads(kept.read_text(encoding="utf-8"))
    assert {name: one["steps"] for name, one in report["networks"].items()} == {NAME: 9, SECOND: 8}
    line = render(report).splitlines()[2]
    assert line.startswith(
        f"| {NETWORKS[NAME].name}, as on the {NETWORKS[NAME].board} | 2 | 2 | 9 |"
    )
    assert line.endswith("| 81 | 9 | 0 | `abababababababab…` |")


def test_a_mismatch_is_said(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome(monkeypatch, Mismatch(3, 0, "u", 1, 2))
    assert folded_lockstep.main([f"{NAME}=7", "--data", "nowhere"]) == 1
    assert json.loads(kept.read_text(encoding="utf-8"))["networks"][NAME]["mismatches"] == 1


def test_only_the_first_samples_are_in_use(kept: Path) -> None:
    config = config_of(NETWORKS[NAME], Path(), 4, 7)
    assert config.data.x == image().data.x[:4]
    assert (config.training.steps, len(config.data)) == (7, 4)


@pytest.mark.parametrize("word", ["nothing=5", NAME, f"{NAME}=0", f"{NAME}=many"])
def test_no_such_network_or_number(
    word: str, kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert folded_lockstep.main([word, "--data", "nowhere"]) == 2
    line = capsys.readouterr().err
    assert line.startswith(f"folded_lockstep: '{word}': must be NETWORK:BOARD=STEPS")
    assert line.count("\n") == 1
    assert not kept.exists()


def test_the_page_has_what_the_report_says() -> None:
    report = json.loads(REPORT.read_text(encoding="utf-8"))
    assert render(report) in (ROOT / PLACE.page).read_text(encoding="utf-8")
    assert all(found["mismatches"] == 0 for found in report["networks"].values())
