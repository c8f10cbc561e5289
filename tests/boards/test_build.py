"""A build reports what the tools measured, and leaves all of its files or none."""

import dataclasses
import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from boards import catalogue, flow, routing, scripts
from boards.build import BuildReport, build, built, found
from boards.catalogue import Board
from boards.device import DEVICES
from boards.estimate import multipliers
from boards.power_up import PowerUp
from boards.tools import ToolError
from spec.config import Config
from spec.errors import InputError
from spec.identity import config_digest

UTILIZATION = {"ICESTORM_LC": {"used": 1974, "available": 5280}}

Clocks = dict[str, dict[str, float]]
"""As nextpnr reports them."""


@pytest.fixture
def tools_write(monkeypatch: pytest.MonkeyPatch) -> Callable[[Clocks | list[Clocks | None]], None]:
    """Put files with given clocks where the tools would; of a list, each seed finds its own."""

    def install(clocks: Clocks | list[Clocks | None]) -> None:
        def synthesise(config: Config, board: Board, work: Path) -> dict[str, str]:
            cells = {f"c{k}": {"type": kind} for k, kind in enumerate(["SB_DFFE", "SB_MAC16"])}
            (work / "top.json").write_text(json.dumps({"modules": {"top": {"cells": cells}}}))
            (work / flow.LOGS[0]).write_text(f"{flow.LOGS[0]} says\n")
            return {"nextpnr_opts": "--fast"}

        def place_and_route(board: Board, work: Path, seed: int) -> None:
            found = clocks[seed - 1] if isinstance(clocks, list) else clocks
            if found is None:
                raise routing.UnroutableError(f"seed {seed}: no route")
            report = {"fmax": found, "utilization": UTILIZATION, "critical_paths": []}
            (work / scripts.REPORT).write_text(json.dumps(report))
            (work / flow.LOGS[1]).write_text(f"{flow.LOGS[1]} says\n")
            (work / "placed").write_text(f"seed {seed}")

        def pack(board: Board, work: Path) -> None:
            (work / "top.bin").write_bytes((work / "placed").read_bytes())

        for module, fake in ((flow, synthesise), (routing, place_and_route), (flow, pack)):
            monkeypatch.setattr(module, fake.__name__, fake)
        monkeypatch.setattr("boards.tools.version", lambda tool: f"version of {tool}")
        monkeypatch.setattr("boards.icetime.fmax", lambda work, board: 35.5)

    return install


def test_report(xor: Config, tmp_path: Path, tools_write: Callable[[Clocks], None]) -> None:
    tools_write({"clk": {"achieved": 36.232, "constraint": 12.00005}})
    stages: list[str] = []
    folder = tmp_path / "new" / "folder"
    words = {"folder": folder, "name": "my net", "seed": 7}
    found = build(xor, "icebreaker", **words, progress=stages.append)
    report, stem = found.to_dict(), f"my_net-{config_digest(xor)[:8]}_icebreaker"
    versions = report["tools"].pop("versions")
    assert report == {
        "board": "icebreaker",
        "device": "iCE40UP5K",
        "bitstream": str(folder / f"{stem}.bin"),
        "log": str(folder / f"{stem}.log"),
        "fmax_mhz": 36.23,
        "clock_mhz": 12.0,
        "fmax_by_seed": {"7": 36.23},
        "icetime_mhz": 35.5,
        "speed_grade": "UP",
        "timing_met": True,
        "clocks_per_step": 19,
        "steps_per_second": 631578.9,
        "utilization": UTILIZATION,
        "flip_flops": 1,
        "multipliers": 1,
        "tools": {"options": {"nextpnr_opts": "--fast --seed 7"}, "seed": 7},
        "pins": {},
    }
    assert versions["yosys"] == "version of yosys"
    assert versions["nextpnr-ice40"] == "version of nextpnr-ice40"
    assert versions["amaranth"].startswith("0.5.")
    assert versions["amaranth-boards"] == "0.0.21"
    assert stages == list(flow.STAGES)
    assert json.loads(json.dumps(report)) == report
    assert (folder / f"{stem}.bin").read_bytes() == b"seed 7"
    assert (folder / f"{stem}.log").read_text() == "top.rpt says\ntop.tim says\n"
    assert len(list(folder.iterdir())) == 3
    assert built(xor, "icebreaker", **words) == found


Change = Callable[[Path, pytest.MonkeyPatch], object]

CHANGES: dict[str, tuple[dict[str, Any], Change]] = {
    "seed": ({"seed": 2}, lambda path, patch: None),
    "bits": ({}, lambda path, patch: path.write_text("other")),
    "no bits": ({}, lambda path, patch: path.unlink()),
    "no record": ({}, lambda path, patch: path.with_suffix(".json").unlink()),
    "other record": ({}, lambda path, patch: path.with_suffix(".json").write_text("[1]")),
    "version": ({}, lambda path, patch: patch.setattr("boards.tools.version", lambda tool: "9")),
    "tool": ({}, lambda path, patch: patch.setenv("YOSYS", sys.executable)),
    "design": ({}, lambda path, patch: patch.setattr(flow, "fingerprint", lambda *_: "other")),
}


@pytest.mark.parametrize(("words", "change"), CHANGES.values(), ids=CHANGES)
def test_a_bitstream_is_found_again_only_if_nothing_changed(
    small: Config,
    tmp_path: Path,
    tools_write: Callable[[Clocks], None],
    monkeypatch: pytest.MonkeyPatch,
    words: dict[str, Any],
    change: Change,
) -> None:
    tools_write({"clk": {"achieved": 36, "constraint": 12}})
    monkeypatch.setattr(flow, "fingerprint", lambda *_: "that")
    given = {"folder": tmp_path, "seed": 1}
    report = build(small, "icebreaker", **given)
    assert built(small, "icebreaker", **given) == report
    change(Path(report.bitstream), monkeypatch)
    assert built(small, "icebreaker", **given | words) is None


@pytest.mark.parametrize("words", [{}, {"seed": 3}, {"clock_mhz": 18.0}], ids=str)
def test_a_bitstream_is_found_whatever_its_clock_and_seed(
    small: Config,
    tmp_path: Path,
    tools_write: Callable[[Clocks], None],
    monkeypatch: pytest.MonkeyPatch,
    words: dict[str, Any],
) -> None:
    tools_write({"clk": {"achieved": 36, "constraint": 12}})
    monkeypatch.setattr(flow, "fingerprint", lambda *_: "that")
    assert found(small, "icebreaker", folder=tmp_path, name="n") is None
    report = build(small, "icebreaker", folder=tmp_path, name="n", **words)
    assert found(small, "icebreaker", folder=tmp_path, name="n") == report
    assert found(small, "icesugar", folder=tmp_path, name="n") is None
    Path(report.bitstream).write_text("other bits")
    assert found(small, "icebreaker", folder=tmp_path, name="n") is None
    Path(report.bitstream).with_suffix(".json").write_text("[1]")
    assert found(small, "icebreaker", folder=tmp_path, name="n") is None


class Slow(PowerUp):
    def __init__(self, clock_mhz: float) -> None:
        super().__init__(2 * clock_mhz)


def test_the_fingerprint_is_of_all_that_the_tools_are_given(
    small: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = catalogue.find("icebreaker")
    found = [flow.fingerprint(small, board) for _ in range(2)]
    found.append(flow.fingerprint(small, board.at(24)))
    found.append(flow.fingerprint(small.with_training(tau_p=2), board.at(None)))
    with monkeypatch.context() as patch:
        patch.setattr("boards.top.PowerUp", Slow)
        found.append(flow.fingerprint(small, board))
    chain = dataclasses.replace(scripts.FLOWS["iCE40"], without_multipliers={})
    monkeypatch.setitem(scripts.FLOWS, "iCE40", chain)
    found.append(flow.fingerprint(small, board))
    assert len(set(found)) == len(found) - 1
    assert found[0] == found[1]


def test_another_config_has_another_bitstream(
    small: Config, tmp_path: Path, tools_write: Callable[[Clocks], None]
) -> None:
    tools_write({"clk": {"achieved": 36, "constraint": 12}})
    other = small.with_training(seed=2)
    made = [build(config, "icebreaker", folder=tmp_path).bitstream for config in (small, other)]
    assert len(set(made)) == 2
    assert built(small.with_training(seed=3), "icebreaker", folder=tmp_path) is None


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
    small: Config,
    tmp_path: Path,
    tools_write: Callable[[Clocks], None],
    clocks: Clocks,
    met: bool,
    fmax: float,
) -> None:
    tools_write(clocks)
    report = build(small, "icebreaker", folder=tmp_path, seed=1)
    assert (report.timing_met, report.fmax_mhz) == (met, fmax)


@pytest.mark.parametrize(
    ("reached", "used", "tried"),
    [
        ([24.0], 1, 1),  # the first that meets it ends the search
        ([20, 23.9, 30, 40], 3, 3),
        ([None, 20, 25], 3, 3),
        ([20, 22, 21, None, 19], 2, 5),  # none: the fastest
        ([16, None, 16.7, 30], 3, 3),  # out of reach: two seeds say so
        ([16, 17, 16, 16, 30], 5, 5),  # and here one does not
    ],
)
def test_seeds(
    small: Config,
    tmp_path: Path,
    tools_write: Callable[[list[Clocks | None]], None],
    reached: list[float | None],
    used: int,
    tried: int,
) -> None:
    """Of a clock of 24 MHz; the report and the bitstream are of the seed that is named."""
    tools_write(
        [None if mhz is None else {"clk": {"achieved": mhz, "constraint": 24.0}} for mhz in reached]
    )
    stages: list[str] = []
    report = build(small, "icebreaker", folder=tmp_path, clock_mhz=24, progress=stages.append)
    assert report.fmax_by_seed == dict(enumerate(reached[:tried], 1))
    assert list(report.fmax_by_seed)[-1] == report.tools["seed"] == used
    assert report.fmax_mhz == reached[used - 1]
    assert report.timing_met == (report.fmax_mhz >= 24)
    assert report.clock_mhz == 24
    assert report.steps_per_second == round(24e6 / report.clocks_per_step, 1)
    assert Path(report.bitstream).read_text() == f"seed {used}"
    assert len(stages) == 2 + tried


def test_a_seed_that_is_named_is_the_only_one(
    small: Config, tmp_path: Path, tools_write: Callable[[list[Clocks | None]], None]
) -> None:
    tools_write([None, {"clk": {"achieved": 20, "constraint": 24}}])
    report = build(small, "icebreaker", folder=tmp_path, clock_mhz=24, seed=2)
    assert (report.fmax_by_seed, report.timing_met) == ({2: 20}, False)
    with pytest.raises(routing.UnroutableError, match="seed 1"):
        build(small, "icebreaker", folder=tmp_path, seed=1)


def test_no_seed_with_a_route(
    small: Config, tmp_path: Path, tools_write: Callable[[list[Clocks | None]], None]
) -> None:
    tools_write([None] * 5)
    with pytest.raises(routing.UnroutableError, match="seed 5"):
        build(small, "icebreaker", folder=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "error", [InputError("too small"), ToolError("crash"), KeyboardInterrupt()]
)
def test_failure_leaves_nothing_behind(
    small: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def synthesise(config: Config, board: Board, work: Path) -> None:
        (work / "top.json").write_text("half")
        raise error

    monkeypatch.setattr(flow, "synthesise", synthesise)
    old = tmp_path / "old"
    old.mkdir()
    for folder in (tmp_path / "new" / "folder", old):
        with pytest.raises(type(error)):
            build(small, "icebreaker", folder=folder)
    assert list(tmp_path.rglob("*")) == [old]


def test_refusals(
    small: Config, tmp_path: Path, refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    for folder in (file, file / "below"):
        text = refusal(build, small, "icebreaker", folder=folder)
        assert text.startswith(f"{folder}: cannot be written: ")
    assert file.read_text() == "mine"
    assert "must be one of" in refusal(build, small, "none", folder=tmp_path / "new")
    monkeypatch.setenv("ICEPACK", "no-such-tool")
    assert "icepack: " in refusal(build, small, "icebreaker", folder=tmp_path / "new")
    assert list(tmp_path.iterdir()) == [file]


def digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


@pytest.mark.slow
@pytest.mark.parametrize("linked", [False, True])
def test_xor_on_the_icebreaker(xor: Config, linked: bool, tmp_path: Path) -> None:
    xor = dataclasses.replace(xor, build=dataclasses.replace(xor.build, link=linked))
    reports: list[BuildReport] = []
    for name in ("a", "b"):
        reports.append(build(xor, "icebreaker", folder=tmp_path / name))
    first, second = reports
    assert first.timing_met
    cells = first.utilization["ICESTORM_LC"]
    assert cells["available"] == DEVICES["iCE40UP5K"].logic
    assert first.flip_flops < cells["used"]
    assert (
        first.multipliers
        == first.utilization["ICESTORM_DSP"]["used"]
        == multipliers(xor, linked=linked)
    )
    assert digest(first.bitstream) == digest(second.bitstream)
    assert str(tmp_path) not in Path(first.log).read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    "linked",
    [False, pytest.param(True, marks=pytest.mark.xfail(strict=True, reason="2,654 of 2,640"))],
)
def test_xor_takes_half_of_an_icebreaker(xor: Config, linked: bool, tmp_path: Path) -> None:
    xor = dataclasses.replace(xor, build=dataclasses.replace(xor.build, link=linked))
    cells = build(xor, "icebreaker", folder=tmp_path).utilization["ICESTORM_LC"]
    assert cells["used"] <= cells["available"] // 2
