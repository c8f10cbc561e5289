"""The schedule: what is due in step n, and how many clocks it takes at D = 0."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from operator import attrgetter

from spec.config import Change, Training
from spec.phase import Phase
from spec.timing import Timing


@dataclass(frozen=True)
class Schedule:
    """τ_p, τ_x, τ_θ and the checks, in steps; a change of the schedule starts all three anew."""

    training: Training

    def stage(self, n: int) -> Training | Change:
        """What holds η and the time constants in step n."""
        return self.training.stages[bisect_right(self.training.schedule, n, key=attrgetter("step"))]

    def _since(self, n: int) -> int:
        """Steps since the last change."""
        stage = self.stage(n)
        return n - stage.step if isinstance(stage, Change) else n

    def sample(self, n: int) -> bool:
        """Item 1: next sample."""
        return self._since(n) % self.stage(n).tau_x == 0

    def update(self, n: int) -> bool:
        """Item 2: every cell updates. Before C0 is measured again, so that C0 is never stale."""
        return n > 0 and self._since(n) % self.stage(n).tau_theta == 0

    def perturb(self, n: int) -> bool:
        """Item 4: new perturbation."""
        return self._since(n) % self.stage(n).tau_p == 0

    def baseline(self, n: int) -> bool:
        """Item 3: C0 is measured again, since the sample or θ changed."""
        return self.sample(n) or self.update(n)

    def check(self, n: int) -> bool:
        """Whether all samples are evaluated before step n."""
        return n > 0 and (n % self.training.check_every == 0 or self.last(n))

    def last(self, n: int) -> bool:
        """Whether all steps are made."""
        return n == self.training.steps


def duration(phase: Phase, timing: Timing) -> int:
    """Clocks that a phase takes; DONE is where a run's clocks end."""
    lengths = {
        Phase.CHECK: timing.samples,
        Phase.CHECK_WAIT: timing.evaluation + 1,
        Phase.WAIT: timing.loop - 1,
        Phase.DONE: 0,
    }
    return lengths.get(phase, 1)
