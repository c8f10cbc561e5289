"""A sweep synthesises once, and gives each seed the Fmax that nextpnr found with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from boards import flow, icetime, routing, scripts, tools
from boards.sweep import ROUTED, sweep
from spec.config import Config

FMAX = {1: 30.0, 2: 13.0, 3: 28.004, 4: 14.0, 5: 90.0, 6: 20.0} | dict.fromkeys(range(7, 20), 15.0)
UTILIZATION = {"ICESTORM_LC": {"used": 1974, "available": 5280}}


class FakeTools:
    """Stands in for `tools.run`; nextpnr finds `fmax`, or is `stuck`, with each seed."""

    def __init__(self) -> None:
        self.fmax = dict(FMAX)
        self.stuck: set[int] = set()
        self.calls: list[tuple[str, Path]] = []
        self.icetime: dict[int, float] = {}
        self.cell = "SB_MAC16"

    def run(self, argv: Sequence[str], folder: Path, *_: object) -> tuple[int, str]:
        name = Path(argv[0]).name.removeprefix("yowasp-")
        self.calls.append((name, folder))
        if name == "yosys":
            cells = {f"c{k}": {"type": kind} for k, kind in enumerate(["SB_DFFE", self.cell])}
            text = json.dumps({"modules": {"top": {"cells": cells}}})
            (folder / "top.json").write_text(text)
            return 0, ""
        assert (folder / "top.json").exists()
        report: dict[str, object] = {"utilization": UTILIZATION}
        if "--pack-only" not in argv:
            seed = int(argv[argv.index("--seed") + 1])
            stuck = seed in self.stuck
            (folder / "top.tim").write_text(
                "Info:     iter=1 wires=9\n" * (routing.ITERATIONS + stuck)
            )
            fmax = self.fmax[seed]
            report["fmax"] = {"clk": {"achieved": fmax, "constraint": 12.0}}
        (folder / scripts.REPORT).write_text(json.dumps(report))
        return 0, ""


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeTools:
    fake = FakeTools()
    monkeypatch.setattr(tools, "run", fake.run)
    monkeypatch.setattr(tools, "version", lambda tool: f"version of {tool}")
    said = fake.icetime
    monkeypatch.setattr(icetime, "fmax", lambda work, board: said.get(int(work.name[5:])))
    return fake


def test_one_synthesis_and_many_seeds(small: Config, fake: FakeTools) -> None:
    stages: list[str] = []
    found = sweep(small, "icebreaker", jobs=3, progress=stages.append)
    assert [name for name, _ in fake.calls] == ["yosys"] + ["nextpnr-ice40"] * (1 + ROUTED)
    folders = [folder for _, folder in fake.calls]
    assert folders[0] == folders[1]
    assert len(set(folders[1:])) == 1 + ROUTED
    assert not any(folder.exists() for folder in folders)
    assert found.fmax_mhz == {1: 30.0, 2: 13.0, 3: 28.0, 4: 14.0, 5: 90.0}
    assert found.median_mhz == 28.0
    assert stages == list(flow.STAGES[:2])
    assert (found.board, found.device, found.clock_mhz) == ("icebreaker", "iCE40UP5K", 12.0)
    assert found.utilization == UTILIZATION
    assert (found.flip_flops, found.multipliers) == (1, 1)
    assert found.tools["versions"]["yosys"] == "version of yosys"
    assert "--seed" not in found.tools["options"]["nextpnr_opts"]


def test_one_slow_seed_misses_the_timing(small: Config, fake: FakeTools) -> None:
    assert sweep(small, "icebreaker", routed=4).met == 4
    fake.fmax[3] = 11.0
    found = sweep(small, "icebreaker", routed=4)
    assert found.met == 3
    assert (found.least_mhz, found.median_mhz) == (11.0, 13.5)


def test_icetime_confirms_where_there_are_multipliers(small: Config, fake: FakeTools) -> None:
    """Both must say that the timing is met, and the slower of the two counts, seed by seed."""
    unchecked = sweep(small, "icebreaker", routed=3)
    assert unchecked.icetime_mhz == {1: None, 2: None, 3: None}
    assert unchecked.icetime() == {
        "by_seed": {"1": None, "2": None, "3": None}, "min": None, "median": None,
    }  # fmt: skip
    assert (unchecked.met, unchecked.median_mhz) == (3, 28.0)
    fake.icetime |= {1: 20.0, 2: 12.5, 3: 40.0}
    found = sweep(small, "icebreaker", routed=3)
    assert (found.met, found.least_mhz, found.median_mhz) == (3, 12.5, 20.0)
    assert found.icetime() == {
        "by_seed": {"1": 20.0, "2": 12.5, "3": 40.0}, "min": 12.5, "median": 20.0,
    }  # fmt: skip
    assert found.fmax()["median"] == 28.0
    fake.icetime[2] = 11.9
    assert sweep(small, "icebreaker", routed=3).met == 2
    fake.cell = "SB_DFF"  # no multiplier, and nothing to confirm
    found = sweep(small, "icebreaker", routed=3)
    assert (found.met, found.icetime_mhz, found.icetime()) == (3, None, None)


def test_seeds_without_a_route_are_named_and_replaced(small: Config, fake: FakeTools) -> None:
    fake.stuck = {1, 4, 7}
    found = sweep(small, "icebreaker")
    assert found.fmax_mhz == {
        1: None, 2: 13.0, 3: 28.0, 4: None, 5: 90.0, 6: 20.0, 7: None, 8: 15.0,
    }  # fmt: skip
    assert (found.least_mhz, found.median_mhz) == (13.0, 20.0)


def test_mostly_without_a_route(small: Config, fake: FakeTools) -> None:
    fake.stuck = {1, 2, 3, 4, 5}
    assert len(sweep(small, "icebreaker").fmax_mhz) == 10
    fake.stuck.add(9)
    with pytest.raises(routing.UnroutableError, match=r"^board 'icebreaker': most of the seeds"):
        sweep(small, "icebreaker")


def test_a_seed_that_fails(small: Config, fake: FakeTools, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(argv: Sequence[str], folder: Path, *_: object) -> tuple[int, str]:
        return (3, "ERROR: no route\n") if "4" in argv else fake.run(argv, folder)

    monkeypatch.setattr(tools, "run", run)
    with pytest.raises(tools.ToolError, match=r"^nextpnr-ice40: failed .*: ERROR: no route$"):
        sweep(small, "icebreaker")
    assert not any(folder.exists() for _, folder in fake.calls)


def test_refusals(
    small: Config, refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "must be one of" in refusal(sweep, small, "none")
    monkeypatch.setenv("NEXTPNR_ICE40", "no-such-tool")
    assert "nextpnr-ice40: " in refusal(sweep, small, "icebreaker")
