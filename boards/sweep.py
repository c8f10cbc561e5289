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

from boards import catalogue, flow, routing, scripts, tools
from boards.build import versions
from boards.designs import AnyConfig, design_of

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
    icetime_mhz : dict of int to float or None, or None
        The same of icetime, where it has to confirm nextpnr's: None where it is not there, or of
        another version. None where nextpnr's word is enough.
    speed_grade : str
    met : int
        Seeds with which no path is too slow for its clock.
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
    icetime_mhz: dict[int, float | None] | None
    speed_grade: str
    met: int
    utilization: dict[str, dict[str, int]]
    flip_flops: int
    multipliers: int
    tools: dict[str, Any]

    @property
    def least_mhz(self) -> float:
        """Least Fmax of the seeds that have a route, by nextpnr and icetime."""
        return min(self._slower)

    @property
    def median_mhz(self) -> float:
        """Median of Fmax over the seeds that have a route, by the slower of both, to 0.01 MHz."""
        return round(statistics.median(self._slower), 2)

    def fmax(self) -> dict[str, Any]:
        """Return the documented JSON of Fmax."""
        return _summary(self.fmax_mhz)

    def icetime(self) -> dict[str, Any] | None:
        """Return the documented JSON of what icetime says; None where it need say nothing."""
        return None if self.icetime_mhz is None else _summary(self.icetime_mhz)

    @property
    def routed(self) -> list[int]:
        """The seeds that have a route."""
        return [seed for seed, fmax in self.fmax_mhz.items() if fmax is not None]

    @property
    def _slower(self) -> list[float]:
        both = self.fmax_mhz, self.icetime_mhz or {}
        return [min(filter(None, (said.get(seed) for said in both))) for seed in self.routed]

    def to_dict(self) -> dict[str, Any]:
        """Return what every report has of a design on a board, as JSON takes it."""
        return {
            "board": self.board,
            "device": self.device,
            "utilization": self.utilization,
            "fmax_mhz": self.fmax(),
            "speed_grade": self.speed_grade,
            "tools": self.tools,
        }


def _summary(by_seed: dict[int, float | None]) -> dict[str, Any]:
    known = [mhz for mhz in by_seed.values() if mhz is not None]
    return {
        "by_seed": {str(seed): mhz for seed, mhz in by_seed.items()},
        "min": min(known) if known else None,
        "median": round(statistics.median(known), 2) if known else None,
    }


@dataclass(frozen=True)
class Route:
    """What came of a seed: Fmax, whether the timing is met, what icetime says, the device."""

    mhz: float
    met: bool
    confirmed: float | None
    utilization: dict[str, dict[str, int]]


def sweep(
    config: AnyConfig,
    board_name: str,
    *,
    clock_mhz: float | None = None,
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
    clock_mhz : float, optional
        As that of `boards.build.build`.
    routed : int
        How many seeds must lead to a route; there are more seeds if some do not.
    jobs : int
        How many nextpnr run at a time.
    progress : callable
        Called with each of the first two of `flow.STAGES` as it begins.

    Raises
    ------
    InputError
        If there is no such board or clock, the board is too small or a tool is missing.
    UnroutableError
        If more seeds lead to no route than to one.
    ToolError
        If a tool fails in any other way.
    """
    board = catalogue.find(board_name).at(clock_mhz)
    design_of(config).require(board)
    for tool in scripts.FLOWS[board.family].tools[:2]:
        tools.find(tool)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "synthesised"
        work.mkdir()
        progress(flow.STAGES[0])
        options = flow.synthesise(config, board, work)
        progress(flow.STAGES[1])

        def route(seed: int) -> Route | None:
            place = Path(folder) / f"seed-{seed}"
            shutil.copytree(work, place)
            try:
                routing.place_and_route(board, place, seed)
            except routing.UnroutableError:
                return None
            utilization = flow.measured(place)["utilization"]
            return Route(*flow.speed(place, board), flow.confirmed(place, board), utilization)

        found: dict[int, Route | None] = {}
        with ThreadPoolExecutor(jobs) as pool:
            while missing := routed - sum(each is not None for each in found.values()):
                seeds = range(len(found) + 1, len(found) + missing + 1)
                if len(found) + missing > 2 * routed:
                    raise routing.UnroutableError(
                        f"board {board.name!r}: most of the seeds 1 to {len(found)} have no route"
                    )
                found |= zip(seeds, pool.map(route, seeds), strict=True)
        routes = [each for each in found.values() if each is not None]
        return Sweep(
            board=board.name,
            device=board.device,
            clock_mhz=board.clock_mhz,
            fmax_mhz={seed: each and each.mhz for seed, each in found.items()},
            icetime_mhz=(
                {seed: each and each.confirmed for seed, each in found.items()}
                if flow.confirms(work, board)
                else None
            ),
            speed_grade=board.speed_grade,
            met=sum(each.met for each in routes),
            utilization=routes[0].utilization,
            flip_flops=flow.count(work, flow.FLIP_FLOPS),
            multipliers=flow.count(work, flow.MULTIPLIERS),
            tools={"versions": versions(board), "options": options},
        )
