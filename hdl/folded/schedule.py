"""The schedule of a folded engine: which pass is made, and what for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from amaranth.hdl import Const, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.optimizer.schedule.period import due_every
from hdl.optimizer.schedule.phases import Phases
from spec.numbers import bits_for
from spec.optimizer import ScheduleSpec
from spec.phase import Phase


class FoldedSchedule(wiring.Component):
    """Runs the loop: initialisation, steps of a pass each, checks of a pass for each sample.

    What a step has found is used by the next pass, whatever that is for. A phase takes a clock, but
    INIT_SHIFT, CHECK and WAIT, which wait for the engine, or for u; and with a ring STEP and CHECK,
    which wait for samples.

    Parameters
    ----------
    spec : ScheduleSpec
    less : int
        As that of `Schedule`.
    ring : bool
        Whether samples come in the order in which they are needed, those of checks included. After
        a check the current one comes again. A run that is told to stop then ends without a check.

    Members
    -------
    start, stop, pause, resume, tau_p, tau_x, check_every, steps, last_sample, target_met, restart
        As those of `hdl.optimizer.schedule.drained.Schedule`.
    evaluate, sample : In(1), In
        Strobe, while not busy: a pass for a sample, unperturbed, which counts.
    there : In(1)
        Whether there is a sample to take; with a ring only.
    filled, ready, counted : In(1)
        Strobes: a bit of the initial θ is made; u is there; an evaluation of a check has come.
    clear : Out(1)
        Strobe: random sources load the seed.
    fill, begin : Out(1)
        Strobes: a bit of the initial θ; a pass.
    bit_of_theta : Out
    update, perturb, draw : Out(1)
        As those of `Engine`.
    advance : Out(1)
        Strobe: the next sample.
    waits : Out(1)
        Whether there is none.
    opens : Out(1)
        Strobe: a run begins, or goes on.
    sweep, address : Out
        Whether `address` is the sample, and not the current one; until the pass is done.
    perturbs : Out(1)
        Strobe: the line of random bits moves on.
    settles : Out(1)
        Whether θ moves for the last time before a check.
    clear_score, checked, next_step, phase, step, busy, done, solved
        As those of `Schedule`.
    """

    start: Signal
    stop: Signal
    pause: Signal
    resume: Signal
    last_sample: Signal
    evaluate: Signal
    sample: Signal
    there: Signal
    waits: Signal
    opens: Signal
    tau_p: Signal
    tau_x: Signal
    check_every: Signal
    steps: Signal
    target_met: Signal
    restart: Signal
    filled: Signal
    ready: Signal
    counted: Signal
    clear: Signal
    fill: Signal
    begin: Signal
    bit_of_theta: Signal
    update: Signal
    perturb: Signal
    draw: Signal
    advance: Signal
    sweep: Signal
    address: Signal
    perturbs: Signal
    clear_score: Signal
    checked: Signal
    settles: Signal
    next_step: Signal
    phase: Signal
    step: Signal
    busy: Signal
    done: Signal
    solved: Signal

    def __init__(self, spec: ScheduleSpec, less: int = 0, *, ring: bool = False) -> None:
        self.spec, self.less, self.ring = spec, less, ring
        number = max(1, bits_for(spec.samples))
        strobes = (
            "start", "stop", "pause", "resume", "evaluate", "there", "target_met", "restart",
            "filled", "ready", "counted",
        )  # fmt: skip
        members = dict.fromkeys(strobes, In(1)) | {"sample": In(number)}
        if spec.adjustable:
            members["last_sample"] = In(number)
        members |= dict.fromkeys(("tau_p", "tau_x", "check_every"), In(16)) | {"steps": In(32)}
        strobes = (
            "clear", "fill", "begin", "update", "perturb", "draw", "advance", "sweep", "perturbs",
            "clear_score", "checked", "next_step", "busy", "done", "solved", "settles",
            "waits", "opens",
        )  # fmt: skip
        members |= dict.fromkeys(strobes, Out(1))
        members |= {"bit_of_theta": Out(range(spec.init_bits)), "phase": Out(Phase)}
        members |= {"step": Out(32), "address": Out(number)}
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Build the state machine."""
        m = Module()
        phases = Phases(m)
        go, during = phases.go, phases.during
        stopping, ending, spent = Signal(), Signal(), Signal()
        is_last = Signal()  # whether this step is the last one: known many clocks before it ends
        begins, evaluates = Signal(), Signal()  # of a pass of a check; by hand
        self._stopping, self._aborting = stopping, Signal(name="aborting")
        self._again = Signal(name="again")  # the current sample has gone, for those of a check
        sample_due = self._every(m, self.tau_x, 1, self.restart)
        perturb_due = self._every(m, self.tau_p, 1, self.restart)
        check_due = self._every(m, self.check_every, 0, Const(0))
        last = Signal()
        m.d.comb += [
            last.eq(spent | stopping),
            self.busy.eq(~phases.decoded(Phase.IDLE, Phase.DONE)),
            self.done.eq(phases.decoded(Phase.DONE)),
            self.clear.eq(phases.decoded(Phase.IDLE, Phase.CLEAR)),
        ]
        m.d.sync += [
            evaluates.eq(self.evaluate),
            is_last.eq(self.step == self.steps - (1 - self.less)),
        ]
        with m.If(self.stop & self.busy):
            m.d.sync += stopping.eq(1)
        with during(Phase.IDLE, Phase.DONE):
            m.d.sync += [stopping.eq(0), ending.eq(0), self._aborting.eq(0)]
            m.d.comb += self.begin.eq(evaluates)
            with m.If(self.evaluate):
                m.d.sync += [
                    self.address.eq(self.sample), self.sweep.eq(1), self.perturb.eq(0),
                    self.draw.eq(0),
                ]  # fmt: skip
            with m.If(self.start):
                go(Phase.CLEAR)
                self._open(m)
            with m.Elif(self.resume & self.done):
                go(Phase.STEP)
                self._open(m)
        with during(Phase.CLEAR):
            m.d.sync += [
                self.step.eq(0), spent.eq(0), self.solved.eq(0), self.update.eq(0),
                self.bit_of_theta.eq(0),
            ]  # fmt: skip
            m.d.comb += self.fill.eq(1)
            go(Phase.INIT_SHIFT)
        with during(Phase.INIT_SHIFT), m.If(self.filled):
            go(Phase.INIT_UPDATE)
        with during(Phase.INIT_UPDATE):
            go(Phase.UPDATE)
            with m.If(self.pause):
                go(Phase.DONE)
            with m.If(self.bit_of_theta != self.spec.init_bits - 1):
                m.d.comb += self.fill.eq(1)
                go(Phase.INIT_SHIFT)
            m.d.sync += self.bit_of_theta.eq(self.bit_of_theta + 1)
        with during(Phase.UPDATE):
            m.d.sync += [ending.eq(last), self.address.eq(0), begins.eq(1)]
            go(Phase.STEP)
            with m.If(check_due | last):
                m.d.comb += self.clear_score.eq(1)
                m.d.sync += [self.sweep.eq(not self.ring), self.perturb.eq(0), self.draw.eq(0)]
                go(Phase.CHECK)
        self._check(m, phases, begins, ending)
        with during(Phase.STEP), self._taken(m, go, sample_due | self._again):
            m.d.comb += self.perturbs.eq(perturb_due)
            m.d.sync += [self.perturb.eq(1), self.draw.eq(perturb_due), self._again.eq(0)]
            go(Phase.PERTURBED)
        with during(Phase.PERTURBED):
            m.d.comb += self.begin.eq(1)
            go(Phase.WAIT)
        with during(Phase.WAIT), m.If(self.ready):
            go(Phase.ACCUMULATE)
        with during(Phase.ACCUMULATE):
            m.d.comb += self.next_step.eq(1)
            m.d.sync += [
                self.update.eq(1), self.step.eq(self.step + 1), spent.eq(is_last),
            ]  # fmt: skip
            go(Phase.UPDATE)
        m.d.comb += self.phase.eq(phases.number())
        return m

    def _open(self, m: Module) -> None:
        """Begin with samples anew."""
        m.d.comb += self.opens.eq(1)
        m.d.sync += [self._again.eq(self.ring), self.sweep.eq(0)]

    def _taken(
        self, m: Module, go: Callable[[Phase], None], due: Value
    ) -> AbstractContextManager[None]:
        """Take the next sample if it is due; go on once there is one."""
        if not self.ring:
            m.d.comb += self.advance.eq(due)
            return m.If(1)
        m.d.comb += [self.waits.eq(due & ~self.there), self.advance.eq(due & self.there)]
        with m.If(self.waits & self._stopping):
            go(Phase.UPDATE)
        return m.If(~self.waits)

    def _check(self, m: Module, phases: Phases, begins: Signal, ending: Signal) -> None:
        """Build the phases in which every sample is evaluated; the first one's pass updates."""
        go, during = phases.go, phases.during
        m.d.comb += self.settles.eq(phases.decoded(Phase.CHECK) & (self.address == 0))
        last = self.last_sample if self.spec.adjustable else self.spec.samples - 1
        with during(Phase.CHECK):
            if self.ring:
                # The pass of a check that is broken off is for the update alone.
                m.d.comb += [
                    self.waits.eq(begins & ~self.there & ~self._aborting),
                    self.begin.eq(begins & ~self.waits),
                    self.advance.eq(begins & self.there & ~self._aborting),
                ]
                with m.If(begins & self._stopping):
                    m.d.sync += self._aborting.eq(1)
            else:
                m.d.comb += self.begin.eq(begins)
            with m.If(self.begin):
                m.d.sync += [begins.eq(0), self._again.eq(self.ring)]
            with m.If(self.counted):
                m.d.sync += [begins.eq(1), self.update.eq(0), self.address.eq(self.address + 1)]
                with m.If((self.address == last) | self._aborting):
                    go(Phase.CHECK_WAIT)
        with during(Phase.CHECK_WAIT):
            m.d.sync += self.sweep.eq(0)
            go(Phase.DECIDE)
        with during(Phase.DECIDE):
            m.d.comb += self.checked.eq(~self._aborting)
            m.d.sync += self.solved.eq(self.target_met & ~self._aborting)
            go(Phase.STEP)
            with m.If(self.target_met | ending | self._aborting):
                go(Phase.DONE)

    def _every(self, m: Module, tau: Signal, at_start: int, restart: Value) -> Signal:
        """Return whether n is a multiple of a register."""
        due, _ = due_every(
            m, tau - (1 - self.less), clear=self.clear, end=self.next_step, restart=restart,
            at_start=at_start, long=True,
        )  # fmt: skip
        return due
