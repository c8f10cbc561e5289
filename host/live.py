"""A training, live in the terminal: the cost over the steps above the bar of its progress."""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import accumulate

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from host.chart import band, bars, sparkline, thinned
from host.checks import Checks, quartiles

ROWS = 8
"""Of the curve."""

MARGIN = 9
"""Letters left of it, for the scale."""

LOOK_S = 0.25
"""Between two looks, at least."""

SHARE = 50
"""A look is followed by so many times as long without one, so that training is hardly slower."""


class Chart:
    """The cost over the steps: of one run as bars, of several runs median and quartiles.

    Looking changes nothing of what is looked at.

    Parameters
    ----------
    checks : Checks
        Of the training that goes on.
    goal : bool
        Whether a run can be solved.
    """

    def __init__(self, checks: Checks, *, goal: bool) -> None:
        self.checks, self.goal = checks, goal
        self._lines: list[str] = []
        self._next = 0.0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it; again as before, if it was drawn a moment ago."""
        begin = time.perf_counter()
        if begin >= self._next:
            self._lines = self.lines(options.max_width)
            end = time.perf_counter()
            self._next = end + max(LOOK_S, SHARE * (end - begin))
        yield from (Text(line, no_wrap=True, overflow="crop") for line in self._lines)

    def settle(self) -> None:
        """Let what is drawn next be as things are then."""
        self._next = 0.0

    def lines(self, width: int) -> list[str]:
        """Draw what is known by now; nothing before the first check."""
        curves = list(self.checks.costs.items())  # at once: training goes on meanwhile
        if not curves:
            return []
        columns = max(10, width - MARGIN - 1)
        if len(self.checks.seeds) == 1:
            points = curves[0][1][:]  # a copy, for the same reason
            values = thinned([value for _, value in points], columns)
            top = max(values) or 1.0
            drawn, first, last = bars(values, ROWS, top), points[0][0], points[-1][0]
        else:
            parts = [curve for _, curve in curves]
            first = min(curve[0][0] for curve in parts)
            last = max(curve[-1][0] for curve in parts)
            running = next(k for k, (seed, _) in enumerate(curves) if seed == self.checks.last)
            spread = quartiles(parts, _columns(first, last, columns), running)
            top = float(max(curve[0][1] for curve in parts)) or 1.0
            drawn = band(spread, ROWS, top)
        scale = [f"{top:.4g}", *[""] * (ROWS - 2), "0"]
        rows = [f"{mark:>{MARGIN - 2}} ┤{row}" for mark, row in zip(scale, drawn, strict=True)]
        return [*rows, f"{'step':>{MARGIN - 2}}  {first:,} … {last:,}", *self._words(columns)]

    def words(self) -> str:
        """Say it in a line, for a log."""
        return ", ".join(self._words(20))

    def _words(self, width: int) -> Iterable[str]:
        """Say the cost, and how many runs are solved by when."""
        curves = list(self.checks.costs.values())
        if not curves:
            return
        now = [curve[-1][1] for curve in curves]
        if len(self.checks.seeds) == 1:
            yield f"mean cost {now[0]:.4f}"
            return
        low, median, high = quartiles(curves, [max(curve[-1][0] for curve in curves)])[:, 0]
        yield f"mean cost {median:.4f}, quartiles {low:.4f} to {high:.4f}, of {len(curves)} runs"
        if self.goal:
            solved, count = sorted(self.checks.solved.values()), len(self.checks.seeds)
            yield f"solved {len(solved)} of {count} {self._solved(solved, count, width)}".rstrip()

    def _solved(self, solved: list[int], count: int, width: int) -> str:
        """Draw which fraction was solved by a step."""
        if not solved:
            return ""
        columns = _columns(0, solved[-1], min(width, 40))
        new = [0] * len(columns)
        for step in solved:
            new[sum(column < step for column in columns)] += 1
        return sparkline([k / count for k in accumulate(new)], len(columns), top=1.0)


def _columns(first: int, last: int, count: int) -> list[int]:
    """Return steps from the first to the last, evenly; no more than there are."""
    count = min(count, last - first + 1)
    return [first + (last - first) * k // max(1, count - 1) for k in range(count)]
