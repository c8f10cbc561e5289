"""The trainer with a folded engine: the same loop, with parameters in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl.folded.engine import Engine
from hdl.folded.samples import COUNTER_BITS, FoldedSamples
from hdl.folded.schedule import FoldedSchedule
from hdl.number import fixed
from hdl.number.delay import delay
from hdl.number.lfsr import LfsrRegister
from hdl.optimizer.bus import Tag
from hdl.optimizer.change import ChangeInCost
from hdl.optimizer.schedule.plan import REGISTERS, held_registers
from hdl.plant.cost import cost_of
from hdl.plant.cost.serial import SerialCrossEntropy
from hdl.plant.score import Score
from spec import derive
from spec.config import Config
from spec.lfsr import FRESH, PERTURBATION
from spec.phase import Phase
from spec.plant import CrossEntropySpec
from spec.probe import fields as probe_fields
from spec.probe import width as probe_width
from spec.registers import registers


class FoldedTrainer(wiring.Component):
    """Multiplexed gradient descent, a pass of a folded engine for each evaluation of a sample.

    Ports are those of `hdl.trainer.Trainer`, but for those below. Throughput: `spec.timing.Timing`
    has the clocks of a step and of a check.

    Parameters
    ----------
    config : Config
    probe : bool
        Whether to add the ports `probe` and `settles`: whether the probe shows words as they are
        written back in the first pass of a check.
    control : bool
        Whether to add what a link needs, as `Trainer` does; and with it a ring of samples, if there
        is not room for all of them (`derive.ring`).

    Members
    -------
    hand : In(struct)
        While not busy: `evaluate` is a strobe, upon which `sample` is evaluated, unperturbed.
    request, came, word
        As those of `Engine`.
    put : In(1)
        Strobe: a sample has been written; with a ring only, as all below.
    full : Out(1)
        Whether there is no place for one more.
    supplied, used, waited : Out
        Samples that were put, and taken; clocks in which there was none to take; since `opens`.
    opens : Out(1)
        Strobe: a run begins, or goes on, and what was written counts no more.
    """

    start: Signal
    stop: Signal
    seed: Signal
    solved_correct: Signal
    solved_cost: Signal
    busy: Signal
    done: Signal
    solved: Signal
    checked: Signal
    step: Signal
    correct: Signal
    cost_sum: Signal
    probe: Signal
    settles: Signal
    samples_in_use: Signal
    pause: Signal
    resume: Signal
    hand: Any
    request: Any
    came: Signal
    word: fixed.Value
    write: Any
    y: data.View
    answered: Signal
    C: fixed.Value
    C0: fixed.Value
    tag_of_C: Any
    phase: Signal
    saturated: Signal
    put: Signal
    full: Signal
    supplied: Signal
    used: Signal
    waited: Signal
    opens: Signal

    def __init__(self, config: Config, *, probe: bool = False, control: bool = False) -> None:
        self.config, self.with_probe, self.with_control = config, probe, control
        held = derive.folded_samples(config)
        held = replace(held, writable=control, ring=held.ring if control else 0)
        self.ring = bool(held.ring)
        self.engine = Engine(derive.folded(config), round=config.build.serial_cost)
        self.schedule = FoldedSchedule(derive.schedule(config), int(control), ring=self.ring)
        self.change = ChangeInCost(derive.change(config))
        self.samples = FoldedSamples(held)
        self.score = Score(derive.score(config))
        members = {"start": In(1), "stop": In(1)}
        members |= {register.name: In(register.width) for register in registers(config)}
        members |= dict.fromkeys(("busy", "done", "solved", "checked"), Out(1))
        members |= {"step": Out(32), "correct": Out(17)}
        members |= {"cost_sum": Out(derive.score(config).sum_width)}
        if probe:
            members |= {"probe": Out(probe_width(config)), "settles": Out(1)}
        if control:
            members |= self._control_members()
        super().__init__(members)

    def _control_members(self) -> dict[str, Any]:
        engine, change, samples = self.engine, self.change, self.samples
        members: dict[str, Any] = dict.fromkeys(("pause", "resume"), In(1))
        number = len(self.schedule.sample)
        members["hand"] = In(data.StructLayout({"evaluate": 1, "sample": number}))
        members |= {"request": In(engine.request.shape()), "write": In(samples.write.shape())}
        members |= {name: Out(getattr(engine, name).shape()) for name in ("came", "word")}
        members |= {"y": Out(engine.y.shape().elem_shape), "answered": Out(1)}
        members |= {name: Out(getattr(change, name).shape()) for name in ("C", "C0")}
        members |= {"tag_of_C": Out(Tag), "phase": Out(Phase), "saturated": Out(1)}
        if self.ring:
            members |= {"put": In(1)} | dict.fromkeys(("full", "opens"), Out(1))
            members |= {name: Out(COUNTER_BITS) for name in ("supplied", "used")}
            members |= {"waited": Out(32)}
        return members

    def _control(self, m: Any) -> None:
        """Connect what a link needs."""
        engine, change, schedule = self.engine, self.change, self.schedule
        m.d.comb += [
            schedule.pause.eq(self.pause),
            schedule.resume.eq(self.resume),
            schedule.evaluate.eq(self.hand.evaluate),
            schedule.sample.eq(self.hand.sample),
            engine.request.eq(self.request),
            self.came.eq(engine.came),
            self.word.eq(engine.word),
            self.samples.write.eq(self.write),
            self.y.eq(engine.y[0]),
            self.answered.eq(self._answered(m)),
            self.C.eq(change.C),
            self.C0.eq(change.C0),
            self.tag_of_C.eq(change.tag),
            self.phase.eq(schedule.phase),
            self.saturated.eq(change.saturated),
        ]
        if not self.ring:
            return
        samples = self.samples
        m.d.comb += [
            samples.opens.eq(schedule.opens),
            samples.put.eq(self.put & self.busy),
            schedule.there.eq(samples.there),
            self.opens.eq(schedule.opens),
            *(getattr(self, n).eq(getattr(samples, n)) for n in ("full", "supplied", "used")),
        ]
        with m.If(schedule.opens):
            m.d.sync += self.waited.eq(0)
        with m.Elif(schedule.waits):
            m.d.sync += self.waited.eq(self.waited + 1)

    def elaborate(self, platform: object) -> Module:
        """Connect engine, cost, schedule and samples."""
        m: Any = Module()
        m.submodules.engine = engine = self.engine
        m.submodules.schedule = schedule = self.schedule
        m.submodules.change = change = self.change
        m.submodules.samples = samples = self.samples
        m.submodules.score = score = self.score
        m.submodules.lfsr = lfsr = LfsrRegister(PERTURBATION)
        for name in ("start", "stop", "check_every", "steps"):
            m.d.comb += getattr(schedule, name).eq(getattr(self, name))
        for name in ("busy", "done", "solved", "checked", "step"):
            m.d.comb += getattr(self, name).eq(getattr(schedule, name))
        less = int(self.with_control)
        held = {  # through registers, as a step's end needs them, many clocks later
            name: delay(m, value, REGISTERS[name], 1, f"{name}_of_step")
            for name, value in held_registers(
                m, self, schedule, derive.stages(self.config), less=less, long=True
            ).items()
        }
        entering = Signal()  # what the line takes in this step
        with m.If(schedule.perturbs):
            m.d.sync += entering.eq(lfsr.state[-1])
        m.d.comb += [
            schedule.tau_p.eq(held["tau_p"]),
            schedule.tau_x.eq(held["tau_x"]),
            schedule.target_met.eq(score.target_met),
            schedule.filled.eq(engine.filled),
            schedule.ready.eq(change.ready),
            change.eta_shift.eq(held["eta_shift"]),
            change.clear.eq(schedule.clear),
            lfsr.seed.eq(self.seed),
            lfsr.load.eq(schedule.clear),
            lfsr.shift.eq(schedule.perturbs | engine.shift),
            engine.random.eq(lfsr.state[-1]),
            engine.entering.eq(entering),
            engine.clear.eq(schedule.clear),
            engine.start.eq(schedule.begin),
            engine.fill.eq(schedule.fill),
            *(
                getattr(engine, name).eq(getattr(schedule, name))
                for name in ("bit_of_theta", "update", "perturb", "draw")
            ),
            engine.u.eq(change.u),
            samples.seed.eq(self.seed),
            samples.restart.eq(schedule.clear),
            samples.advance.eq(schedule.advance),
            samples.sweep.eq(schedule.sweep),
            samples.address.eq(schedule.address),
            samples.first.eq(engine.first_input),
            samples.next.eq(engine.next_input),
            engine.sample.eq(samples.x),
        ]
        if engine.spec.fresh:
            m.submodules.fresh = fresh = LfsrRegister(FRESH, *engine.spec.leaps)
            m.d.comb += [
                fresh.seed.eq(self.seed),
                fresh.load.eq(schedule.clear),
                fresh.shift.eq(engine.draws),
                engine.drawn.eq(Cat(fresh.state[-1 - k] for k in range(len(engine.drawn)))),
            ]
        if samples.spec.adjustable:
            last = Signal(len(samples.last), name="last_sample")
            m.d.comb += [
                last.eq(self.samples_in_use - (1 - less)),
                samples.last.eq(last),
                schedule.last_sample.eq(last),
            ]
        self._evaluate(m)
        if self.with_control:
            self._control(m)
        if self.with_probe:
            m.d.comb += [
                self.probe.eq(self._packed()),
                self.settles.eq(schedule.settles & engine.writes.written.any()),
            ]
        return m

    def _evaluate(self, m: Any) -> None:
        """Make costs of outputs, and a score of a check."""
        engine, change, score, schedule = self.engine, self.change, self.score, self.schedule
        tag: Any = Signal(Tag, name="tag_of_y")
        m.d.sync += [
            tag.perturb.eq(engine.done & schedule.perturb),
            tag.count.eq(engine.done & ~schedule.perturb),
        ]
        costs = self._one_by_one if self.config.build.serial_cost else self._all_at_once
        costs(m, tag)
        m.d.comb += [
            score.label.eq(self.samples.label),
            score.cost.eq(change.C.as_value()),
            score.count.eq(change.tag.count),
            score.clear.eq(schedule.clear_score),
            score.solved_correct.eq(self.solved_correct),
            score.solved_cost.eq(self.solved_cost),
            schedule.counted.eq(change.tag.count),
            self.correct.eq(score.correct),
            self.cost_sum.eq(score.cost_sum),
        ]

    def _answered(self, m: Any) -> Value:
        """Return when outputs can be read: when they are there, and do not go round."""
        if self.config.build.serial_cost:
            return self.change.tag_i.perturb | self.change.tag_i.count
        return delay(m, self.engine.done, 1, 1, "answered")

    def _all_at_once(self, m: Any, tag: Any) -> None:
        """Make a cost of each evaluation."""
        engine, change, spec = self.engine, self.change, derive.cost(self.config)
        for rail in range(2):
            m.submodules[f"cost_{rail}"] = cost = cost_of(spec)
            m.d.comb += [
                cost.y.eq(engine.y[rail]),
                cost.t.eq(self.samples.t),
                change.costs[rail].eq(cost.cost),
            ]
        m.d.comb += [
            change.tag_i.eq(delay(m, tag, Tag, spec.latency, "tag")),
            self.score.y.eq(engine.y[0]),
        ]

    def _one_by_one(self, m: Any, tag: Any) -> None:
        """Make both costs while outputs go round."""
        engine, change, spec = self.engine, self.change, derive.cost(self.config)
        assert isinstance(spec, CrossEntropySpec)
        m.submodules.cost = cost = SerialCrossEntropy(spec)
        perturb = Signal(name="of_perturbed")
        with m.If(tag.perturb | tag.count):
            m.d.sync += perturb.eq(tag.perturb)
        m.d.comb += [
            cost.start.eq(tag.perturb | tag.count),
            *(cost.y[rail].eq(engine.y[rail][0]) for rail in range(2)),
            engine.turns.eq(cost.turns),
            cost.label.eq(self.samples.label),
            *(change.costs[rail].eq(cost.costs[rail]) for rail in range(2)),
            change.tag_i.perturb.eq(cost.done & perturb),
            change.tag_i.count.eq(cost.done & ~perturb),
            self.score.largest.eq(cost.largest),
        ]

    def _packed(self) -> Cat:
        """What the lockstep compares, in the order of `spec.probe.fields`."""
        schedule, change, writes = self.schedule, self.change, self.engine.writes
        values = {
            "phase": schedule.phase,
            "step": schedule.step,
            "sample": self.samples.index,
            "C": change.C.as_value(),
            "C0": change.C0.as_value(),
            "C_tilde": change.C_tilde.as_value(),
            "u": change.u.as_value(),
            "correct": self.score.correct,
            "cost_sum": self.score.cost_sum,
            "solved": schedule.solved,
            "written": writes.written,
            "address": writes.address,
            "theta": writes.theta.as_value(),
            "perturbation": writes.bits,
        }
        return Cat(values[field.name] for field in probe_fields(self.config))
