"""The optimizer: all of multiplexed gradient descent but the network, which it does not know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl.number import fixed
from hdl.number.delay import delay
from hdl.number.noise import NoiseSource
from hdl.optimizer.bank import Bank, inputs_layout, weights_layout
from hdl.optimizer.bus import Tag, layout
from hdl.optimizer.change import ChangeInCost
from hdl.optimizer.hand import merge, orders_layout
from hdl.optimizer.memory.bank import MemoryBank
from hdl.optimizer.schedule import schedule_of
from hdl.optimizer.schedule.patient import PatientSchedule
from hdl.optimizer.schedule.plan import REGISTERS, TIMES, held_registers
from hdl.optimizer.schedule.sweeping import SweepingSchedule
from hdl.optimizer.state import state_layout
from spec.noise import COST_NOISE, UPDATE_NOISE
from spec.optimizer import ETA_SHIFT_BITS, BankSpec, MemoryBankSpec, OptimizerSpec
from spec.phase import Phase

SAMPLES = ("read", "advance", "sweep", "address")
"""What a sample memory hears of the schedule."""

OF_MEMORY = ("words", "request", "came", "word", "writes", "swept")
"""Members of a bank whose cells are words of memory, which nobody else drives or hears."""


def bank_of(spec: BankSpec) -> Bank | MemoryBank:
    """Return the bank that a spec asks for."""
    return MemoryBank(spec) if isinstance(spec, MemoryBankSpec) else Bank(spec)


class Optimizer(wiring.Component):
    """Cells, schedule, and what makes u of a cost.

    To the plant go weights and the tag of an evaluation; back come its cost and the tag, any number
    of clocks later (at D = 0; an overlapped schedule counts `spec.schedule.evaluation`).

    Parameters
    ----------
    spec : OptimizerSpec
    held : bool
        Whether registers are taken as they are, at any time, and are those of a `Schedule` that are
        `less` by 1.

    Members
    -------
    start, stop, pause, resume : In(1)
        As those of `Schedule`.
    tau_p, tau_x, tau_theta, eta_shift, seed, steps, check_every : In
        As `spec.registers` says. The first four are read between two steps.
    target_met : In(1)
        Whether the score of the check counts as solved.
    last_sample : In
        As that of `Schedule`.
    given_up : In(1)
        As that of `PatientSchedule`; for a plant that makes one evaluation at a time only.
    busy, done, solved, checked, phase, step
        As those of `Schedule`.
    tag : Out(Tag)
        The evaluation that enters the plant in this clock.
    weights : Out
        As those of `Bank`: `Bank.latency` clocks after the tag, and the group's offset.
    inputs : In
        As those of `Bank`; for node perturbation only.
    costs, tag_i : In
        As those of `ChangeInCost`.
    read, advance, sweep, address : Out
        For a sample memory, whose sample must enter the plant `sample_delay` clocks later.
    hand, line : In
        Orders in place of the schedule's, while not busy (`hand.orders_layout`), and what `fill`
        then moves into the first cell; left open, there are none.
    restart, fill, clear_score : Out(1)
        Strobes: start over from the seed; the initial θ takes random bits; a check begins.
    C, tag_of_C : Out
        The cost that came last, and its tag.
    saturated : Out(1)
        As that of `ChangeInCost`.
    C0, C_tilde, u, cells : Out
        For the probe only.
    words, request, came, word, writes
        As those of `MemoryBank`, if cells are words of memory; then there are no `weights`, no
        `inputs` and no `cells`.
    swept : Out(1)
        Strobe: words have been visited, as an update ordered by hand, too, has them.
    """

    phase: Signal
    step: Signal
    busy: Signal
    done: Signal
    solved: Signal
    checked: Signal
    target_met: Signal
    last_sample: Signal
    given_up: Signal
    seed: Signal
    tag: Any
    tag_i: Any
    weights: data.View
    inputs: data.View
    costs: data.View
    restart: Signal
    clear_score: Signal
    fill: Signal
    C: fixed.Value
    C0: fixed.Value
    C_tilde: fixed.Value
    u: fixed.Value
    tag_of_C: Any
    hand: Any
    line: data.View
    saturated: Signal
    cells: Sequence[data.View]
    words: Any
    request: Any
    came: Signal
    word: Signal
    writes: Any
    swept: Signal

    def __init__(self, spec: OptimizerSpec, *, held: bool = False) -> None:
        self.spec = spec
        self.held = held
        self.bank = bank_of(spec.bank)
        self.change = ChangeInCost(spec.change)
        self.schedule = schedule_of(spec.schedule, less=int(held))
        self.source = self.bank.perturbation.source()
        names = ("start", "stop", "pause", "resume", "target_met")
        members: dict[str, Any] = dict.fromkeys(names, In(1))
        members |= {name: In(width) for name, width in REGISTERS.items()}
        members |= dict.fromkeys(("busy", "done", "solved", "checked"), Out(1))
        if spec.schedule.patient:
            members["given_up"] = In(1)
        if spec.schedule.adjustable:
            members["last_sample"] = In(self.schedule.last_sample.shape())
        members |= {"phase": Out(Phase), "step": Out(32), "tag": Out(Tag), "tag_i": In(Tag)}
        members["costs"] = In(self.change.costs.shape())
        members |= {name: Out(getattr(self.schedule, name).shape()) for name in SAMPLES}
        members |= dict.fromkeys(("restart", "fill", "clear_score", "saturated"), Out(1))
        members |= {
            name: Out(getattr(self.change, name).shape()) for name in ("C", "C0", "C_tilde", "u")
        }
        members["tag_of_C"] = Out(Tag)
        members["hand"] = In(orders_layout(spec.schedule))
        members["line"] = In(self.source.line.shape())
        if isinstance(self.bank, MemoryBank):
            members |= {name: self.bank.signature.members[name] for name in OF_MEMORY}
        else:
            members["weights"] = Out(weights_layout(spec.bank))
            members["cells"] = Out(state_layout(spec.bank.cell)).array(spec.bank.parameters)
        if spec.bank.node:
            members["inputs"] = In(inputs_layout(spec.bank))
        super().__init__(members)

    @property
    def sample_delay(self) -> int:
        """Clocks that a sample has to wait behind its memory."""
        return max(0, self.spec.schedule.entry - 1)

    def elaborate(self, platform: object) -> Module:
        """Connect the parts."""
        m: Any = Module()
        m.submodules.schedule = schedule = self.schedule
        m.submodules.source = self.source
        m.submodules.bank = bank = self.bank
        m.submodules.change = change = self.change
        entry, copies = self.spec.schedule.entry, self.spec.bank.copies
        waits = max(0, entry - 1)  # in front of the sample memory, and of u
        self._orders = orders = merge(m, self.spec.schedule, schedule, self.hand)

        def after(clocks: int, name: str) -> Any:
            """Return what is ordered some clocks later."""
            value = schedule.advance if name == "advance" else orders[name]
            return delay(m, value, value.shape(), clocks, name)

        for name in ("start", "stop", "pause", "resume", "target_met", "check_every", "steps"):
            m.d.comb += getattr(schedule, name).eq(getattr(self, name))
        for name in ("busy", "done", "solved", "checked", "phase", "step", "clear_score"):
            m.d.comb += getattr(self, name).eq(getattr(schedule, name))
        for name in SAMPLES:
            m.d.comb += getattr(self, name).eq(after(waits, name))
        m.d.comb += [
            self.restart.eq(schedule.clear),
            self.tag.eq(after(entry, "tag")),
            *(getattr(self, name).eq(getattr(change, name)) for name in ("C", "C0", "C_tilde")),
            self.u.eq(change.u),
            self.tag_of_C.eq(change.tag),
            self.saturated.eq(change.saturated),
            # from the plant
            change.costs.eq(self.costs),
            change.tag_i.eq(self.tag_i),
            change.clear.eq(schedule.clear),
            change.prepare.eq(after(waits - copies if waits else 0, "preparing")),
            change.init_u.eq(after(waits - copies if waits else 0, "init_u")),
            schedule.ready.eq(change.ready),
            schedule.counted.eq(change.tag.count),
        ]
        if isinstance(bank, Bank):
            if self.spec.bank.near:
                m.d.comb += [bank.u_next.eq(change.u_next), bank.moves.eq(change.moves)]
            m.d.comb += self.weights.eq(bank.weights)
            m.d.comb += [mine.eq(its) for mine, its in zip(self.cells, bank.cells, strict=True)]
            if self.spec.bank.node:
                m.d.comb += bank.inputs.eq(self.inputs)
        else:
            self._connect_memory(m, bank)
        if isinstance(schedule, PatientSchedule):
            m.d.comb += [
                schedule.answered.eq(self.tag_i.valid),
                schedule.given_up.eq(self.given_up),
            ]
        if self.spec.schedule.adjustable:
            m.d.comb += schedule.last_sample.eq(self.last_sample)
        self._registers(m)
        self._bus(m, entry - copies)
        m.d.comb += bank.tag.eq(after(entry - copies, "tag"))
        self._noise(m)
        return m

    def _connect_memory(self, m: Any, bank: MemoryBank) -> None:
        """Connect what only a bank has whose cells are words of memory."""
        schedule = self.schedule
        assert isinstance(schedule, SweepingSchedule)
        wiring.connect(m, wiring.flipped(self.words), bank.words)
        over = Signal(name="swept_by_hand")  # the hand's order is a clock late to end
        m.d.sync += over.eq(bank.swept)
        ordered = delay(m, self.hand.update, 1, int(self.held), "ordered")  # as it is on the bus
        m.d.comb += [
            bank.visits.eq(schedule.visits | (ordered & ~over)),
            schedule.swept.eq(bank.swept),
            bank.request.eq(self.request),
            *(getattr(self, n).eq(getattr(bank, n)) for n in ("came", "word", "writes", "swept")),
        ]

    def _bus(self, m: Any, waits: int) -> None:
        """Drive bus and line."""
        schedule, source, bank, orders = self.schedule, self.source, self.bank, self._orders
        perturbation = bank.perturbation
        line: Any = Signal(source.line.shape(), name="line_in")
        entry = self.spec.schedule.entry
        first = min(1, entry)  # of the registers on the way, one is before the source

        def late(value: Any, name: str) -> Any:
            return delay(m, value, value.shape(), first, name)

        shifts = perturbation.shifts(schedule.fill, schedule.perturb)
        by_hand, line_by_hand = late(self.hand.fill, "by_hand"), late(self.line, "line_by_hand")
        issued: Any = Signal(layout(self.spec.bank.cell.bus, perturbation.broadcast), name="issued")
        m.d.comb += [
            source.seed.eq(self.seed),
            source.load.eq(late(schedule.clear, "load")),
            source.shift.eq(late(shifts, "shifts")),
            source.perturb.eq(late(schedule.perturb, "perturbs")),
            issued.clear.eq(schedule.clear),
            issued.perturb.eq(perturbation.strobe(orders.fill, schedule.perturb)),
            issued.accumulate.eq(orders.accumulate),
            issued.update.eq(orders.update),
            issued.fill.eq(orders.fill),
            issued.initialise.eq(orders.initialising),
            *(issued[name].eq(source.broadcast[name]) for name in perturbation.broadcast),
            bank.bus.eq(delay(m, issued, issued.shape(), waits, "bus")),
            bank.bus.u.eq(self._u(m)),
            line.eq(Mux(by_hand, line_by_hand.as_value(), source.line.as_value())),
            bank.line.eq(delay(m, line, line.shape(), entry - first, "line")),
            self.fill.eq(schedule.fill),
        ]  # fmt: skip

    def _u(self, m: Any) -> fixed.Value:
        """What the change in cost made, later if D is larger than it need be."""
        change, u = self.change, self.change.u
        for k in range(self.spec.spare - self.spec.bank.copies):
            register = fixed.signal(u.shape(), f"u_{k + 1}")
            m.d.sync += register.eq(fixed.mux(change.prepare, change.init_u, u))
            u = register
        return u

    def _registers(self, m: Any) -> None:
        """Take η and the time constants between two steps, or from the plan if there is one."""
        schedule = self.schedule
        held = held_registers(m, self, schedule, self.spec.stages, less=int(self.held))
        for name in TIMES:
            m.d.comb += getattr(schedule, name).eq(held[name])
        if not self.spec.bank.cell.accumulate:  # nothing could be kept for a later update
            m.d.comb += schedule.tau_theta.eq(1 - schedule.less)
        # With overlap, η waits for the C̃ of its step; it is read as the step's sample is.
        waits = 0
        if self.spec.schedule.update_delay:
            waits = self.spec.schedule.interval + self.spec.schedule.evaluation + 1
        eta_shift = delay(m, held["eta_shift"], ETA_SHIFT_BITS, waits, "eta_shift")
        m.d.comb += self.change.eta_shift.eq(eta_shift)

    def _noise(self, m: Any) -> None:
        """Feed the line of noise of the cells, and that of the cost, where there are any."""
        spec, bank, change = self.spec, self.bank, self.change
        bus = delay(m, bank.bus, bank.bus.shape(), spec.bank.copies, "heard")
        fill = Signal(name="noise_filled")
        m.d.comb += fill.eq(bus.fill & ~bus.initialise)
        update = bus.update & ~bus.initialise
        if isinstance(bank, MemoryBank):
            update &= bank.swept
        updates = delay(m, update, 1, spec.bank.correlation_latency, "updates")
        if spec.bank.cell.noise:
            f_bits = spec.bank.cell.theta.fraction_bits
            source = NoiseSource(spec.bank.cell.noise, UPDATE_NOISE, f_bits)
            self._feed(m, "update_noise", source, fill | updates, bank.noise)
        if spec.change.noise:
            source = NoiseSource(spec.change.noise, COST_NOISE, spec.change.cost_fraction_bits)
            self._feed(m, "cost_noise", source, fill | change.draw, change.noise)

    def _feed(self, m: Any, name: str, source: NoiseSource, advance: Value, to: Any) -> None:
        """Connect a source, which goes on while the initial θ is made and where it is used."""
        m.submodules[name] = source
        m.d.comb += [
            source.seed.eq(self.seed),
            source.load.eq(self.schedule.clear),
            source.advance.eq(advance),
            to.eq(source.sample),
        ]
