"""One synthesis, placed and routed with many seeds: Fmax without luck."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boards import catalogue, flow, tools
from boards.build import versions
from spec.config import Config

ROUTED = 5
"""Seeds with a route that a sweep looks for."""


@dataclass(frozen=True)
class Sweep:
    """What a design takes on a board, and how fast it is for each seed.

    Parameters
    ----------
    board, device : str
    clock_mhz : float
        The clock the trainer gets, and what nextpnr is asked for.
    fmax_mhz : dict of int to float or None
        By nextpnr's seed: the highest clock it vouches for; None if it found no route.
    timing_met : bool
        Whether no path is too slow for its clock, with any seed that has a route.
    utilization : dict
        As of `boards.build.BuildReport`, with the first seed that has a route.
    flip_flops, multipliers : int
        In yosys's netlist.
    tools : dict
        Their `versions` and `options`.
    """

    board: str
    device: str
    clock_mhz: float
    fmax_mhz: dict[int, float | None]
    timing_met: bool
    utilization: dict[str, dict[str, int]]
    flip_flops: int
    multipliers: int
    tools: dict[str, Any]

    @property
    def least_mhz(self) -> float:
        """Least Fmax of the seeds that have a route."""
        return min(self._routed)

    @property
    def median_mhz(self) -> float:
        """Median of Fmax over the seeds that have a route, to 0.01 MHz."""
        return round(statistics.median(self._routed), 2)

    def fmax(self) -> dict[str, Any]:
        """Return the documented JSON of Fmax."""
        by_seed = {str(seed): mhz for seed, mhz in self.fmax_mhz.items()}
        return {"by_seed": by_seed, "min": self.least_mhz, "median": self.median_mhz}

    @property
    def _routed(self) -> list[float]:
        return [fmax for fmax in self.fmax_mhz.values() if fmax is not None]


def sweep(
    config: Config,
    board_name: str,
    *,
    routed: int = ROUTED,
    jobs: int = 2,
    progress: Callable[[str], None] = lambda stage: None,
) -> Sweep:
    """Synthesise once; place and route with the seeds 1, 2, 3, …. No bitstream is made.

    Parameters
    ----------
    config : Config
    board_name : str
        Name or alias of a board.
    routed : int
        How many seeds must lead to a route; there are more seeds if some do not.
    jobs : int
        How many nextpnr run at a time.
    progress : callable
        Called with each of the first two of `flow.STAGES` as it begins.

    Raises
    ------
    InputError
        If there is no such board, the board is too small or a tool is missing.
    UnroutableError
        If more seeds lead to no route than to one.
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

        def route(seed: int) -> tuple[float, bool, dict[str, dict[str, int]]] | None:
            place = Path(folder) / f"seed-{seed}"
            shutil.copytree(work, place)
            try:
                flow.place_and_route(board, place, seed)
            except flow.UnroutableError:
                return None
            return *flow.speed(place, board), flow.measured(place)["utilization"]

        found: dict[int, tuple[float, bool, dict[str, dict[str, int]]] | None] = {}
        with ThreadPoolExecutor(jobs) as pool:
            while missing := routed - sum(each is not None for each in found.values()):
                seeds = range(len(found) + 1, len(found) + missing + 1)
                if len(found) + missing > 2 * routed:
                    raise flow.UnroutableError(
                        f"board {board.name!r}: most of the seeds 1 to {len(found)} have no route"
                    )
                found |= zip(seeds, pool.map(route, seeds), strict=True)
        routes = [each for each in found.values() if each is not None]
        return Sweep(
            board=board.name,
            device=board.device,
            clock_mhz=board.clock_mhz,
            fmax_mhz={seed: each and each[0] for seed, each in found.items()},
            timing_met=all(met for _, met, _ in routes),
            utilization=routes[0][2],
            flip_flops=flow.count(work, flow.FLIP_FLOPS),
            multipliers=flow.count(work, flow.MULTIPLIERS),
            tools={"versions": versions(board), "options": options},
        )
