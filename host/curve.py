"""The cost over the steps, from a device's trace."""

from __future__ import annotations

from host.checks import Checks
from host.driver import AnyDriver


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
        self._seen = self._apart = self._told = 0

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

    def tell(self, checks: Checks, seed: int, last: int | None = None) -> None:
        """Tell of the points that were not told yet; all are kept then (`most` is None).

        Parameters
        ----------
        checks : Checks
        seed : int
            Of the run.
        last : int, optional
            The step at which it ended, if it did: its last check may be there before its time.
        """
        for step, cost_sum in self.points[self._told :]:
            checks.add(seed, step if last is None else min(step, last), cost_sum)
        self._told = len(self.points)
