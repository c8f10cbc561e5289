"""The trainer: a network that trains itself, and nothing else needed."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import layouts
from hdl.number import fixed
from hdl.number.delay import delay
from hdl.number.noise import NoiseSource
from hdl.optimizer.cost import CostUnit
from hdl.optimizer.perturb import PeriodicCode, RandomCode
from hdl.optimizer.schedule.drained import Latencies, Schedule
from hdl.optimizer.schedule.overlapped import OverlappedSchedule
from hdl.optimizer.schedule.plan import TIMES, Plan
from hdl.optimizer.synapse import SynapseCell
from hdl.plant.network import Network
from hdl.plant.samples import SampleMemory
from hdl.plant.score import Score
from spec.code import Sines
from spec.config import DEFECT_FRACTION, ETA_SHIFT_BITS, Config
from spec.cost import cost_sum_width, cost_width
from spec.lfsr import Lfsr
from spec.noise import COST_NOISE, DEFECTS, UPDATE_NOISE, Gaussian
from spec.phase import Kind
from spec.probe import fields as probe_fields
from spec.probe import width as probe_width
from spec.registers import registers
from spec.timing import Timing


class Trainer(wiring.Component):
    """Multiplexed gradient descent in gateware.

    Throughput: a step takes `schedule.clocks_per_step` clocks, one less without a baseline
    evaluation; a check `spec.timing.Timing.check`.

    Parameters
    ----------
    config : Config
        Topology, formats and data are fixed by it; τ_p, τ_x, τ_θ, η, seed, steps and the rest of
        `spec.registers` are ports.
    probe : bool
        Whether to add the port `probe`.

    Members
    -------
    start : In(1)
        Start over, unless busy.
    stop : In(1)
        End at the next step, after a check.
    tau_p, tau_x, tau_theta, eta_shift, seed, steps, check_every, solved_correct, solved_cost : In
        As `spec.registers` says. The first four may change at any time and count from the next
        step on; the others must not change while busy.
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
    """

    start: Signal
    stop: Signal
    seed: Signal
    eta_shift: Signal
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

    def __init__(self, config: Config, *, probe: bool = False) -> None:
        self.config = config
        self.with_probe = probe
        self.network = Network(config)
        self.cost = CostUnit(config)
        self.score = Score(config, self.cost.latency)
        self.samples = SampleMemory(config)
        self.code = RandomCode()
        evaluation = entry_latency(config) + self.network.latency + self.cost.latency
        kind = OverlappedSchedule if config.update_delay else Schedule
        self.schedule = kind(config, Latencies(evaluation, self.cost.bus_latency))
        members = {"start": In(1), "stop": In(1)}
        members |= {register.name: In(register.width) for register in registers(config)}
        members |= dict.fromkeys(("busy", "done", "solved", "checked"), Out(1))
        members |= {"step": Out(32), "correct": Out(17), "cost_sum": Out(cost_sum_width(config))}
        if probe:
            members["probe"] = Out(probe_width(config))
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Connect the parts."""
        m = Module()
        schedule, samples, code = self.schedule, self.samples, self.code
        config, network, cost, score = self.config, self.network, self.cost, self.score
        m.submodules.schedule = schedule
        m.submodules.samples = samples
        m.submodules.code = code
        m.submodules.network = network
        m.submodules.cost = cost
        m.submodules.score = score

        for name in ("start", "stop", "check_every", "steps"):
            m.d.comb += getattr(schedule, name).eq(getattr(self, name))
        self._registers(m)
        for name in ("busy", "done", "solved", "checked", "step"):
            m.d.comb += getattr(self, name).eq(getattr(schedule, name))
        bus = Signal(layouts.bus(config), name="issued")
        entry = entry_latency(config)
        late = max(0, entry - samples.latency)
        ahead = network.broadcast
        enough = (score.correct >= self.solved_correct) & (score.cost_sum <= self.solved_cost)
        m.d.comb += [
            schedule.enough.eq(enough),
            # random sources
            code.seed.eq(self.seed),
            code.load.eq(schedule.clear),
            samples.seed.eq(self.seed),
            samples.restart.eq(schedule.clear),
            # samples
            *(
                getattr(samples, name).eq(
                    delay(m, getattr(schedule, name), getattr(schedule, name).shape(), late, name)
                )
                for name in ("read", "advance", "sweep", "address")
            ),
            # the bus
            bus.clear.eq(schedule.clear),
            bus.accumulate.eq(schedule.accumulate),
            bus.update.eq(schedule.update),
            bus.fill.eq(schedule.fill),
            bus.initialise.eq(schedule.initialising),
            network.bus.eq(delay(m, bus, bus.shape(), entry - ahead, "bus")),
            network.bus.u.eq(self._u(m)),
            network.chain.eq(delay(m, code.bit, 1, entry, "chain")),
            cost.prepare.eq(delay(m, schedule.preparing, 1, late - ahead, "preparing")),
            cost.init_u.eq(
                delay(m, schedule.init_u, schedule.init_u.shape(), late - ahead, "init_u")
            ),
            # evaluations
            network.kind.eq(delay(m, schedule.kind, Kind, entry - ahead, "kind")),
            network.sample.eq(
                delay(m, samples.sample, layouts.sample(config), entry - late, "sample")
            ),
            cost.y.eq(network.y),
            *([cost.y_perturbed.eq(network.y_perturbed)] if config.build.rails == 2 else []),
            cost.t.eq(network.sample_o.t),
            cost.kind.eq(network.kind_o),
            # checks
            score.y.eq(network.y),
            score.label.eq(network.sample_o.label),
            score.cost.eq(cost.C.as_value()[: cost_width(config)]),  # without noise, so positive
            score.kind.eq(cost.kind_o),
            score.clear.eq(schedule.clear_score),
            self.correct.eq(score.correct),
            self.cost_sum.eq(score.cost_sum),
        ]
        if config.analog:
            m.d.comb += cost.clear.eq(schedule.clear)
        self._perturb(m, bus)
        self._noise(m)
        if self.with_probe:
            m.d.comb += self.probe.eq(self._packed())
        return m

    def _registers(self, m: Module) -> None:
        """Take η and the time constants between two steps, or from the plan if there is one."""
        names = (*TIMES, "eta_shift")
        held = {name: Signal.like(getattr(self, name), name=f"{name}_held") for name in names}
        with m.If(~self.schedule.busy | self.schedule.next_step):
            m.d.sync += [held[name].eq(getattr(self, name)) for name in names]
        if self.config.training.schedule:
            m.submodules.plan = source = Plan(self.config)
            for name in names:
                m.d.comb += getattr(source, f"{name}_i").eq(held[name])
            held = {name: getattr(source, name) for name in names}
            m.d.comb += [
                source.clear.eq(self.schedule.clear),
                source.step.eq(self.schedule.step),
                source.end.eq(self.schedule.next_step),
                self.schedule.restart.eq(source.restart),
            ]
        for name in TIMES:
            m.d.comb += getattr(self.schedule, name).eq(held[name])
        if not self.config.build.accumulate:  # nothing could be kept for a later update
            m.d.comb += self.schedule.tau_theta.eq(1)
        # With overlap, η waits for the C̃ of its step; it is read as the step's sample is.
        late = 0
        if self.config.update_delay:
            late = self.schedule.clocks_per_step + self.schedule.latencies.evaluation + 1
        eta_shift = delay(m, held["eta_shift"], ETA_SHIFT_BITS, late, "eta_shift")
        m.d.comb += self.cost.eta_shift.eq(eta_shift)

    def _u(self, m: Module) -> fixed.Value:
        """What the cost unit found, later if D is larger than it need be."""
        u = self.cost.u
        for k in range(Timing.of(self.config).spare - self.network.broadcast):
            register = fixed.signal(u.shape(), f"u_{k + 1}")
            m.d.sync += register.eq(fixed.mux(self.cost.prepare, self.cost.init_u, u))
            u = register
        return u

    def _perturb(self, m: Module, bus: data.View) -> None:
        """Put the perturbation on the bus: by the delay line alone, or by a periodic code."""
        schedule, code = self.schedule, self.code
        if self.config.code is None:
            strobe = schedule.fill | schedule.perturb
            m.d.comb += [code.perturb.eq(strobe), bus.perturb.eq(strobe)]
            return
        m.d.comb += [code.perturb.eq(schedule.fill), bus.perturb.eq(schedule.perturb)]
        if isinstance(self.config.code, Sines):
            return
        m.submodules.periodic = periodic = PeriodicCode(self.config)
        m.d.comb += [
            periodic.seed.eq(self.seed),
            periodic.load.eq(schedule.clear),
            periodic.perturb.eq(schedule.perturb),
            bus.slot.eq(periodic.slot),
        ]

    def _noise(self, m: Module) -> None:
        """Feed the lines of noise and defects, and the cost unit's noise, where there are any."""
        config, network, cost = self.config, self.network, self.cost
        heard = delay(m, network.bus, network.bus.shape(), network.broadcast, "heard")
        updates = heard.update & ~heard.initialise
        late = SynapseCell.correlation_latency if config.update_delay else 0
        updates = delay(m, updates, 1, late, "updates")
        fill, f_bits = heard.fill, config.theta.fraction_bits
        self._feed(m, "noise", config.update_noise, UPDATE_NOISE, f_bits, network, fill | updates)
        self._feed(m, "defects", config.defects, DEFECTS, DEFECT_FRACTION, network, fill)
        if config.cost_noise:
            f_bits = config.formats.cost_bits
            self._feed(m, "noise", config.cost_noise, COST_NOISE, f_bits, cost, fill | cost.draw)

    def _feed(
        self, m: Module, name: str, gaussian: Gaussian | None, lfsr: Lfsr, f_bits: int,
        user: Network | CostUnit, advance: Value,
    ) -> None:  # fmt: skip
        """Connect a source, which goes on while the initial θ is made and where it is used."""
        if gaussian is None:
            return
        source = NoiseSource(gaussian, lfsr, f_bits)
        m.submodules[f"{name}_of_{type(user).__name__.lower()}"] = source
        m.d.comb += [
            source.seed.eq(self.seed),
            source.load.eq(self.schedule.clear),
            source.advance.eq(advance),
            getattr(user, f"{name}_i").eq(source.sample),
        ]

    def _packed(self) -> Cat:
        """Every state, in the order of `spec.probe.fields`."""
        cells = [self.network.cells[k] for k in range(self.config.parameters)]
        values = {
            "phase": self.schedule.phase,
            "step": self.schedule.step,
            "sample": self.samples.index,
            "C": self.cost.C.as_value(),
            "C0": self.cost.C0.as_value(),
            "C_tilde": self.cost.C_tilde.as_value(),
            "u": self.cost.u.as_value(),
            "correct": self.score.correct,
            "cost_sum": self.score.cost_sum,
            "solved": self.schedule.solved,
            "theta": Cat(cell.theta.as_value() for cell in cells),
            "G": Cat(cell.G.as_value() for cell in cells),
            "perturbation": Cat(cell.perturbation for cell in cells),
        }
        return Cat(values[field.name] for field in probe_fields(self.config))


def entry_latency(config: Config) -> int:
    """Clocks from the schedule to the network: with overlap two registers, for speed.

    For samples, the first is in front of their memory.
    """
    return 2 if config.update_delay else 0
