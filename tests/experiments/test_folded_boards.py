"""Networks of a folded engine on boards: what is built, kept and shown."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from boards.estimate import estimate
from boards.logic import MARGIN
from boards.sweep import Sweep
from experiments import folded_boards
from experiments.folded_boards import NETWORKS, REPORT, Network, render
from experiments.measured import LOGIC
from experiments.place import Place
from spec.config import Config, read_toml
from spec.plant import Engine, Multipliers
from spec.timing import Timing
from tests.conftest import EXAMPLES
from tests.model.compiled.test_folded import image
from tests.spec.test_docs_folded import budget

MADE: dict[str, Any] = json.loads(REPORT.read_text(encoding="utf-8"))


def made(fmax: dict[int, float | None]) -> Sweep:
    """What a build is said to take."""
    used = {kind: {"used": 7, "available": 9} for kind in ("MULT18X18D", "TRELLIS_COMB", "DP16KD")}
    return Sweep("ulx3s-25f", "LFE5U-25F", 25.0, fmax, None, "6", 2, used, 1, 1, {})


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the report is, of sweeps that are made up; images are never read."""
    monkeypatch.setattr(folded_boards, "REPORT", tmp_path / "boards.json")
    monkeypatch.setattr(Place, "publish", lambda *_: None)
    monkeypatch.setattr(Network, "config", lambda *_: image())
    monkeypatch.setattr(folded_boards, "sweep", lambda *_, routed, **__: made({routed: 50.0}))
    return tmp_path / "boards.json"


def test_what_is_built_is_added(kept: Path) -> None:
    first, second, *_ = NETWORKS
    for words in ([first], [second, "--routed", "3"], [first, "--routed", "2"]):
        assert folded_boards.main([*words, "--data", "nowhere"]) == 0
    report = json.loads(kept.read_text(encoding="utf-8"))
    found = {name: each["fmax_mhz"]["by_seed"] for name, each in report["networks"].items()}
    assert found == {first: {"2": 50.0}, second: {"3": 50.0}}
    assert len(render(report).splitlines()) == 2 + 2


@pytest.mark.parametrize("option", ["--jobs", "--routed"])
def test_no_seeds(option: str, kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [next(iter(NETWORKS)), "--data", "nowhere", option, "0"]
    assert folded_boards.main(words) == 2
    assert capsys.readouterr().err == f"folded_boards: {option} 0: must be at least 1\n"
    assert not kept.exists()


def test_a_row() -> None:
    name, network = next(iter(NETWORKS.items()))
    point: dict[str, Any] = folded_boards.point(network, image(), made({1: 50.0, 2: None, 3: 40.0}))
    line = render({"networks": {name: point | {"clocks_per_step": 4500}}}).splitlines()[-1]
    assert line == (
        f"| {network.name} | ulx3s-25f | {image().build.lanes} | 7 of 9 | 7 of 9 | 7 of 9 | "
        "4,500 | 25 | 40.0 / 45.0 | 2 | 100 s |"
    )


def test_the_slower_of_nextpnr_and_icetime_counts() -> None:
    network = NETWORKS["perceptron:icebreaker"]
    both = replace(made({1: 50.0, 2: 40.0}), icetime_mhz={1: 30.0, 2: 45.0})
    point: dict[str, Any] = folded_boards.point(network, image(), both)
    line = render({"networks": {"perceptron:icebreaker": point | {"clocks_per_step": 3500}}})
    assert line.endswith("| 40.0 / 45.0; icetime: 30.0 / 37.5 | 2 | 100 s |")


@pytest.mark.parametrize("name", NETWORKS)
def test_networks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All are folded, with the multipliers that the table speaks of, and a ring of samples."""
    tables: list[dict[str, Any]] = []
    monkeypatch.setattr(Config, "from_dict", tables.append)
    NETWORKS[name].config(Path("nowhere"))
    (given,) = tables
    build = given["build"]
    on_board = NETWORKS[name].lanes is None
    assert Engine(build["engine"]) is Engine.FOLDED
    assert Multipliers(build["multipliers"]) is Multipliers.REGISTERED
    assert build["link"]
    if on_board:
        own = read_toml(EXAMPLES / f"{NETWORKS[name].example}.toml")["build"]
        assert build == own
        assert build["word_ports"] == 1
    else:
        assert (build["lanes"], build["samples"]) == (NETWORKS[name].lanes, 16)
    assert given["task"]["path"].startswith(str(Path("nowhere").absolute()))


def test_the_page_has_what_the_report_says() -> None:
    page = (REPORT.parents[1] / "docs" / "folded.md").read_text(encoding="utf-8")
    assert render(MADE) in page
    assert set(MADE["networks"]) <= set(NETWORKS)


@pytest.mark.parametrize(("name", "found"), MADE["networks"].items(), ids=MADE["networks"])
def test_reports_fit_the_networks(name: str, found: dict[str, Any]) -> None:
    """In clocks, and in LUTs, as `mgd estimate` has them; without images."""
    network = NETWORKS[name]
    lanes, each = found["lanes"], found["lane_multipliers"]
    config, _ = budget(network.example, "", lanes, lanes * each)
    build = replace(config.build, multipliers=Multipliers.REGISTERED, link=True)
    config = replace(config, build=build)
    assert found["clocks_per_step"] == Timing.of(config).step()
    assert found["parameters"] == config.parameters
    (used,) = [found["utilization"][kind]["used"] for kind in LOGIC if kind in found["utilization"]]
    assert abs(estimate(config, network.board).logic / used - 1) < MARGIN
