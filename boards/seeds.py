"""Place and route with one seed after the other, until one meets the timing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from boards import flow, routing
from boards.catalogue import Board

SEEDS = range(1, 6)
"""What a build tries if the user names none: most need the first only."""

OUT_OF_REACH = 0.7
"""Of the clock: where two seeds do not even come so far, no other is tried.

Of the builds in reports/, a seed has 76 to 100 % of the fastest one; of one before these, 63 %.
"""


def place_and_route(
    board: Board, work: Path, seeds: Sequence[int], progress: Callable[[str], None]
) -> dict[int, float | None]:
    """Place and route what `flow.synthesise` made in the folder `work`.

    The outcome of the first seed that meets the timing stays there; if none does, of the fastest.
    A clock that is `OUT_OF_REACH` is given up after two.

    Parameters
    ----------
    board : Board
    work : Path
    seeds : sequence of int
        At least one.
    progress : callable
        Called with `flow.STAGES[1]`, and with more behind it from the second seed on.

    Returns
    -------
    dict of int to float or None
        Fmax in MHz by the seeds that were tried, None where there was no route; the last is that of
        the outcome.

    Raises
    ------
    UnroutableError
        If no seed leads to a route.
    ToolError
        If nextpnr fails in any other way.
    """
    found: dict[int, float | None] = {}
    for seed in seeds:
        said = f", seed {seed}, as timing was missed at {_fastest(found):g} MHz" if found else ""
        progress(f"{flow.STAGES[1]}{said}")
        place = work / f"seed-{seed}"
        shutil.copytree(work, place, ignore=shutil.ignore_patterns("seed-*"))
        try:
            routing.place_and_route(board, place, seed)
        except routing.UnroutableError:
            if len(found) + 1 == len(seeds) and not any(found.values()):
                raise
            found[seed] = None
            continue
        found[seed], met = flow.speed(place, board)
        if met or _out_of_reach(board, found):
            break
    best = max(found, key=lambda seed: found[seed] or 0)
    shutil.copytree(work / f"seed-{best}", work, dirs_exist_ok=True)
    return {seed: fmax for seed, fmax in found.items() if seed != best} | {best: found[best]}


def _fastest(found: dict[int, float | None]) -> float:
    return max(fmax or 0 for fmax in found.values())


def _out_of_reach(board: Board, found: dict[int, float | None]) -> bool:
    routed = [fmax for fmax in found.values() if fmax]
    return len(routed) >= 2 and max(routed) < OUT_OF_REACH * board.clock_mhz
