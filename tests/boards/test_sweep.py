"""A sweep synthesises once, and gives each seed the Fmax that nextpnr found with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from boards import flow, tools
from boards.sweep import SEEDS, sweep
from spec.config import Config

FMAX = {1: 30.0, 2: 11.0, 3: 28.004, 4: 14.0, 5: 90.0, 6: 20.0}
UTILIZATION = {"ICESTORM_LC": {"used": 1974, "available": 5280}}


class FakeTools:
    """Stands in for `tools.run`; `FMAX` is what nextpnr finds with each seed."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Path]] = []

    def run(self, argv: Sequence[str], folder: Path) -> tuple[int, str]:
        name = Path(argv[0]).name.removeprefix("yowasp-")
        self.calls.append((name, folder))
        if name == "yosys":
            cells = {f"c{k}": {"type": kind} for k, kind in enumerate(["SB_DFFE", "SB_MAC16"])}
            text = json.dumps({"modules": {"top": {"cells": cells}}})
            (folder / "top.json").write_text(text)
            return 0, ""
        assert (folder / "top.json").exists()
        report: dict[str, object] = {"utilization": UTILIZATION}
        if "--pack-only" not in argv:
            fmax = FMAX[int(argv[argv.index("--seed") + 1])]
            report["fmax"] = {"clk": {"achieved": fmax, "constraint": 12.0}}
        (folder / flow.REPORT).write_text(json.dumps(report))
        return 0, ""


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeTools:
    fake = FakeTools()
    monkeypatch.setattr(tools, "run", fake.run)
    monkeypatch.setattr(tools, "version", lambda tool: f"version of {tool}")
    return fake


def test_one_synthesis_and_many_seeds(xor: Config, fake: FakeTools) -> None:
    stages: list[str] = []
    found = sweep(xor, "icebreaker", jobs=3, progress=stages.append)
    assert [name for name, _ in fake.calls] == ["yosys"] + ["nextpnr-ice40"] * (1 + len(SEEDS))
    folders = [folder for _, folder in fake.calls]
    assert folders[0] == folders[1]
    assert len(set(folders[1:])) == 1 + len(SEEDS)
    assert not any(folder.exists() for folder in folders)
    assert found.fmax_mhz == {1: 30.0, 2: 11.0, 3: 28.0, 4: 14.0, 5: 90.0}
    assert found.median_mhz == 28.0
    assert stages == list(flow.STAGES[:2])
    assert (found.board, found.device, found.clock_mhz) == ("icebreaker", "iCE40UP5K", 12.0)
    assert found.utilization == UTILIZATION
    assert (found.flip_flops, found.multipliers) == (1, 1)
    assert found.tools["versions"]["yosys"] == "version of yosys"
    assert "--seed" not in found.tools["options"]["nextpnr_opts"]


def test_one_slow_seed_misses_the_timing(xor: Config, fake: FakeTools) -> None:
    assert not sweep(xor, "icebreaker", seeds=(1, 2)).timing_met
    found = sweep(xor, "icebreaker", seeds=(4, 1, 3, 6))
    assert found.timing_met
    assert list(found.fmax_mhz) == [4, 1, 3, 6]
    assert found.median_mhz == 24.0


def test_a_seed_that_fails(xor: Config, fake: FakeTools, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(argv: Sequence[str], folder: Path) -> tuple[int, str]:
        return (3, "ERROR: no route\n") if "4" in argv else fake.run(argv, folder)

    monkeypatch.setattr(tools, "run", run)
    with pytest.raises(tools.ToolError, match=r"^nextpnr-ice40: failed .*: ERROR: no route$"):
        sweep(xor, "icebreaker")
    assert not any(folder.exists() for _, folder in fake.calls)


def test_refusals(
    xor: Config, refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "must be one of" in refusal(sweep, xor, "none")
    monkeypatch.setenv("NEXTPNR_ICE40", "no-such-tool")
    assert "nextpnr-ice40: " in refusal(sweep, xor, "icebreaker")
