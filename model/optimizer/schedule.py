"""The schedule: what is due in step n."""

from __future__ import annotations

from collections.abc import Mapping

from spec.optimizer import OptimizerSpec

PERIODS = ("tau_p", "tau_x", "tau_theta")


class Schedule:
    """The registers of step n, and what is due in it.

    A stage of the spec sets them and starts all three periods anew; a register that
    is written sets one, and its period ends as soon as it is as long as that.

    Parameters
    ----------
    spec : OptimizerSpec
    registers : mapping of str to int
        Their values at the start, by name, as `spec.registers` has them.

    Attributes
    ----------
    n : int
        The step.
    tau_p, tau_x, tau_theta, eta_shift : int
        What holds in it.
    """

    tau_p: int
    tau_x: int
    tau_theta: int
    eta_shift: int

    def __init__(self, spec: OptimizerSpec, registers: Mapping[str, int]) -> None:
        self.stages = {stage.step: stage for stage in spec.stages}
        self.accumulate = spec.bank.cell.accumulate
        self.check_every, self.steps = registers["check_every"], registers["steps"]
        self.n = 0
        self.since = dict.fromkeys(PERIODS, 0)
        for name in (*PERIODS, "eta_shift"):
            setattr(self, name, registers[name])

    def next_step(self) -> None:
        """Go on to the next step."""
        for name in PERIODS:
            elapsed = self.since[name] + 1 >= getattr(self, name)
            self.since[name] = 0 if elapsed else self.since[name] + 1
        self.n += 1
        if self.n in self.stages:
            for name in (*PERIODS, "eta_shift"):
                setattr(self, name, getattr(self.stages[self.n], name))
            self.since = dict.fromkeys(PERIODS, 0)

    def write(self, registers: Mapping[str, int]) -> None:
        """Write registers during step n - 1, to hold from step n on, or to the first stage.

        Parameters
        ----------
        registers : mapping of str to int
            Values of tau_p, tau_x, tau_theta and eta_shift. Without G, every step updates, whatever
            tau_theta is.
        """
        if self.n < min(self.stages, default=self.n + 1):
            for name, value in registers.items():
                if name != "tau_theta" or self.accumulate:
                    setattr(self, name, value)

    def sample(self) -> bool:
        """Item 1: next sample."""
        return self.since["tau_x"] == 0

    def update(self) -> bool:
        """Item 2: every cell updates. Before C0 is measured again, so that C0 is never stale."""
        return self.n > 0 and self.since["tau_theta"] == 0

    def perturb(self) -> bool:
        """Item 4: new perturbation."""
        return self.since["tau_p"] == 0

    def baseline(self) -> bool:
        """Item 3: C0 is measured again, since the sample or θ changed."""
        return self.sample() or self.update()

    def check(self) -> bool:
        """Whether all samples are evaluated before step n."""
        return self.n > 0 and (self.n % self.check_every == 0 or self.last())

    def last(self) -> bool:
        """Whether all steps are made."""
        return self.n == self.steps
