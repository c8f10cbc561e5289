"""The overlapped schedule, D > 0: steps follow each other without a gap."""

from __future__ import annotations

from collections.abc import Callable

from amaranth.hdl import Module, Signal, Value

from hdl.number.delay import delay
from hdl.optimizer.schedule.drained import Due, Schedule
from spec.phase import Phase


class OverlappedSchedule(Schedule):
    """Issues a baseline and a perturbed evaluation, again and again, while u is on its way.

    With one rail, they follow each other; with two, both enter in one clock.

    What a step finds reaches the cells by strobes that are late by a number of clocks: it
    accumulates three clocks, and updates two clocks, before the first evaluation of step n + D + 1.
    Only checks wait until all that is on its way has arrived.

    Parameters and members are those of `Schedule`. `ready` is not waited for: D counts clocks.
    """

    first = Phase.STEP

    @property
    def longest_wait(self) -> int:
        """Clocks until all steps are used."""
        return self.spec.flight

    def _in(self, *phases: Phase) -> Signal:
        """Whether it is one of the phases, from where registers lead to the cells."""
        return self._phases.decoded(*phases)

    def _strobes(self, m: Module, due: Value, follows: Value) -> None:
        """Accumulate and update some clocks after the perturbed evaluation; initialise as ever."""
        issued = Signal()
        m.d.comb += issued.eq(self._in(Phase.PERTURBED))
        found = delay(m, issued, 1, self.spec.flight - 2, "found")
        ended = delay(m, issued & due, 1, self.spec.flight - 1, "ended")
        accumulates = found | self._in(Phase.INIT_ACCUMULATE)
        updates = ended | self._in(Phase.INIT_UPDATE)
        if self.less:
            accumulates |= delay(m, self.accumulate_next, 1, 1, "accumulates_by_hand")
            updates |= delay(m, self.update_next, 1, 1, "updates_by_hand")
        m.d.comb += [self.accumulate.eq(accumulates), self.update.eq(updates)]

    def _steps(self, m: Module, due: Due, wait: Callable[[int, Phase], None]) -> None:
        """Build the phases of steps: STEP once, then evaluations without a gap."""
        go, during = self._phases.go, self._phases.during
        two = self.spec.rails == 2
        first = Phase.PERTURBED if two else Phase.BASELINE

        def read() -> None:
            """Get the sample of the step that begins in the next clock."""
            m.d.comb += [self.read.eq(1), self.advance.eq(due.sample), self.next_step.eq(1)]
            go(first)

        with during(Phase.STEP):
            m.d.comb += self.perturb.eq(two)
            read()
        if not two:
            with during(Phase.BASELINE):
                m.d.comb += [self._issued["hold"].eq(1), self.perturb.eq(1)]
                go(Phase.PERTURBED)
        with during(Phase.PERTURBED):
            m.d.comb += [self._issued["perturb"].eq(1), self.perturb.eq(two)]
            m.d.sync += self._ending.eq(due.last)
            with m.If(due.check):
                m.d.comb += self.clear_score.eq(1)
                go(Phase.WAIT)
            with m.Else():
                read()
        with during(Phase.WAIT):
            # The line goes on: the bits of a step are found by how far they have come.
            if two:
                m.d.comb += self.perturb.eq(self._count != self.spec.flight - 1)
            else:
                slot = Signal()
                m.d.sync += slot.eq(~slot)
                m.d.comb += self.perturb.eq(~slot)
            wait(self.spec.flight, Phase.CHECK)
