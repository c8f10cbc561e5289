"""What the tools write is understood; products become multiplier blocks, and the right ones."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from boards import catalogue, elements, flow, routing, scripts, tools
from spec.config import Config
from spec.errors import InputError
from spec.plant import Multipliers
from tests.configs import FOLDED, perceptron

# What nextpnr 0.11.1 found packing 8-bit parity, 8-8-1 on UP5K and 8-20-1 on LFE5U-12F.
UP5K = {
    "ICESTORM_LC": {"available": 5280, "used": 14389},
    "ICESTORM_RAM": {"available": 30, "used": 1},
    "SB_GB": {"available": 8, "used": 8},
    "SB_IO": {"available": 39, "used": 4},
}
ECP5 = {
    "DP16KD": {"available": 56, "used": 1},
    "MULT18X18D": {"available": 28, "used": 21},
    "TRELLIS_COMB": {"available": 24288, "used": 37369},
    "TRELLIS_FF": {"available": 24288, "used": 11928},
}


def test_shortage() -> None:
    assert flow.shortage(UP5K) == "14,389 of 5,280 logic cells"
    assert flow.shortage(ECP5) == "37,369 of 24,288 LUTs"
    assert flow.shortage(UP5K | {"SB_IO": {"available": 39, "used": 40}}) == (
        "14,389 of 5,280 logic cells and 40 of 39 SB_IO"
    )
    assert flow.shortage({"ICESTORM_LC": {"available": 5280, "used": 5280}}) == ""


class FakeTools:
    """Stands in for `tools.run`: writes what the tools would, and remembers their options."""

    def __init__(self, utilization: dict[str, dict[str, int]], multipliers: list[int]) -> None:
        self.utilization = utilization
        self.multipliers = multipliers
        self.calls: list[list[str]] = []
        self.scripts: list[str] = []

    def run(self, argv: Sequence[str], folder: Path, *_: object) -> tuple[int, str]:
        self.calls.append([Path(argv[0]).name.removeprefix("yowasp-"), *argv[1:]])
        if self.calls[-1][0] == "yosys":
            self.scripts.append((folder / "top.ys").read_text())
            count = self.multipliers[len(self.scripts) - 1]
            cells = {f"c{k}": {"type": "SB_MAC16"} for k in range(count)}
            text = json.dumps({"modules": {"top": {"cells": cells}}})
            (folder / "top.json").write_text(text)
        elif self.calls[-1][0].startswith("nextpnr"):
            (folder / scripts.REPORT).write_text(json.dumps({"utilization": self.utilization}))
        else:
            for suffix in (".bin", ".bit"):
                (folder / f"top{suffix}").write_bytes(b"bits")
        return 0, ""


def run(
    small: Config, board: str, fake: FakeTools, folder: Path, patch: pytest.MonkeyPatch
) -> dict[str, str]:
    patch.setattr(tools, "run", fake.run)
    return run_flow(small, board, folder, 5)


def run_flow(small: Config, board: str, folder: Path, seed: int) -> dict[str, str]:
    """Go through all stages."""
    found = catalogue.find(board)
    options = flow.synthesise(small, found, folder)
    routing.place_and_route(found, folder, seed)
    flow.pack(found, folder)
    return options


@pytest.mark.parametrize(
    ("board", "utilization", "lack"),
    [
        ("icebreaker", UP5K, "14,389 of 5,280 logic cells"),
        ("ulx3s-12f", ECP5, "37,369 of 24,288 LUTs"),
    ],
)
def test_too_small_a_board_is_refused_before_placing(
    small: Config,
    tmp_path: Path,
    refusal: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    board: str,
    utilization: dict[str, dict[str, int]],
    lack: str,
) -> None:
    fake = FakeTools(utilization, [0])
    text = refusal(run, small, board, fake, tmp_path, monkeypatch)
    assert text == f"board {board!r}: is too small: the design needs {lack}"
    assert ["--pack-only" in call for call in fake.calls] == [False, True]
    assert not {"--asc", "--textcfg"} & set(fake.calls[1])


@pytest.mark.parametrize(
    ("board", "multipliers", "blocks"),
    [
        ("icebreaker", [8], [True]),
        ("icebreaker", [9, 0], [True, False]),  # UP5K has 8
        ("hx8k", [0], [False]),  # HX8K has none
        ("ulx3s-25f", [28], [True]),
        ("ulx3s-25f", [29, 0], [True, False]),
    ],
)
def test_all_products_get_blocks_or_none(
    small: Config,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    board: str,
    multipliers: list[int],
    blocks: list[bool],
) -> None:
    fake = FakeTools({}, multipliers)
    options = run(small, board, fake, tmp_path, monkeypatch)
    assert [
        "techmap -map +/mul2dsp.v" in script if "synth_ice40" in script else "-nodsp" not in script
        for script in fake.scripts
    ] == blocks
    full = fake.calls[-2]
    assert full[full.index("--seed") + 1] == "5"
    given = scripts.FLOWS[catalogue.find(board).family].overrides["nextpnr_opts"]
    assert options["nextpnr_opts"].endswith(given)
    assert fake.calls[-1][0] in ("icepack", "ecppack")


@pytest.mark.parametrize(
    ("board", "hidden", "build", "static"),
    [
        ("ulx3s-25f", 2, {"link": True}, True),
        ("ulx3s-25f", 2, {"link": False}, False),
        ("ulx3s-25f", 2, FOLDED | {"link": False}, True),
        ("ulx3s-25f", 24, {"link": False}, False),
        ("ulx3s-25f", 2, {"link": False, "multipliers": "registered"}, False),
        ("ulx3s-25f", 25, {"link": False}, True),
        ("hx8k", 2, {"link": True}, False),
    ],
)
def test_the_placer_of_large_networks(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    board: str,
    hidden: int,
    build: dict[str, Any],
    static: bool,
) -> None:
    """It is another on an ECP5: with a link, for a folded engine, and for a hundred cells.

    There, the router weighs conflicts as no option says for folded engines, and for products of
    multipliers with registers.
    """
    fake = FakeTools({}, [0, 0])
    options = run(perceptron(2, hidden, 1, **build), board, fake, tmp_path, monkeypatch)
    assert ("--placer static" in options["nextpnr_opts"]) == static
    weighs = board != "hx8k" and bool({"engine", "multipliers"} & set(build))
    settings = scripts.CONFLICTS if weighs else {}
    netlist = json.loads((tmp_path / "top.json").read_text(encoding="utf-8"))
    assert netlist["modules"]["top"].get("settings", {}) == settings
    assert (flow.SETTINGS in options) == weighs
    assert ("alt-weights" in options["nextpnr_opts"]) == (board != "hx8k" and not weighs)


@pytest.mark.parametrize(
    ("board", "count", "says"),
    [
        ("hx8k", 0, "board 'ice40_hx8k_b_evn' has none"),
        ("icebreaker", 9, "board 'icebreaker' has 8, and the design needs 9"),
    ],
)
def test_blocks_that_a_board_does_not_have(
    board: str, count: int, says: str, xor: Config, tmp_path: Path, refusal: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    config = replace(xor, build=replace(xor.build, multipliers=Multipliers.BLOCKS))
    text = refusal(run, config, board, FakeTools({}, [count]), tmp_path, monkeypatch)
    assert text == (
        f"build.multipliers = 'blocks': {says}; must be 'registered', 'logic' or 'inferred'"
    )


@pytest.mark.parametrize(
    ("kind", "counts", "blocks"),
    [
        ("registered", [9, 8], [True, True]),  # two of three keep theirs
        ("registered", [12, 0], [True, False]),  # if others take all
        ("registered", [8], [True]),
        ("blocks", [8], [True]),
        ("logic", [0], [False]),
    ],
)
def test_registered_blocks_are_of_the_platform_or_of_logic(
    kind: str, counts: list[int], blocks: list[bool], xor: Config, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    config = replace(xor, build=replace(xor.build, multipliers=Multipliers(kind)))
    fake = FakeTools({}, counts)
    run(config, "icebreaker", fake, tmp_path, monkeypatch)
    assert ["techmap -map +/mul2dsp.v" in script for script in fake.scripts] == blocks
    made = (tmp_path / "top.il").read_text(encoding="utf-8")
    assert ("SB_MAC16" in made) == blocks[-1]
    instances = made.count("cell \\SB_MAC16")
    assert instances == (max(0, 3 - max(0, counts[0] - 8)) if blocks[-1] else 0)


def test_a_constraint_that_is_ignored(
    small: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeTools({}, [0])

    def run_and_warn(argv: Sequence[str], folder: Path, *rest: object) -> tuple[int, str]:
        said = "net 'clock' does not exist in design, ignoring clock constraint"
        (folder / "top.tim").write_text(f"Info: packing\nWarning: {said}\nInfo: done\n")
        return fake.run(argv, folder, *rest)

    monkeypatch.setattr(tools, "run", run_and_warn)
    with pytest.raises(tools.ToolError, match=r"^nextpnr-ice40: net 'clock' does not exist"):
        run_flow(small, "blackice", tmp_path, 1)


def test_a_tool_that_fails(small: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "run", lambda argv, folder: (3, "ERROR: out of luck\n"))
    with pytest.raises(tools.ToolError, match=r"^yosys: failed with status 3: ERROR: out of luck$"):
        run_flow(small, "icebreaker", tmp_path, 1)


def test_yosys_says_in_its_log_what_it_asserted(
    small: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(argv: Sequence[str], folder: Path) -> tuple[int, str]:
        (folder / flow.LOGS[0]).write_text("9. Executing\nERROR: Assert `a == b' failed in c.cc:3.")
        return 1, ""

    monkeypatch.setattr(tools, "run", run)
    with pytest.raises(tools.ToolError, match=r"^yosys: failed with status 1: ERROR: Assert `a =="):
        run_flow(small, "icebreaker", tmp_path, 1)


def test_a_log_of_a_run_before_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / flow.LOGS[0]).write_text("ERROR: Assert `a == b' failed in c.cc:3.")
    monkeypatch.setattr(tools, "run", lambda argv, folder: (1, ""))
    with pytest.raises(tools.ToolError) as caught:
        flow.run_tool("yosys", [], tmp_path)
    assert "Assert" not in str(caught.value)


@pytest.mark.parametrize(("tool", "lost"), [("yosys", 0), ("nextpnr-ice40", 1), ("icepack", 3)])
def test_a_tool_that_makes_nothing(
    small: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: str, lost: int
) -> None:
    """Such as /bin/true, which an environment variable may name."""
    fake = FakeTools({}, [0])

    def run(argv: Sequence[str], folder: Path, *rest: object) -> tuple[int, str]:
        if len(fake.calls) == lost:
            return 0, ""
        return fake.run(argv, folder, *rest)

    monkeypatch.setenv(tool.upper().replace("-", "_"), "true")
    monkeypatch.setattr(tools, "run", run)
    with pytest.raises(tools.ToolError, match=rf"^{tool}: made no top\..*; the environment var"):
        run_flow(small, "icebreaker", tmp_path, 1)


@pytest.mark.parametrize(("fmax", "met"), [(119.9, False), (120.0, True)])
def test_the_margin_is_not_needed(tmp_path: Path, fmax: float, met: bool) -> None:
    """Of the clock that was aimed for; others need what they are asked for."""
    clocks = {
        "$glbnet$pll.clk": {"achieved": fmax, "constraint": 123.0},
        "oscillator_clk": {"achieved": 200.0, "constraint": 25.0},
    }
    board = catalogue.find("ulx3s-25f").at(120)
    for slow in (200.0, 24.9):
        clocks["oscillator_clk"]["achieved"] = slow
        (tmp_path / scripts.REPORT).write_text(json.dumps({"fmax": clocks}))
        assert flow.speed(tmp_path, board) == (min(fmax, slow), met and slow == 200.0)


@pytest.mark.parametrize(("board", "renamed"), [("ulx3s-25f", True), ("icebreaker", False)])
def test_an_ecp5_has_renamed_elements(
    small: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, board: str, renamed: bool
) -> None:
    monkeypatch.setattr(tools, "run", FakeTools({}, [0]).run)
    run_flow(small, board, tmp_path, 1)
    names = elements.ELEMENT.findall((tmp_path / flow.RTLIL).read_text())
    assert bool(names) != renamed


def test_count(tmp_path: Path) -> None:
    kinds = ["SB_DFFESR", "SB_DFF", "SB_LUT4", "TRELLIS_FF", "MULT18X18D"]
    cells = {f"c{k}": {"type": kind} for k, kind in enumerate(kinds)}
    (tmp_path / "top.json").write_text(json.dumps({"modules": {"top": {"cells": cells}}}))
    assert flow.count(tmp_path, flow.FLIP_FLOPS) == 3
    assert flow.count(tmp_path, flow.MULTIPLIERS) == 1


@pytest.mark.parametrize(
    ("board", "build", "blocks", "tries"),
    [
        ("ulx3s-25f", FOLDED, {True: 57, False: 56}, [True, False]),
        ("ulx3s-25f", FOLDED, {True: 56}, [True]),
        ("ulx3s-25f", FOLDED, {True: 58, False: 57}, [True, False]),
        ("ulx3s-25f", {}, {True: 57}, [True]),
        ("hx8k", FOLDED, {True: 57}, [True]),  # whose blocks never do
    ],
)
def test_block_rams_lie_side_by_side_if_there_are_enough(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    board: str,
    build: dict[str, Any],
    blocks: dict[bool, int],
    tries: list[bool],
) -> None:
    """Else a folded engine is made again, with as few as it takes; then it may be too large."""
    tried: list[bool] = []

    def fit(*_: object, side_by_side: bool) -> dict[str, str]:
        tried.append(side_by_side)
        used = {"DP16KD": {"available": 56, "used": blocks[side_by_side]}}
        (tmp_path / scripts.REPORT).write_text(json.dumps({"utilization": used}))
        return {}

    monkeypatch.setattr(flow, "_fit", fit)
    config, found = perceptron(2, 2, 1, **build), catalogue.find(board)
    if blocks[tries[-1]] > 56:
        with pytest.raises(InputError, match="57 of 56 RAM blocks"):
            flow.synthesise(config, found, tmp_path)
    else:
        flow.synthesise(config, found, tmp_path)
    assert tried == tries
