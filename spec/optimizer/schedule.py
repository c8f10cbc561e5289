"""The schedule, and what changes during a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from spec.numbers import Format

ENTRY = 2
"""Clocks from an overlapped schedule to the plant: two registers, for speed."""

JOINED = ("accumulate", "update")
"""Strobes of the hand behind a link that meet the schedule's in front of a register."""


@dataclass(frozen=True)
class ScheduleSpec:
    """When what happens.

    Parameters
    ----------
    parameters : int
        P.
    init_bits : int
        Random bits of an initial θ.
    bus : Format
        Of u, which makes it.
    samples : int
        That a check can evaluate at most.
    adjustable : bool
        Whether a register says how many it evaluates; otherwise all of them.
    shifts : int
        Places by which the line moves on for a perturbation, a clock each.
    analog, antithetic : bool
    rails : int
    update_delay : int
        D.
    evaluation : int
        Clocks from the tag of an evaluation to its C; of overlapped schedules, which count them.

    Attributes
    ----------
    patient : bool
        Whether an evaluation must have come back before the next one goes in.
    sweeps : bool
        Whether an update takes as long as a sweep through memory.
    """

    parameters: int
    init_bits: int
    bus: Format
    samples: int
    adjustable: bool = False
    shifts: int = 1
    analog: bool = False
    antithetic: bool = False
    rails: int = 1
    update_delay: int = 0
    evaluation: int = 0

    patient: ClassVar[bool] = False
    sweeps: ClassVar[bool] = False

    @property
    def entry(self) -> int:
        """Clocks from the schedule to the plant."""
        return ENTRY if self.update_delay else 0

    @property
    def interval(self) -> int:
        """Initiation interval of an overlapped schedule: clocks a step."""
        return 2 // self.rails

    @property
    def flight(self) -> int:
        """Clocks of D steps."""
        return self.interval * self.update_delay


@dataclass(frozen=True)
class PatientScheduleSpec(ScheduleSpec):
    """The same for a plant that makes one evaluation at a time, in its own time; D = 0."""

    patient: ClassVar[bool] = True


@dataclass(frozen=True)
class SweepingScheduleSpec(PatientScheduleSpec):
    """The same with cells that are words of memory."""

    sweeps: ClassVar[bool] = True


@dataclass(frozen=True)
class Stage:
    """Values of the registers from a step on."""

    step: int
    tau_p: int
    tau_x: int
    tau_theta: int
    eta_shift: int
