"""The tool flow of a family: synthesis, bitstream, and what tools say; `routing` is between."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from boards import elements, icetime, multiplier, pll, single_port, tools
from boards.catalogue import Board
from boards.designs import AnyConfig, design_of
from boards.device import DEVICES
from boards.scripts import AIMED, AIMS, FLOWS, MANY, REPORT
from boards.top import has_link
from spec.config import Config
from spec.errors import InputError
from spec.plant import Engine, Multipliers

RTLIL = "top.il"
"""What yosys reads."""

LOGS = ("top.rpt", "top.tim")
"""What yosys and nextpnr write."""

IGNORED = re.compile(r"^Warning: (.*ignoring clock constraint.*)$", re.MULTILINE)
"""What nextpnr logs of a constraint for a net that synthesis renamed or removed."""

STAGES = ("synthesis", "place and route", "bitstream")

MULTIPLIERS = ("SB_MAC16", "MULT18X18D")
FLIP_FLOPS = ("SB_DFF", "TRELLIS_FF")

SETTINGS = "nextpnr_settings"
"""Beside the overrides of Amaranth's platform: settings of nextpnr that no option sets."""

RAM_BLOCKS = "RAM blocks"
BLOCK_BITS = {"ECP5": 1 << 14, "iCE40": None}
"""Of a block RAM, without bits of parity, where there may be enough to lay them side by side."""

RESOURCES = {
    "ICESTORM_LC": "logic cells",
    "ICESTORM_RAM": RAM_BLOCKS,
    "ICESTORM_SPRAM": "single-port RAMs",
    "ICESTORM_DSP": "multipliers",
    "TRELLIS_COMB": "LUTs",
    "TRELLIS_FF": "flip-flops",
    "TRELLIS_RAMW": "LUT RAMs",
    "DP16KD": RAM_BLOCKS,
    "MULT18X18D": "multipliers",
}
"""What nextpnr's names mean."""


def pack(board: Board, work: Path) -> None:
    """Make `top` with the board's suffix of what was placed and routed in the folder `work`.

    Raises
    ------
    ToolError
        If the tool fails.
    """
    flow = FLOWS[board.family]
    packer = flow.tools[2]
    run_tool(packer, arguments(packer, work), work, f"top{flow.suffix}")


def synthesise(config: AnyConfig, board: Board, work: Path) -> dict[str, str]:
    """Make in the folder `work` all that place and route reads, whatever its seed.

    yosys uses multiplier blocks for all products if there are enough, else for none; of those with
    registers, as many as there are blocks for. Block RAMs lie side by side if there are enough.
    nextpnr then packs the design, to tell whether it fits.

    Returns
    -------
    dict
        The overrides of Amaranth's platform that decided area and speed, and `SETTINGS`.

    Raises
    ------
    InputError
        If the board is too small.
    ToolError
        If a tool fails in any other way.
    """
    options = _fit(config, board, work, side_by_side=True)
    missing = shortage(measured(work)["utilization"])
    if RAM_BLOCKS in missing and _folded(config) and BLOCK_BITS[board.family]:
        options = _fit(config, board, work, side_by_side=False)
        missing = shortage(measured(work)["utilization"])
    if missing:
        raise InputError(f"board {board.name!r}: is too small: the design needs {missing}")
    return options


def _fit(config: AnyConfig, board: Board, work: Path, *, side_by_side: bool) -> dict[str, str]:
    """Synthesise with as many multiplier blocks as there are, and pack; return all overrides."""
    flow, wanted = FLOWS[board.family], config.build.multipliers
    available = DEVICES[board.device].multipliers
    blocks = available > 0 and wanted is not Multipliers.LOGIC
    offer = multiplier.Offer(board.family, None if blocks else 0)
    options = _synthesise(config, board, work, offer, side_by_side)
    used = count(work, MULTIPLIERS)
    if wanted is Multipliers.BLOCKS and (used > available or not available):
        raise InputError(
            f"build.multipliers = 'blocks': board {board.name!r} has {available or 'none'}"
            f"{f', and the design needs {used}' if available else ''}; must be 'registered', "
            "'logic' or 'inferred'"
        )
    if used > available:
        left = max(0, offer.taken - (used - available))
        offer = multiplier.Offer(board.family, left)
        options = _synthesise(config, board, work, offer, side_by_side)
    # Packing tells what the design takes; placing it in too small an ECP5 would never end.
    words = arguments(flow.tools[1], work)[:-2]  # without the last option, an output
    run_tool(flow.tools[1], [*words, "--pack-only"], work, REPORT)
    _require_constraints(flow.tools[1], work)
    return options


def _require_constraints(nextpnr: str, work: Path) -> None:
    """Raise a ToolError if nextpnr ignored a clock's constraint."""
    log = work / LOGS[1]
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    if ignored := IGNORED.search(text):
        raise tools.ToolError(f"{nextpnr}: {ignored[1]}")


def measured(work: Path) -> dict[str, Any]:
    """Return nextpnr's report of its last run in the folder `work`."""
    return json.loads((work / REPORT).read_text(encoding="utf-8"))


def speed(work: Path, board: Board) -> tuple[float, bool]:
    """Return nextpnr's Fmax in MHz, of the slowest clock, and whether the timing is met.

    It is if nextpnr says so of all clocks, and icetime too where that `confirms`, if it is there.
    """
    clocks = measured(work)["fmax"]
    fmax = min(clock["achieved"] for clock in clocks.values())
    met = all(
        clock["achieved"] >= clock["constraint"]
        for name, clock in clocks.items()
        if board.dividers is None or not name.endswith(pll.CLOCK)  # which was aimed for
    )
    other = confirmed(work, board)
    met = met and fmax >= board.clock_mhz and (other is None or other >= board.clock_mhz)
    return round(fmax, 2), met


def confirms(work: Path, board: Board) -> bool:
    """Whether icetime has to be asked: nextpnr-ice40 does not time SB_MAC16."""
    return board.family == "iCE40" and count(work, MULTIPLIERS) > 0


def confirmed(work: Path, board: Board) -> float | None:
    """Return icetime's Fmax in MHz; None if it need not be asked or is not there."""
    return icetime.fmax(work, board) if confirms(work, board) else None


def _synthesise(
    config: AnyConfig, board: Board, work: Path, offer: multiplier.Offer, side_by_side: bool
) -> dict[str, str]:
    """Write what the tools read, and run yosys; return all overrides."""
    flow = FLOWS[board.family]
    products = flow.without_multipliers if offer.most == 0 else flow.with_multipliers
    small = isinstance(config, Config) and config.build.word_ports == 1
    options = _overrides(config, board) | products | (flow.one_port if small else {})
    _plan(config, board, _platform(board, offer, side_by_side), options).extract(work)
    run_tool("yosys", arguments("yosys", work), work, "top.json")
    settings = _settings(config, board)
    if not settings:
        return options
    _set(work, settings)
    return options | {SETTINGS: " ".join(f"{key}={value}" for key, value in settings.items())}


def _plan(config: AnyConfig, board: Board, platform: Any, options: dict[str, str]) -> Any:
    """Return all that the tools read: Amaranth's plan of a build."""
    # Without source positions, the netlist is the same wherever this project lives.
    plan = platform.prepare(design_of(config).top(board), emit_src=False, **options)
    if board.family == "ECP5":  # whose synthesis has abc9
        plan.files[RTLIL] = elements.rename(plan.files[RTLIL])
    return plan


def _set(work: Path, settings: dict[str, str]) -> None:
    """Add settings of nextpnr to the netlist, as nextpnr itself does where it writes one."""
    path = work / "top.json"
    netlist = json.loads(path.read_text(encoding="utf-8"))
    netlist["modules"]["top"]["settings"] = settings
    path.write_text(json.dumps(netlist), encoding="utf-8")


def _folded(config: AnyConfig) -> bool:
    """Whether a config is of a folded engine."""
    return isinstance(config, Config) and config.build.engine is Engine.FOLDED


def _overrides(config: AnyConfig, board: Board) -> dict[str, str]:
    """Return the overrides of Amaranth's platform for a config, whatever makes its products."""
    flow = FLOWS[board.family]
    options = [flow.overrides["nextpnr_opts"]]
    if not _settings(config, board):
        options.insert(0, flow.weights)
    if isinstance(config, Config):
        many = config.parameters >= MANY
        if _folded(config) or has_link(config, board) or many:
            options.insert(0, flow.large)
    if board.dividers is not None:
        options.append(flow.aim)
    return flow.overrides | {"nextpnr_opts": " ".join(filter(None, options))}


def _settings(config: AnyConfig, board: Board) -> dict[str, str]:
    """Return nextpnr's settings for a config, if it has some."""
    if not isinstance(config, Config):
        return {}
    registered = config.build.multipliers is not Multipliers.INFERRED
    return FLOWS[board.family].settings if registered or _folded(config) else {}


def _platform(board: Board, offer: multiplier.Offer, side_by_side: bool = True) -> Any:
    """Return a board's platform, which offers its blocks, multipliers or none.

    `hdl.folded.inputs` asks for `block_bits`, of block RAM that is not scarce.
    """
    platform: Any = board.platform()
    platform.block_bits = BLOCK_BITS[board.family] if side_by_side else None
    platform.get_multiplier = offer
    platform.get_single_port = single_port.Offer(DEVICES[board.device].single_port)
    return platform


def fingerprint(config: AnyConfig, board: Board) -> str:
    """Return a digest of all that the tools are given for a config on a board, but for seeds."""
    flow = FLOWS[board.family]
    blocks = DEVICES[board.device].multipliers
    platform = _platform(board, multiplier.Offer(board.family, blocks and None))
    plan = _plan(config, board, platform, _overrides(config, board))
    return hashlib.sha256(plan.digest() + repr((flow, AIMS, AIMED)).encode()).hexdigest()


def arguments(tool: str, work: Path) -> list[str]:
    """Return the arguments that Amaranth planned for a tool, of what `synthesise` left."""
    plan = json.loads((work / "build_top.json").read_text(encoding="utf-8"))
    (arguments,) = [rest for name, *rest in plan["commands"] if name == tool]
    return arguments


def run_tool(tool: str, words: Sequence[str], work: Path, makes: str | None = None) -> None:
    """Run a tool in the folder `work`, where it makes a file of that name.

    Raises
    ------
    InputError
        If it is not installed.
    ToolError
        If it fails, or makes no such file.
    """
    log = work / LOGS[0]
    if tool == "yosys":
        log.unlink(missing_ok=True)  # of a run before
    status, text = tools.run([tools.find(tool), *words], work)
    if status and tool == "yosys" and not text and log.exists():  # it asserted
        text = log.read_text(encoding="utf-8", errors="replace")
    check(tool, status, text)
    if makes is not None and not (work / makes).exists():
        raise tools.ToolError(
            f"{tool}: made no {makes}, and calls that a success{tools.named(tool)}"
        )


def check(tool: str, status: int, text: str) -> None:
    """Raise a ToolError, with what the tool said, if its exit status is not 0."""
    if status != 0:
        raise tools.ToolError(f"{tool}: failed with status {status}: {tools.last_line(text)}")


def shortage(utilization: dict[str, dict[str, int]]) -> str:
    """Say what a device lacks, such as '9,120 of 5,280 logic cells'; nothing if it has all."""
    return " and ".join(
        f"{count['used']:,} of {count['available']:,} {RESOURCES.get(name, name)}"
        for name, count in utilization.items()
        if count["used"] > count["available"]
    )


def count(work: Path, kinds: tuple[str, ...]) -> int:
    """Count the netlist's cells whose type begins with one of `kinds`."""
    netlist = json.loads((work / "top.json").read_text(encoding="utf-8"))
    cells = netlist["modules"]["top"]["cells"].values()
    return sum(cell["type"].startswith(kinds) for cell in cells)
