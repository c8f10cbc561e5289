"""From a config to a bitstream, and what it came to."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from boards import catalogue, flow, scripts, seeds, tools
from boards.catalogue import Board
from boards.designs import AnyConfig, design_of
from spec.errors import InputError

MOST_LETTERS = 64
"""Of a config's name in that of a file."""


@dataclass(frozen=True)
class BuildReport:
    """What a build came to.

    Parameters
    ----------
    board, device : str
    bitstream, log : str
        Paths; the log is what yosys and nextpnr wrote.
    fmax_mhz, clock_mhz : float
        Highest clock nextpnr vouches for, and the clock the trainer gets.
    fmax_by_seed : dict of int to float or None
        Of all seeds of nextpnr that were tried, the one of the bitstream last; None: no route.
    icetime_mhz : float or None
        What icetime says of it, where it has to confirm nextpnr's and is there.
    speed_grade : str
    timing_met : bool
        Whether no path is too slow for its clock.
    clocks_per_step : int
        Of a step with a baseline evaluation, as all are while τ_x or τ_θ is 1.
    steps_per_second : float
        At `clock_mhz`.
    utilization : dict
        nextpnr's names: {"ICESTORM_LC": {"used": n, "available": n}, …}.
    flip_flops, multipliers : int
        In yosys's netlist; nextpnr does not count the former apart on iCE40.
    tools : dict
        Their `versions`, `options` and the `seed` of nextpnr.
    pins : dict
        Of the board, for an external plant: "connector_number:pin ball", by our names.
    """

    board: str
    device: str
    bitstream: str
    log: str
    fmax_mhz: float
    clock_mhz: float
    fmax_by_seed: dict[int, float | None]
    icetime_mhz: float | None
    speed_grade: str
    timing_met: bool
    clocks_per_step: int
    steps_per_second: float
    utilization: dict[str, dict[str, int]]
    flip_flops: int
    multipliers: int
    tools: dict[str, Any]
    pins: dict[str, list[str]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values, as JSON takes them."""
        by_seed = {str(seed): mhz for seed, mhz in self.fmax_by_seed.items()}
        return dataclasses.asdict(self) | {"fmax_by_seed": by_seed}


def build(
    config: AnyConfig,
    board_name: str,
    *,
    folder: Path,
    name: str = "",
    clock_mhz: float | None = None,
    seed: int | None = None,
    progress: Callable[[str], None] = lambda stage: None,
) -> BuildReport:
    """Make a bitstream. The same arguments and tools give the same bits.

    Parameters
    ----------
    config : AnyConfig
    board_name : str
        Name or alias of a board.
    folder : Path
        Where NAME-DIGEST_BOARD.bin (iCE40) or .bit (ECP5) goes, with a log and a record for
        `built`; made if it is missing. The digest is that of the config and its samples.
    name : str
        Of the config; its task's by default.
    clock_mhz : float, optional
        The trainer's clock, from a PLL, or the nearest below; the board's own by default.
    seed : int, optional
        nextpnr's. By default `seeds.SEEDS`, one after the other until one meets the timing.
    progress : callable
        Called with each of `flow.STAGES` as it begins, and with every further seed.

    Raises
    ------
    InputError
        If there is no such board or clock, the board is too small, a tool is missing or the folder
        cannot be written. Nothing is left behind.
    ToolError
        If a tool fails in any other way. Nothing is left behind.
    """
    board = catalogue.find(board_name).at(clock_mhz)
    design_of(config).require(board)
    for tool in scripts.FLOWS[board.family].tools:
        tools.find(tool)
    stem = _stem(config, board, folder, name)
    with _workspace(folder) as work:
        progress(flow.STAGES[0])
        options = flow.synthesise(config, board, work)
        tried = seeds.SEEDS if seed is None else [seed]
        found = seeds.place_and_route(board, work, tried, progress)
        progress(flow.STAGES[2])
        flow.pack(board, work)
        *_, used = found
        options["nextpnr_opts"] += f" --seed {used}"
        made_by = {"versions": versions(board), "options": options, "seed": used}
        report = _report(config, board, stem, work, found, made_by)
        made = work / f"top{Path(report.bitstream).suffix}"
        log = "".join(_read(work / name) for name in flow.LOGS)
        record = {"made_of": _made_of(config, board, seed), "bits": _digest(made)}
        record |= {"report": report.to_dict()}
        (work / "log").write_text(log, encoding="utf-8")
        (work / "record").write_text(json.dumps(record), encoding="utf-8")
        (work / "record").replace(f"{stem}.json")  # first: it is of no other bitstream
        (work / "log").replace(report.log)
        made.replace(report.bitstream)
    return report


def built(
    config: AnyConfig,
    board_name: str,
    *,
    folder: Path,
    name: str = "",
    clock_mhz: float | None = None,
    seed: int | None = None,
) -> BuildReport | None:
    """Return the report of a bitstream that `build` made of the same arguments and tools.

    None if there is none, or its bits are others by now.
    """
    board = catalogue.find(board_name).at(clock_mhz)
    try:
        record = json.loads(_read(Path(f"{_stem(config, board, folder, name)}.json")))
        report = record["report"]
        by_seed = {int(number): mhz for number, mhz in report["fmax_by_seed"].items()}
        found = BuildReport(**report | {"fmax_by_seed": by_seed})
        same = record["bits"] == _digest(Path(found.bitstream))
        return found if same and record["made_of"] == _made_of(config, board, seed) else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None  # no record, or none of ours


def found(
    config: AnyConfig, board_name: str, *, folder: Path, name: str = ""
) -> BuildReport | None:
    """Return the report of a bitstream of a config as `built`, whatever its clock and its seed."""
    board = catalogue.find(board_name)
    try:
        record = json.loads(_read(Path(f"{_stem(config, board, folder, name)}.json")))
        *_, tried = record["made_of"]
        clock = record["report"]["clock_mhz"]
    except (OSError, ValueError, LookupError, TypeError):
        return None  # no record, or none of ours
    return built(
        config,
        board_name,
        folder=folder,
        name=name,
        clock_mhz=None if clock == board.clock_mhz else clock,
        seed=None if tried == list(seeds.SEEDS) else tried[0],
    )


def _made_of(config: AnyConfig, board: Board, seed: int | None) -> list[Any]:
    """List all that decides the bits."""
    chain = scripts.FLOWS[board.family]
    paths = [tools.find(tool) for tool in chain.tools]
    tried = list(seeds.SEEDS) if seed is None else [seed]
    return [flow.fingerprint(config, board), board.name, versions(board), paths, tried]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _stem(config: AnyConfig, board: Board, folder: Path, name: str) -> Path:
    """Return the path of a build's files, but for their suffix."""
    plain = re.sub(r"[^A-Za-z0-9_.-]", "_", name or design_of(config).name)[:MOST_LETTERS]
    return folder / f"{plain}-{design_of(config).digest[:8]}_{board.name}"


@contextmanager
def _workspace(folder: Path) -> Iterator[Path]:
    """Make a temporary folder in `folder`; remove the folders made if anything fails."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            work = tempfile.TemporaryDirectory(prefix=".build-", dir=folder)
        except OSError as error:
            raise InputError(f"{folder}: cannot be written: {error.strerror}") from None
        with work:
            yield Path(work.name)
    except BaseException:
        for path in made:
            with suppress(OSError):
                path.rmdir()
        raise


def _report(
    config: AnyConfig,
    board: Board,
    stem: Path,
    work: Path,
    found: dict[int, float | None],
    made_by: dict[str, Any],
) -> BuildReport:
    fmax, met = flow.speed(work, board)
    clocks_per_step = design_of(config).clocks_per_step(board)
    chain = scripts.FLOWS[board.family]
    return BuildReport(
        board=board.name,
        device=board.device,
        bitstream=f"{stem}{chain.suffix}",
        log=f"{stem}.log",
        fmax_mhz=fmax,
        clock_mhz=board.clock_mhz,
        fmax_by_seed=found,
        icetime_mhz=flow.confirmed(work, board),
        speed_grade=board.speed_grade,
        timing_met=met,
        clocks_per_step=clocks_per_step,
        steps_per_second=round(board.clock_mhz * 1e6 / clocks_per_step, 1),
        utilization=flow.measured(work)["utilization"],
        flip_flops=flow.count(work, flow.FLIP_FLOPS),
        multipliers=flow.count(work, flow.MULTIPLIERS),
        tools=made_by,
        pins=design_of(config).pins(board),
    )


def versions(board: Board) -> dict[str, str]:
    """Return the versions of what decides area and speed."""
    found = {name: metadata.version(name) for name in ("amaranth", "amaranth-boards")}
    return found | {tool: tools.version(tool) for tool in scripts.FLOWS[board.family].tools[:2]}
