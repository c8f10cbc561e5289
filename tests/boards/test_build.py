"""A build reports what the tools measured, and leaves all of its files or none."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from boards import flow
from boards.build import BuildReport, build
from boards.catalogue import Board
from boards.device import DEVICES
from boards.estimate import multipliers
from boards.tools import ToolError
from spec.config import Config
from spec.errors import InputError

UTILIZATION = {"ICESTORM_LC": {"used": 1974, "available": 5280}}


@pytest.fixture
def tools_write(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, dict[str, float]]], None]:
    """Put files with given clocks where the tools would."""

    def install(clocks: dict[str, dict[str, float]]) -> None:
        def run(
            config: Config, board: Board, work: Path, seed: int, progress: Callable[[str], None]
        ) -> dict[str, str]:
            for stage in flow.STAGES:
                progress(stage)
            report = {"fmax": clocks, "utilization": UTILIZATION, "critical_paths": []}
            cells = {f"c{k}": {"type": kind} for k, kind in enumerate(["SB_DFFE", "SB_MAC16"])}
            (work / flow.REPORT).write_text(json.dumps(report))
            (work / "top.json").write_text(json.dumps({"modules": {"top": {"cells": cells}}}))
            (work / "top.bin").write_bytes(b"bits")
            for name in flow.LOGS:
                (work / name).write_text(f"{name} says\n")
            return {"nextpnr_opts": f"--seed {seed}"}

        monkeypatch.setattr(flow, "run", run)
        monkeypatch.setattr("boards.tools.version", lambda tool: f"version of {tool}")

    return install


def test_report(
    xor: Config, tmp_path: Path, tools_write: Callable[[dict[str, dict[str, float]]], None]
) -> None:
    tools_write({"clk": {"achieved": 36.232, "constraint": 12.00005}})
    stages: list[str] = []
    folder = tmp_path / "new" / "folder"
    report = build(xor, "icebreaker", folder=folder, seed=7, progress=stages.append).to_dict()
    versions = report["tools"].pop("versions")
    assert report == {
        "board": "icebreaker",
        "device": "iCE40UP5K",
        "bitstream": str(folder / "xor_icebreaker.bin"),
        "log": str(folder / "xor_icebreaker.log"),
        "fmax_mhz": 36.23,
        "clock_mhz": 12.0,
        "timing_met": True,
        "clocks_per_step": 19,
        "steps_per_second": 631578.9,
        "utilization": UTILIZATION,
        "flip_flops": 1,
        "multipliers": 1,
        "tools": {"options": {"nextpnr_opts": "--seed 7"}, "seed": 7},
    }
    assert versions["yosys"] == "version of yosys"
    assert versions["nextpnr-ice40"] == "version of nextpnr-ice40"
    assert versions["amaranth"].startswith("0.5.")
    assert versions["amaranth-boards"] == "0.0.21"
    assert stages == list(flow.STAGES)
    assert json.loads(json.dumps(report)) == report
    assert (folder / "xor_icebreaker.bin").read_bytes() == b"bits"
    assert (folder / "xor_icebreaker.log").read_text() == "top.rpt says\ntop.tim says\n"
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize(
    ("clocks", "met", "fmax"),
    [
        ({"a": {"achieved": 12.1, "constraint": 12.0}}, True, 12.1),
        ({"a": {"achieved": 11.9, "constraint": 12.0}}, False, 11.9),
        ({"a": {"achieved": 11.9, "constraint": 6.0}}, False, 11.9),  # the board's clock is 12 MHz
        (
            {
                "a": {"achieved": 40.0, "constraint": 48.0},
                "b": {"achieved": 20.0, "constraint": 12.0},
            },
            False,
            20.0,
        ),
    ],
)
def test_timing(
    xor: Config,
    tmp_path: Path,
    tools_write: Callable[[dict[str, dict[str, float]]], None],
    clocks: dict[str, dict[str, float]],
    met: bool,
    fmax: float,
) -> None:
    tools_write(clocks)
    report = build(xor, "icebreaker", folder=tmp_path)
    assert (report.timing_met, report.fmax_mhz) == (met, fmax)


@pytest.mark.parametrize(
    "error", [InputError("too small"), ToolError("crash"), KeyboardInterrupt()]
)
def test_failure_leaves_nothing_behind(
    xor: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def run(config: Config, board: Board, work: Path, *_: object) -> None:
        (work / "top.json").write_text("half")
        raise error

    monkeypatch.setattr(flow, "run", run)
    old = tmp_path / "old"
    old.mkdir()
    for folder in (tmp_path / "new" / "folder", old):
        with pytest.raises(type(error)):
            build(xor, "icebreaker", folder=folder)
    assert list(tmp_path.rglob("*")) == [old]


def test_refusals(
    xor: Config, tmp_path: Path, refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    for folder in (file, file / "below"):
        text = refusal(build, xor, "icebreaker", folder=folder)
        assert text.startswith(f"{folder}: cannot be written: ")
    assert file.read_text() == "mine"
    assert "must be one of" in refusal(build, xor, "none", folder=tmp_path / "new")
    monkeypatch.setenv("ICEPACK", "no-such-tool")
    assert "icepack: " in refusal(build, xor, "icebreaker", folder=tmp_path / "new")
    assert list(tmp_path.iterdir()) == [file]


def digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


@pytest.mark.slow
def test_xor_on_the_icebreaker(xor: Config, tmp_path: Path) -> None:
    reports: list[BuildReport] = []
    for name in ("a", "b"):
        reports.append(build(xor, "icebreaker", folder=tmp_path / name))
    first, second = reports
    assert first.timing_met
    cells = first.utilization["ICESTORM_LC"]
    assert cells["available"] == DEVICES["iCE40UP5K"].logic
    assert first.flip_flops < cells["used"] <= cells["available"] // 2
    assert first.multipliers == first.utilization["ICESTORM_DSP"]["used"] == multipliers(xor)
    assert digest(first.bitstream) == digest(second.bitstream)
    assert str(tmp_path) not in Path(first.log).read_text()
