"""One synthesis, placed and routed with many seeds: Fmax without luck."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boards import catalogue, flow, tools
from boards.build import versions
from spec.config import Config

SEEDS = range(1, 6)
"""nextpnr's, unless others are asked for."""


@dataclass(frozen=True)
class Sweep:
    """What a design takes on a board, and how fast it is for each seed.

    Parameters
    ----------
    board, device : str
    clock_mhz : float
        The clock the trainer gets, and what nextpnr is asked for.
    fmax_mhz : dict of int to float
        By nextpnr's seed: the highest clock it vouches for.
    timing_met : bool
        Whether no path is too slow for its clock, with any seed.
    utilization : dict
        As of `boards.build.BuildReport`, with the first seed.
    flip_flops, multipliers : int
        In yosys's netlist.
    tools : dict
        Their `versions` and `options`.
    """

    board: str
    device: str
    clock_mhz: float
    fmax_mhz: dict[int, float]
    timing_met: bool
    utilization: dict[str, dict[str, int]]
    flip_flops: int
    multipliers: int
    tools: dict[str, Any]

    @property
    def median_mhz(self) -> float:
        """Median of Fmax over the seeds, to 0.01 MHz."""
        return round(statistics.median(self.fmax_mhz.values()), 2)


def sweep(
    config: Config,
    board_name: str,
    *,
    seeds: Sequence[int] = SEEDS,
    jobs: int = 2,
    progress: Callable[[str], None] = lambda stage: None,
) -> Sweep:
    """Synthesise once; place and route with each seed. No bitstream is made.

    Parameters
    ----------
    config : Config
    board_name : str
        Name or alias of a board.
    seeds : sequence of int
        nextpnr's; at least one.
    jobs : int
        How many nextpnr run at a time.
    progress : callable
        Called with each of the first two of `flow.STAGES` as it begins.

    Raises
    ------
    InputError
        If there is no such board, the board is too small or a tool is missing.
    ToolError
        If a tool fails in any other way.
    """
    board = catalogue.find(board_name)
    for tool in flow.FLOWS[board.family].tools[:2]:
        tools.find(tool)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "synthesised"
        work.mkdir()
        progress(flow.STAGES[0])
        options = flow.synthesise(config, board, work)
        progress(flow.STAGES[1])
        places = [Path(folder) / f"seed-{seed}" for seed in seeds]

        def route(seed: int, place: Path) -> tuple[float, bool]:
            shutil.copytree(work, place)
            flow.place_and_route(board, place, seed)
            return flow.speed(place, board)

        with ThreadPoolExecutor(jobs) as pool:
            speeds = list(pool.map(route, seeds, places))
        return Sweep(
            board=board.name,
            device=board.device,
            clock_mhz=board.clock_mhz,
            fmax_mhz={seed: fmax for seed, (fmax, _) in zip(seeds, speeds, strict=True)},
            timing_met=all(met for _, met in speeds),
            utilization=flow.measured(places[0])["utilization"],
            flip_flops=flow.count(work, flow.FLIP_FLOPS),
            multipliers=flow.count(work, flow.MULTIPLIERS),
            tools={"versions": versions(board), "options": options},
        )
