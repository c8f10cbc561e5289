"""Schedules: a kind in each file."""

from __future__ import annotations

from hdl.optimizer.schedule.drained import Schedule
from hdl.optimizer.schedule.overlapped import OverlappedSchedule
from hdl.optimizer.schedule.patient import PatientSchedule
from hdl.optimizer.schedule.sweeping import SweepingSchedule
from spec.optimizer import ScheduleSpec


def schedule_of(spec: ScheduleSpec, less: int = 0) -> Schedule:
    """Return the schedule that a spec asks for; `less` as that of `Schedule`."""
    if spec.update_delay:
        return OverlappedSchedule(spec, less)
    if spec.sweeps:
        return SweepingSchedule(spec, less)
    return (PatientSchedule if spec.patient else Schedule)(spec, less)
