"""The schedule for cells that are words of memory, which take their time to update."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib.wiring import In, Out

from hdl.optimizer.schedule.patient import PatientSchedule
from spec.phase import Phase


class SweepingSchedule(PatientSchedule):
    """The phases of an update last until all words have been visited, in any step.

    As words accumulate then too what the step before has found, each step has a sweep, whether it
    updates or not.

    Members
    -------
    visits : Out(1)
        Whether it is such a phase.
    swept : In(1)
        Strobe: all words have been visited.
    """

    visits: Signal
    swept: Signal

    def _members(self) -> dict[str, Any]:
        return super()._members() | {"visits": Out(1), "swept": In(1)}

    def elaborate(self, platform: object) -> Module:
        """Build the same, and say when words are to be visited."""
        m = super().elaborate(platform)
        m.d.comb += self.visits.eq(self._in(Phase.UPDATE, Phase.INIT_UPDATE))
        return m

    def _updated(self, m: Module) -> AbstractContextManager[None]:
        """When an update has been made: when all words have been visited."""
        return m.If(self.swept)
