"""The schedule of a folded engine: which pass is made, and what for."""

from __future__ import annotations

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
    INIT_SHIFT, CHECK and WAIT, which wait for the engine, or for u.

    Parameters
    ----------
    spec : ScheduleSpec

    Members
    -------
    start, stop, tau_p, tau_x, check_every, steps, target_met, restart
        As those of `hdl.optimizer.schedule.drained.Schedule`.
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

    def __init__(self, spec: ScheduleSpec) -> None:
        self.spec = spec
        strobes = ("start", "stop", "target_met", "restart", "filled", "ready", "counted")
        members = dict.fromkeys(strobes, In(1))
        members |= dict.fromkeys(("tau_p", "tau_x", "check_every"), In(16)) | {"steps": In(32)}
        strobes = (
            "clear", "fill", "begin", "update", "perturb", "draw", "advance", "sweep", "perturbs",
            "clear_score", "checked", "next_step", "busy", "done", "solved", "settles",
        )  # fmt: skip
        members |= dict.fromkeys(strobes, Out(1))
        members |= {"bit_of_theta": Out(range(spec.init_bits)), "phase": Out(Phase)}
        members |= {"step": Out(32), "address": Out(max(1, bits_for(spec.samples)))}
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Build the state machine."""
        m = Module()
        phases = Phases(m)
        go, during = phases.go, phases.during
        stopping, ending, spent = Signal(), Signal(), Signal()
        begins = Signal()  # of a pass of a check
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
        with m.If(self.stop & self.busy):
            m.d.sync += stopping.eq(1)
        with during(Phase.IDLE, Phase.DONE):
            m.d.sync += [stopping.eq(0), ending.eq(0)]
            with m.If(self.start):
                go(Phase.CLEAR)
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
            with m.If(self.bit_of_theta != self.spec.init_bits - 1):
                m.d.comb += self.fill.eq(1)
                go(Phase.INIT_SHIFT)
            m.d.sync += self.bit_of_theta.eq(self.bit_of_theta + 1)
        with during(Phase.UPDATE):
            m.d.sync += [ending.eq(last), self.address.eq(0), begins.eq(1)]
            go(Phase.STEP)
            with m.If(check_due | last):
                m.d.comb += self.clear_score.eq(1)
                m.d.sync += [self.sweep.eq(1), self.perturb.eq(0), self.draw.eq(0)]
                go(Phase.CHECK)
        self._check(m, phases, begins, ending)
        with during(Phase.STEP):
            m.d.comb += [self.advance.eq(sample_due), self.perturbs.eq(perturb_due)]
            m.d.sync += [self.perturb.eq(1), self.draw.eq(perturb_due)]
            go(Phase.PERTURBED)
        with during(Phase.PERTURBED):
            m.d.comb += self.begin.eq(1)
            go(Phase.WAIT)
        with during(Phase.WAIT), m.If(self.ready):
            go(Phase.ACCUMULATE)
        with during(Phase.ACCUMULATE):
            m.d.comb += self.next_step.eq(1)
            m.d.sync += [
                self.update.eq(1), self.step.eq(self.step + 1),
                spent.eq(self.step == self.steps - 1),
            ]  # fmt: skip
            go(Phase.UPDATE)
        m.d.comb += self.phase.eq(phases.number())
        return m

    def _check(self, m: Module, phases: Phases, begins: Signal, ending: Signal) -> None:
        """Build the phases in which every sample is evaluated; the first one's pass updates."""
        go, during = phases.go, phases.during
        m.d.comb += self.settles.eq(phases.decoded(Phase.CHECK) & (self.address == 0))
        with during(Phase.CHECK):
            m.d.comb += self.begin.eq(begins)
            m.d.sync += begins.eq(0)
            with m.If(self.counted):
                m.d.sync += [begins.eq(1), self.update.eq(0), self.address.eq(self.address + 1)]
                with m.If(self.address == self.spec.samples - 1):
                    go(Phase.CHECK_WAIT)
        with during(Phase.CHECK_WAIT):
            m.d.sync += self.sweep.eq(0)
            go(Phase.DECIDE)
        with during(Phase.DECIDE):
            m.d.comb += self.checked.eq(1)
            m.d.sync += self.solved.eq(self.target_met)
            go(Phase.STEP)
            with m.If(self.target_met | ending):
                go(Phase.DONE)

    def _every(self, m: Module, tau: Signal, at_start: int, restart: Value) -> Signal:
        """Return whether n is a multiple of a register."""
        strobes = {"clear": self.clear, "end": self.next_step}
        return due_every(m, tau - 1, **strobes, restart=restart, at_start=at_start)
