"""The cost over the steps, from a device's trace."""

from __future__ import annotations

from itertools import pairwise

from host.device import Device

BLOCKS = "▁▂▃▄▅▆▇█"


class Curve:
    """Collects what the trace of a run has; what was replaced between two looks is missing.

    Parameters
    ----------
    device : Device
        Whose registers do not change while the curve is taken.

    Attributes
    ----------
    points : list of (int, int)
        Step and cost_sum of each check.
    """

    def __init__(self, device: Device) -> None:
        self.device = device
        self.every, self.steps = device.get("check_every"), device.get("steps")
        self.points: list[tuple[int, int]] = []
        self._seen = 0

    def look(self) -> None:
        """Add the checks since the last look."""
        if self.device.checks() < self._seen:  # another run began
            self.points, self._seen = [], 0
        for check, cost_sum in self.device.trace(self._seen):
            self.points.append((min((check + 1) * self.every, self.steps), cost_sum))
            self._seen = check + 1


def sparkline(values: list[float], width: int = 60) -> str:
    """Draw values as a line of blocks, from 0 to the largest; each is the mean of its stretch."""
    if not values:
        return ""
    width = min(width, len(values))
    edges = [len(values) * k // width for k in range(width + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
    top = max(*means, 0.0) or 1.0
    return "".join(BLOCKS[min(7, int(8 * max(0.0, value) / top))] for value in means)
