"""The trainer: a network that trains itself, and nothing else needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import control as link
from hdl.number import fixed
from hdl.number.delay import delay
from hdl.number.noise import NoiseSource
from hdl.optimizer.optimizer import REGISTERS, SAMPLES, Optimizer
from hdl.plant.cost import cost_of
from hdl.plant.network import Network
from hdl.plant.samples import SampleMemory
from hdl.plant.score import Score
from spec import derive
from spec.config import Config
from spec.noise import DEFECTS
from spec.plant import DEFECT_FRACTION
from spec.probe import fields as probe_fields
from spec.probe import width as probe_width
from spec.registers import registers


class Trainer(wiring.Component):
    """Multiplexed gradient descent in gateware: optimizer | plant.

    Throughput: `spec.timing.Timing` has the clocks of a step and of a check.

    Parameters
    ----------
    config : Config
        Topology, formats and data are fixed by it; τ_p, τ_x, τ_θ, η, seed, steps and the rest of
        `spec.registers` are ports.
    probe : bool
        Whether to add the port `probe`.
    control : bool
        Whether to add what a link needs: the ports below `probe`. Registers are then those of an
        `Optimizer` that are `held`.

    Members
    -------
    start : In(1)
        Start over, unless busy.
    stop : In(1)
        End at the next step, after a check.
    tau_p, tau_x, tau_theta, eta_shift, seed, steps, check_every, solved_correct, solved_cost : In
        As `spec.registers` says. The first four may change at any time and count from the next
        step on; the others must not change while busy.
    samples_in_use : In
        Only with `build.samples`.
    busy, done, solved : Out(1)
        Running; ended; whether the last check found the task solved.
    checked : Out(1)
        Strobe: a check has ended, `correct` and `cost_sum` are its score.
    step : Out(32)
        n, the step now made.
    correct, cost_sum : Out
        The last check's score.
    probe : Out
        Every state, packed as `spec.probe.fields` says.
    pause, resume, hand, line : In
        As those of `Optimizer`.
    write : In
        As that of `SampleMemory`.
    cells : array of Out(struct)
        θ, G and perturbation of all parameters, in documented order.
    y, answered : Out(array of outputs), Out(1)
        Outputs; whether those of an evaluation are there now.
    C, C0, tag_of_C, phase : Out
        As those of `Optimizer`.
    sample : Out(sample)
        That which was read last.
    saturated : Out(1)
        Strobe: u is as large as it can be.
    """

    start: Signal
    stop: Signal
    seed: Signal
    solved_correct: Signal
    solved_cost: Signal
    samples_in_use: Signal
    busy: Signal
    done: Signal
    solved: Signal
    checked: Signal
    step: Signal
    correct: Signal
    cost_sum: Signal
    probe: Signal
    pause: Signal
    resume: Signal
    hand: Any
    line: data.View
    write: Any
    cells: Sequence[data.View]
    y: data.View
    answered: Signal
    C: fixed.Value
    C0: fixed.Value
    tag_of_C: Any
    phase: Signal
    sample: data.View
    saturated: Signal

    def __init__(self, config: Config, *, probe: bool = False, control: bool = False) -> None:
        self.config = config
        self.with_probe = probe
        self.optimizer = Optimizer(derive.optimizer(config), held=control)
        rails = range(config.build.rails)
        self.networks = [Network(derive.network(config)) for _ in rails]
        self.costs = [cost_of(derive.cost(config)) for _ in rails]
        self.samples = SampleMemory(replace(derive.samples(config), writable=control))
        self.score = Score(derive.score(config))
        members = {"start": In(1), "stop": In(1)}
        members |= {register.name: In(register.width) for register in registers(config)}
        members |= dict.fromkeys(("busy", "done", "solved", "checked"), Out(1))
        members |= {"step": Out(32), "correct": Out(17)}
        members |= {"cost_sum": Out(derive.score(config).sum_width)}
        if probe:
            members["probe"] = Out(probe_width(config))
        self.with_control = control
        if control:
            members |= self._control_members()
        super().__init__(members)

    def _control_members(self) -> dict[str, Any]:
        return {
            **link.members(self.optimizer),
            "write": In(self.samples.write.shape()),
            "y": Out(self.networks[-1].y.shape()),
            "sample": Out(self.samples.sample.shape()),
            "answered": Out(1),
        }

    def _control(self, m: Module) -> None:
        """Connect what a link needs."""
        last = self.networks[-1]
        link.connect(m, self)
        m.d.comb += [
            self.samples.write.eq(self.write),
            self.y.eq(last.y),
            self.answered.eq(last.tag_o.valid),
            self.sample.eq(self.samples.sample),
        ]
        link.connect_cells(m, self)

    def elaborate(self, platform: object) -> Module:
        """Connect optimizer and plant."""
        m = Module()
        m.submodules.optimizer = optimizer = self.optimizer
        m.submodules.samples = samples = self.samples
        m.submodules.score = score = self.score
        for name in ("start", "stop", *REGISTERS):
            m.d.comb += getattr(optimizer, name).eq(getattr(self, name))
        for name in ("busy", "done", "solved", "checked", "step"):
            m.d.comb += getattr(self, name).eq(getattr(optimizer, name))
        for name in SAMPLES:
            m.d.comb += getattr(samples, name).eq(getattr(optimizer, name))
        waits = optimizer.sample_delay
        sample = delay(m, samples.sample, samples.sample.shape(), waits, "sample")
        t, label = self._beside_y(m, sample)
        m.d.comb += [
            samples.seed.eq(self.seed),
            samples.restart.eq(optimizer.restart),
            optimizer.target_met.eq(score.target_met),
            score.label.eq(label),
            score.cost.eq(optimizer.C.as_value()[: len(score.cost)]),  # no noise, so positive
            score.count.eq(optimizer.tag_of_C.count),
            score.clear.eq(optimizer.clear_score),
            score.solved_correct.eq(self.solved_correct),
            score.solved_cost.eq(self.solved_cost),
            self.correct.eq(score.correct),
            self.cost_sum.eq(score.cost_sum),
        ]
        for rail, (network, cost) in enumerate(zip(self.networks, self.costs, strict=True)):
            m.submodules[f"network_{rail}"] = network
            m.submodules[f"cost_{rail}"] = cost
            m.d.comb += [
                network.tag.eq(optimizer.tag),
                network.x.eq(sample.x),
                Value.cast(network.weights).eq(
                    Cat(optimizer.weights[name][rail] for name in network.weights.shape().members)
                ),
                cost.y.eq(network.y),
                cost.t.eq(t),
                optimizer.costs[rail].eq(cost.cost),
            ]
        if samples.spec.adjustable:
            number = Signal.like(samples.last, name="last_sample")
            m.d.comb += [
                number.eq(self.samples_in_use - (0 if self.with_control else 1)),
                samples.last.eq(number),
                optimizer.last_sample.eq(number),
            ]
        last, cost = self.networks[-1], self.costs[-1]
        m.d.comb += [
            score.y.eq(last.y),
            optimizer.tag_i.eq(delay(m, last.tag_o, last.tag_o.shape(), cost.latency, "tag")),
        ]
        if self.config.training.node:
            m.d.comb += optimizer.inputs.eq(last.inputs)
        self._defects(m)
        if self.with_control:
            self._control(m)
        if self.with_probe:
            m.d.comb += self.probe.eq(self._packed())
        return m

    def _beside_y(self, m: Module, sample: data.View) -> tuple[data.View, Signal]:
        """Let targets and label travel as long as an evaluation."""
        clocks = self.networks[0].latency
        t = delay(m, sample.t, sample.t.shape(), clocks, "t")
        return t, delay(m, sample.label, len(sample.label), clocks, "label")

    def _defects(self, m: Module) -> None:
        """Draw the neurons' defects while the initial θ is made, if they have any."""
        deviation = derive.defects(self.config)
        if not deviation:
            return
        m.submodules.defects = source = NoiseSource(deviation, DEFECTS, DEFECT_FRACTION)
        m.d.comb += [
            source.seed.eq(self.seed),
            source.load.eq(self.optimizer.restart),
            source.advance.eq(self.optimizer.fill),
        ]
        for network in self.networks:
            m.d.comb += [
                network.fill.eq(self.optimizer.fill),
                network.defects.eq(source.sample),
            ]

    def _packed(self) -> Cat:
        """Every state, in the order of `spec.probe.fields`."""
        optimizer, cells = self.optimizer, self.optimizer.cells
        values = {
            "phase": optimizer.phase,
            "step": optimizer.step,
            "sample": self.samples.index,
            "C": optimizer.C.as_value(),
            "C0": optimizer.C0.as_value(),
            "C_tilde": optimizer.C_tilde.as_value(),
            "u": optimizer.u.as_value(),
            "correct": self.score.correct,
            "cost_sum": self.score.cost_sum,
            "solved": optimizer.solved,
            "theta": Cat(cell.theta.as_value() for cell in cells),
            "G": Cat(cell.G.as_value() for cell in cells),
            "perturbation": Cat(cell.perturbation for cell in cells),
        }
        return Cat(values[field.name] for field in probe_fields(self.config))
