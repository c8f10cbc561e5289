"""The schedule: what is due in step n, and how many clocks it takes at D = 0."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from spec.config import Config
from spec.phase import Phase
from spec.timing import Timing
from spec.training import Change, Training

PERIODS = ("tau_p", "tau_x", "tau_theta")


class Schedule:
    """τ_p, τ_x, τ_θ and η of step n, and what is due in it.

    A change of the config's schedule sets them and starts all three periods anew; a register that
    is written sets one, and its period ends as soon as it is as long as that.

    Parameters
    ----------
    config : Config

    Attributes
    ----------
    n : int
        The step.
    tau_p, tau_x, tau_theta, eta : int
        What holds in it.
    """

    def __init__(self, config: Config) -> None:
        self.config, self.training = config, config.training
        self.changes = {change.step: change for change in config.training.schedule}
        self.n = 0
        self._since = dict.fromkeys(PERIODS, 0)
        self._set(self.training)

    def _set(self, stage: Training | Change) -> None:
        self.tau_p, self.tau_x, self.eta = stage.tau_p, stage.tau_x, stage.eta
        self.tau_theta = self.config.update_period(stage)

    def next_step(self) -> None:
        """Go on to the next step."""
        for name in PERIODS:
            elapsed = self._since[name] + 1 >= getattr(self, name)
            self._since[name] = 0 if elapsed else self._since[name] + 1
        self.n += 1
        if self.n in self.changes:
            self._set(self.changes[self.n])
            self._since = dict.fromkeys(PERIODS, 0)

    def write(self, registers: Mapping[str, int]) -> None:
        """Write registers during step n - 1, to hold from step n on, or to the first change.

        Parameters
        ----------
        registers : mapping of str to int
            Values of tau_p, tau_x, tau_theta (in steps) and eta (η = 2**eta).
        """
        if self.n < min(self.changes, default=self.n + 1):
            for name, value in registers.items():
                setattr(self, name, value)

    def sample(self) -> bool:
        """Item 1: next sample."""
        return self._since["tau_x"] == 0

    def update(self) -> bool:
        """Item 2: every cell updates. Before C0 is measured again, so that C0 is never stale."""
        return self.n > 0 and self._since["tau_theta"] == 0

    def perturb(self) -> bool:
        """Item 4: new perturbation."""
        return self._since["tau_p"] == 0

    def baseline(self) -> bool:
        """Item 3: C0 is measured again, since the sample or θ changed."""
        return self.sample() or self.update()

    def check(self) -> bool:
        """Whether all samples are evaluated before step n."""
        return self.n > 0 and (self.n % self.training.check_every == 0 or self.last())

    def last(self) -> bool:
        """Whether all steps are made."""
        return self.n == self.training.steps


SHARED = (
    Phase.INIT_ACCUMULATE, Phase.INIT_UPDATE, Phase.UPDATE, Phase.BASELINE, Phase.OPPOSITE,
    Phase.PERTURBED, Phase.ACCUMULATE,
)  # fmt: skip
"""Phases in which cells read or learn: a clock for each of the parameters that share one."""


@functools.cache
def duration(phase: Phase, timing: Timing) -> int:
    """Clocks that a phase takes; DONE is where a run's clocks end."""
    lengths = {
        **dict.fromkeys(SHARED, timing.reuse),
        Phase.CHECK: timing.samples * timing.reuse,
        Phase.CHECK_WAIT: timing.evaluation + 1,
        Phase.WAIT: 1 if timing.update_delay else timing.loop - timing.reuse,
        Phase.DONE: 0,
    }
    return lengths.get(phase, 1)
