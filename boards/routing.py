"""Place and route with one seed, and a clock that the router aims for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from boards import flow, pll, tools
from boards.catalogue import Board
from boards.scripts import AIMED, AIMS, FLOWS

ITERATIONS = 10_000
"""router2 takes tens or hundreds, seldom thousands; with some seeds it would go on for ever."""

ITERATION = re.compile(r"^Info: +iter=\d+ wires=", re.MULTILINE)
"""What router2 logs of each."""

STUCK = re.compile(
    r"(^Info: +iter=\d+ wires=\d+ overused=0 overuse=0 tmgfail=[1-9].*\n){20}", re.MULTILINE
)
"""What it logs where only paths that are too slow are left, again and again: it gets no further."""


class UnroutableError(tools.ToolError):
    """nextpnr's router is stuck; the message is one line."""


def place_and_route(board: Board, work: Path, seed: int) -> None:
    """Place and route what `synthesise` made in the folder `work`, or a copy of it.

    Where there is a clock to aim for, the router does so, or for less; if it does not even get
    there, it takes what it finds.

    Raises
    ------
    UnroutableError
        If the seed leads to no route.
    ToolError
        If nextpnr fails in any other way.
    """
    tool_flow = FLOWS[board.family]
    nextpnr = tool_flow.tools[1]
    arguments = [*flow.arguments(nextpnr, work), "--seed", str(seed)]
    if tool_flow.aim in arguments:
        for aim in AIMS:
            _constrain(work, board.clock_mhz * aim)
            if _routed(nextpnr, arguments, work, AIMED):
                return
        arguments.remove(tool_flow.aim)
    if not _routed(nextpnr, arguments, work, ITERATIONS):
        raise UnroutableError(
            f"{nextpnr}: seed {seed}: no route in {ITERATIONS:,} iterations; another seed may do"
        )


def _routed(nextpnr: str, arguments: Sequence[str], work: Path, iterations: int) -> bool:
    """Place and route; return whether there is a route after so many iterations at most."""
    log = work / flow.LOGS[1]
    log.unlink(missing_ok=True)  # or the one before is judged until nextpnr begins another

    def hopeless() -> bool:
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        return len(ITERATION.findall(text)) > iterations or STUCK.search(text) is not None

    status, text = tools.run([tools.find(nextpnr), *arguments], work, hopeless)
    if hopeless():
        return False
    flow.check(nextpnr, status, text)
    return True


def _constrain(work: Path, mhz: float) -> None:
    """Ask for a frequency of the PLL's clock."""
    path = work / "top.lpf"
    line = re.compile(rf'^(FREQUENCY NET "{re.escape(pll.NET)}") \S+ HZ;$', re.MULTILINE)
    text, changes = line.subn(rf"\1 {mhz * 1e6:.1f} HZ;", path.read_text(encoding="utf-8"))
    assert changes == 1, f"{path} does not constrain {pll.NET}"
    path.write_text(text, encoding="utf-8")
