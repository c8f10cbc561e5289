"""The schedule for a plant that makes one evaluation at a time, in its own time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib.wiring import In

from hdl.optimizer.schedule.drained import Schedule
from spec.phase import Phase


class PatientSchedule(Schedule):
    """The phase of an evaluation, and its tag, last until it is answered.

    So weights stay as long as the plant needs them. CHECK lasts for all samples of a check, one
    after the other; WAIT for u only.

    Members
    -------
    answered : In(1)
        Strobe: the evaluation has come back.
    given_up : In(1)
        Strobe: it never will; the run ends, unsolved.
    """

    answered: Signal
    given_up: Signal

    def _members(self) -> dict[str, Any]:
        return super()._members() | {"answered": In(1), "given_up": In(1)}

    def _counting(self, m: Module) -> None:
        """Let evaluations of a check count, each as long as it takes."""
        m.d.comb += self._issued["count"].eq(self._in(Phase.CHECK))

    def _check(self, m: Module, count: Signal, go_on: Callable[[], None]) -> None:
        """Evaluate one sample after the other; there is another check to come, so from 0 again."""
        number = Signal.like(self.address, name="number")
        m.d.comb += [self.read.eq(1), self.sweep.eq(1), self.address.eq(number)]
        with self._evaluated(m):
            m.d.sync += number.eq(number + 1)
            with m.If(number == self.samples - 1):
                m.d.sync += number.eq(0)
                self._phases.go(Phase.CHECK_WAIT)
        with m.If(self.given_up):
            m.d.sync += number.eq(0)

    def _evaluated(self, m: Module) -> AbstractContextManager[None]:
        """When the next evaluation may enter the plant: as soon as this one is answered."""
        with m.If(self.given_up):
            m.d.sync += self.solved.eq(0)
            self._phases.go(Phase.DONE)
        return m.If(self.answered)
