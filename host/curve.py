"""The cost over the steps, from a device's trace."""

from __future__ import annotations

from itertools import pairwise

from host.driver import AnyDriver

BLOCKS = "▁▂▃▄▅▆▇█"


class Curve:
    """Collects what the trace of a run has; what was replaced between two looks is missing.

    Parameters
    ----------
    device : Driver
        Whose registers do not change during a run.
    most : int, optional
        Points that are kept at most: then, and again and again, every second one goes.

    Attributes
    ----------
    points : list of (int, int)
        Step and cost_sum of each check.
    steps : int
        At which the run ends at the latest.
    """

    def __init__(self, device: AnyDriver, most: int | None = None) -> None:
        self.device, self.most = device, most
        self._begin()

    def _begin(self) -> None:
        self.every, self.steps = self.device.get("check_every"), self.device.get("steps")
        self.points: list[tuple[int, int]] = []
        self._seen = self._apart = 0

    def look(self) -> None:
        """Add the checks since the last look; of another run, if one has begun."""
        if self.device.checks() < self._seen:
            self._begin()
        for check, cost_sum in self.device.trace(self._seen):
            self._seen = check + 1
            step = min(self._seen * self.every, self.steps)
            if not self.points or step >= self.points[-1][0] + self._apart:
                self.points.append((step, cost_sum))
            if self.most and len(self.points) > self.most:
                self.points = self.points[::2]
                self._apart = 2 * max(self._apart, self.every)


def sparkline(values: list[float], width: int = 60) -> str:
    """Draw values as a line of blocks, from 0 to the largest; each is the mean of its stretch."""
    if not values:
        return ""
    width = min(width, len(values))
    edges = [len(values) * k // width for k in range(width + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
    top = max(*means, 0.0) or 1.0
    return "".join(BLOCKS[min(7, int(8 * max(0.0, value) / top))] for value in means)
