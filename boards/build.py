"""From a config to a bitstream, and what it came to."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from boards import catalogue, flow, seeds, tools
from boards.catalogue import Board
from spec.config import Config
from spec.errors import InputError
from spec.timing import Timing


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
    """

    board: str
    device: str
    bitstream: str
    log: str
    fmax_mhz: float
    clock_mhz: float
    fmax_by_seed: dict[int, float | None]
    timing_met: bool
    clocks_per_step: int
    steps_per_second: float
    utilization: dict[str, dict[str, int]]
    flip_flops: int
    multipliers: int
    tools: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values, as JSON takes them."""
        by_seed = {str(seed): mhz for seed, mhz in self.fmax_by_seed.items()}
        return dataclasses.asdict(self) | {"fmax_by_seed": by_seed}


def build(
    config: Config,
    board_name: str,
    *,
    folder: Path,
    clock_mhz: float | None = None,
    seed: int | None = None,
    progress: Callable[[str], None] = lambda stage: None,
) -> BuildReport:
    """Make a bitstream. The same arguments and tools give the same bits.

    Parameters
    ----------
    config : Config
    board_name : str
        Name or alias of a board.
    folder : Path
        Where TASK_BOARD.bin (iCE40) or .bit (ECP5) and TASK_BOARD.log go; made if it is missing.
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
    for tool in flow.FLOWS[board.family].tools:
        tools.find(tool)
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
        report = _report(config, board, folder, work, found, made_by)
        log = "".join((work / name).read_text(encoding="utf-8") for name in flow.LOGS)
        (work / "log").write_text(log, encoding="utf-8")
        (work / "log").replace(report.log)
        (work / f"top{Path(report.bitstream).suffix}").replace(report.bitstream)
    return report


@contextmanager
def _workspace(folder: Path) -> Iterator[Path]:
    """Make a temporary folder in `folder`; remove the folders made if anything fails."""
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".build-", dir=folder) as work:
            yield Path(work)
    except BaseException as error:
        for path in made:
            with suppress(OSError):
                path.rmdir()
        if isinstance(error, OSError):
            raise InputError(f"{folder}: cannot be written: {error.strerror}") from None
        raise


def _report(
    config: Config,
    board: Board,
    folder: Path,
    work: Path,
    found: dict[int, float | None],
    made_by: dict[str, Any],
) -> BuildReport:
    fmax, met = flow.speed(work, board)
    clocks_per_step = Timing.of(config).step()
    chain = flow.FLOWS[board.family]
    stem = folder / f"{config.task.name}_{board.name}"
    return BuildReport(
        board=board.name,
        device=board.device,
        bitstream=f"{stem}{chain.suffix}",
        log=f"{stem}.log",
        fmax_mhz=fmax,
        clock_mhz=board.clock_mhz,
        fmax_by_seed=found,
        timing_met=met,
        clocks_per_step=clocks_per_step,
        steps_per_second=round(board.clock_mhz * 1e6 / clocks_per_step, 1),
        utilization=flow.measured(work)["utilization"],
        flip_flops=flow.count(work, flow.FLIP_FLOPS),
        multipliers=flow.count(work, flow.MULTIPLIERS),
        tools=made_by,
    )


def versions(board: Board) -> dict[str, str]:
    """Return the versions of what decides area and speed."""
    found = {name: metadata.version(name) for name in ("amaranth", "amaranth-boards")}
    return found | {tool: tools.version(tool) for tool in flow.FLOWS[board.family].tools[:2]}
