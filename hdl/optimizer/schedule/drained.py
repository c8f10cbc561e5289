"""The schedule: which strobes, in which clock; without overlap, D = 0."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from amaranth.hdl import Const, Module, Mux, Signal, Value, ValueLike
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.number import fixed
from hdl.optimizer.bus import Tag
from hdl.optimizer.schedule.initial import InitialTheta
from hdl.optimizer.schedule.period import due_every
from hdl.optimizer.schedule.phases import Phases
from spec.numbers import bits_for
from spec.optimizer import JOINED, ScheduleSpec
from spec.phase import Phase


@dataclass(frozen=True)
class Due:
    """What is due in step n, as counters say: a new sample, an update, …, a check, the end."""

    sample: Value
    update: Value
    perturb: Value
    check: Value
    last: Value


class Schedule(wiring.Component):
    """Runs the loop: initialisation, steps of evaluations and strobes, checks.

    Every phase is one clock, but the waits, and STEP where a perturbation is several shifts of the
    line: at D = 0 a step ends once its u has reached the cells, so that the next one sees all
    updates. It waits for the tag of the evaluation, not for a number of clocks: a plant may take as
    long as it likes.

    Parameters
    ----------
    spec : ScheduleSpec
    less : int
        By how much τ_p, τ_x, τ_θ, check_every and steps are less than documented: 0, or 1 for
        whoever holds them so, which saves gates.

    Members
    -------
    start, stop : In(1)
        Start over, unless busy; end at the next step, with a check.
    pause : In(1)
        Whether a run ends once it has its initial θ, to go on with `resume`.
    resume : In(1)
        Go on where a run ended, unless busy; `steps` must be larger by now. At D = 0, or if it
        ended at a step that has a check anyway, it is as if it had not ended.
    tau_p, tau_x, tau_theta, check_every : In(16)
        In steps, at least 1. They are read at the end of a step.
    steps : In(32)
        At least 1.
    last_sample : In
        Number of the last sample that a check evaluates; only if that is adjustable.
    ready : In(1)
        Strobe: the u of the perturbed evaluation is there from the next clock on.
    counted : In(1)
        Strobe: an evaluation of a check has come back.
    target_met : In(1)
        Whether the score of the check counts as solved.
    restart : In(1)
        In the last clock of a step: τ_p, τ_x and τ_θ count from the next step on.
    accumulate_next, update_next : In(1)
        Strobes: `accumulate` and `update` are on in the next clock; only with `less`.
    clear, perturb, fill, accumulate, update : Out(1)
        Strobes for the bus; `fill` shifts the delay line for the initial θ.
    init_u : Out(bus format)
        What the bus is to carry from the clock after on, while `preparing`.
    initialising : Out(1)
        Whether the bus carries the initial θ.
    preparing : Out(1)
        Whether the initial θ is being made.
    tag : Out(Tag)
        The evaluation that enters the plant in this clock.
    read, advance, sweep, address : Out
        For the sample memory.
    clear_score, checked : Out(1)
        Strobes: a check begins; it has ended.
    next_step : Out(1)
        Strobe: n becomes n + 1; registers are read anew.
    phase : Out(Phase)
    step : Out(32)
        n.
    busy, done, solved : Out(1)
        Between start and the last phase; after it; what the last check found.

    """

    first = Phase.UPDATE
    """What follows the initialisation."""

    start: Signal
    stop: Signal
    pause: Signal
    resume: Signal
    tau_p: Signal
    tau_x: Signal
    tau_theta: Signal
    check_every: Signal
    steps: Signal
    last_sample: Signal
    ready: Signal
    counted: Signal
    target_met: Signal
    restart: Signal
    accumulate_next: Signal
    update_next: Signal
    clear: Signal
    perturb: Signal
    fill: Signal
    accumulate: Signal
    update: Signal
    init_u: fixed.Value
    initialising: Signal
    preparing: Signal
    tag: Any
    read: Signal
    advance: Signal
    sweep: Signal
    address: Signal
    clear_score: Signal
    checked: Signal
    next_step: Signal
    phase: Signal
    step: Signal
    busy: Signal
    done: Signal
    solved: Signal

    def __init__(self, spec: ScheduleSpec, less: int = 0) -> None:
        self.spec = spec
        self.less = less
        self.samples = spec.samples
        super().__init__(self._members())

    def _members(self) -> dict[str, Any]:
        spec = self.spec
        members = dict.fromkeys(("start", "stop", "pause", "resume"), In(1))
        members |= dict.fromkeys(("tau_p", "tau_x", "tau_theta", "check_every"), In(16))
        members |= {"steps": In(32)}
        if spec.adjustable:
            members["last_sample"] = In(max(1, bits_for(self.samples)))
        members |= dict.fromkeys(("ready", "counted", "target_met", "restart"), In(1))
        members |= dict.fromkeys(("clear", "perturb", "fill", "accumulate", "update"), Out(1))
        if self.less:
            members |= {f"{name}_next": In(1) for name in JOINED}
        members |= {"init_u": Out(fixed.of(spec.bus))}
        members |= dict.fromkeys(("initialising", "preparing"), Out(1))
        members |= {"tag": Out(Tag)}
        members |= dict.fromkeys(("read", "advance", "sweep"), Out(1))
        members |= {"address": Out(max(1, bits_for(self.samples)))}
        members |= dict.fromkeys(("clear_score", "checked", "next_step"), Out(1))
        members |= {"phase": Out(Phase), "step": Out(32)}
        return members | dict.fromkeys(("busy", "done", "solved"), Out(1))

    @property
    def longest_wait(self) -> int:
        """Clocks that a phase waits at most, as far as they are counted."""
        return 0

    def elaborate(self, platform: object) -> Module:
        """Build the state machine and the counters."""
        m = Module()
        self._count = count = Signal(
            range(max(2, self.samples, self.longest_wait + 1, self.spec.parameters))
        )
        self._ending = ending = Signal()
        # A signal each, so that no block of Verilog drives constants only: no event starts it.
        self._issued = {name: Signal(name=name) for name in Tag.members}
        m.d.comb += [self.tag[name].eq(field) for name, field in self._issued.items()]
        self._answered = Signal(range(self.samples + 1))  # evaluations of a check that came back
        stopping = Signal()
        spent = Signal()  # n is the number of steps to make
        sample_due, _ = self._every(m, self.tau_x, 1, self.restart)
        update_due, update_follows = self._every(m, self.tau_theta, 0, self.restart)
        perturb_due, _ = self._every(m, self.tau_p, 1, self.restart)
        check_due, _ = self._every(m, self.check_every, 0, Const(0))
        last = Signal()
        m.d.comb += last.eq(spent | stopping)
        following = Signal.like(count)
        m.d.comb += following.eq(count + 1)

        before_last = self.steps
        if not self.less:
            before_last = Signal(32)
            m.d.sync += before_last.eq(self.steps - 1)

        self._phases = phases = Phases(m)
        go, during = phases.go, phases.during
        counting = Signal()  # where it is not, `count` is 0
        m.d.sync += count.eq(Mux(counting, following, 0))

        def until(last: ValueLike, phase: Phase) -> None:
            """Stay until so many clocks have gone by before, then go on."""
            with m.If(count == last):
                go(phase)
            with m.Else():
                m.d.comb += counting.eq(1)

        def wait(clocks: int, phase: Phase) -> None:
            """Stay for so many clocks, then go on."""
            until(clocks - 1, phase)

        with m.If(self.stop & self.busy):
            m.d.sync += stopping.eq(1)
        m.d.comb += [
            self.done.eq(self._in(Phase.DONE)),
            self.busy.eq(~self._in(Phase.IDLE, Phase.DONE)),
            self.clear.eq(self._in(Phase.IDLE, Phase.CLEAR)),  # the cells have no reset
            self.preparing.eq(self._in(Phase.INIT_SHIFT)),
            self.fill.eq(self.preparing),
            self.initialising.eq(self._in(Phase.INIT_ACCUMULATE, Phase.INIT_UPDATE)),
        ]
        self._counting(m)
        with m.If(self.next_step):
            m.d.sync += [
                self.step.eq(self.step + 1),
                spent.eq(self.step == before_last),
            ]
        all_counted = Signal()
        last_sample = self.last_sample if self.spec.adjustable else self.samples - 1
        m.d.comb += all_counted.eq(self.counted & (self._answered == last_sample))
        with m.If(self.counted):
            m.d.sync += self._answered.eq(self._answered + 1)
        with m.If(self.clear_score):
            m.d.sync += self._answered.eq(0)
        self._strobes(m, update_due, update_follows)
        with during(Phase.IDLE, Phase.DONE):
            m.d.sync += [stopping.eq(0), ending.eq(0)]
            with m.If(self.start):
                go(Phase.CLEAR)
            with m.Elif(self.resume & self.done):
                go(Phase.STEP)
        with during(Phase.CLEAR):
            m.d.sync += [self.step.eq(0), spent.eq(0), self.solved.eq(0)]
            go(Phase.INIT_SHIFT)
        self._initialise(m, wait)
        with during(Phase.CHECK):
            self._check(m, count, lambda: until(last_sample, Phase.CHECK_WAIT))
        with during(Phase.CHECK_WAIT), m.If(all_counted):
            go(Phase.DECIDE)
        with during(Phase.DECIDE):
            m.d.comb += self.checked.eq(1)
            m.d.sync += self.solved.eq(self.target_met)
            go(Phase.STEP)
            with m.If(self.target_met | ending):
                go(Phase.DONE)
        due = Due(sample_due, update_due, perturb_due, check_due | last, last)
        self._steps(m, due, wait)
        m.d.comb += self.phase.eq(phases.number())
        return m

    def _strobes(self, m: Module, due: Value, follows: Value) -> None:
        """Evaluate, accumulate and update in their phases.

        Behind a link, all that updates are made of meets in front of a register, as all cells hear
        them: the hand's orders, and τ_θ, which is no constant there.
        """
        if self.less:
            registered = self._phases.registered
            ends = self._phases.coming(Phase.UPDATE) & Mux(self.next_step, follows, due)
            updates = registered(Phase.INIT_UPDATE, others=(ends, self.update_next))
            accumulates = registered(
                Phase.ACCUMULATE, Phase.INIT_ACCUMULATE, others=(self.accumulate_next,)
            )
        else:
            in_update, initialises = self._in(Phase.UPDATE), self._in(Phase.INIT_UPDATE)
            accumulates = self._in(Phase.ACCUMULATE, Phase.INIT_ACCUMULATE)
            updates = initialises | (in_update & due)
        m.d.comb += [
            self.update.eq(updates),
            self.accumulate.eq(accumulates),
            self._issued["perturb"].eq(self._in(Phase.PERTURBED, Phase.OPPOSITE)),
            self._issued["hold"].eq(self._in(Phase.BASELINE, Phase.OPPOSITE)),
        ]

    def _counting(self, m: Module) -> None:
        """Let evaluations of a check count: a sample read enters the network a clock later."""
        checking = Signal(name="checking")
        m.d.sync += checking.eq(self.sweep)
        with m.If(checking):
            m.d.comb += self._issued["count"].eq(1)

    def _check(self, m: Module, count: Signal, go_on: Callable[[], None]) -> None:
        """Read a sample of a check in every clock."""
        m.d.comb += [self.read.eq(1), self.sweep.eq(1), self.address.eq(count)]
        go_on()

    def _evaluated(self, m: Module) -> AbstractContextManager[None]:
        """When the next evaluation may enter the plant: in the next clock."""
        return nullcontext()

    def _updated(self, m: Module) -> AbstractContextManager[None]:
        """When an update has been made: in its clock."""
        return nullcontext()

    def _in(self, *phases: Phase) -> Signal:
        """Whether it is one of the phases: a register, as every cell hears of it."""
        return self._phases.registered(*phases)

    def _steps(self, m: Module, due: Due, wait: Callable[[int, Phase], None]) -> None:
        """Build the phases of a step, UPDATE to ACCUMULATE."""
        go, during = self._phases.go, self._phases.during
        with during(Phase.UPDATE), self._updated(m):
            m.d.sync += self._ending.eq(due.last)
            go(Phase.STEP)
            with m.If(due.check):
                m.d.comb += self.clear_score.eq(1)
                go(Phase.CHECK)
        with during(Phase.STEP):
            m.d.comb += [
                self.read.eq(1),
                self.advance.eq(due.sample),
                self.perturb.eq(due.perturb),
            ]
            go(Phase.PERTURBED)
            if self.spec.antithetic:
                go(Phase.OPPOSITE)
            elif not self.spec.analog:
                with m.If(due.sample | due.update):
                    go(Phase.BASELINE)
            if self.spec.shifts > 1:
                m.d.comb += self.advance.eq(due.sample & (self._count == 0))
                with m.If(due.perturb):
                    go(Phase.STEP)
                    wait(self.spec.shifts, Phase.PERTURBED)
        with during(Phase.BASELINE), self._evaluated(m):
            go(Phase.PERTURBED)
        if self.spec.antithetic:
            with during(Phase.OPPOSITE):
                m.d.comb += self._issued["negate"].eq(1)
                with self._evaluated(m):
                    go(Phase.PERTURBED)
        with during(Phase.PERTURBED):
            if self.spec.analog:
                m.d.comb += self._issued["first"].eq(due.sample)
            with self._evaluated(m):
                go(Phase.WAIT)
        with during(Phase.WAIT), m.If(self.ready):
            go(Phase.ACCUMULATE)
        with during(Phase.ACCUMULATE):
            m.d.comb += self.next_step.eq(1)
            go(Phase.UPDATE)

    def _every(
        self, m: Module, tau: Signal, at_start: int, restart: Value
    ) -> tuple[Signal, Signal]:
        """Return whether n is a multiple of a register, and whether n + 1 will be one."""
        last = tau if self.less else tau - 1
        return due_every(
            m, last, clear=self.clear, end=self.next_step, restart=restart, at_start=at_start
        )

    def _initialise(self, m: Module, wait: Callable[[int, Phase], None]) -> None:
        """Build the phases in which θ gets its random bits."""
        go, during = self._phases.go, self._phases.during
        m.submodules.initial = initial = InitialTheta(self.spec)
        m.d.comb += Value.cast(self.init_u).eq(Value.cast(initial.init_u))
        with during(Phase.INIT_SHIFT):
            wait(self.spec.parameters, Phase.INIT_ACCUMULATE)
        with during(Phase.INIT_ACCUMULATE):
            go(Phase.INIT_UPDATE)
        with during(Phase.INIT_UPDATE), self._updated(m):
            m.d.comb += initial.end.eq(1)
            go(Phase.INIT_SHIFT)
            with m.If(initial.again):
                go(Phase.INIT_ACCUMULATE)
            with m.Elif(initial.last):
                go(self.first)
                with m.If(self.pause):
                    go(Phase.DONE)
