"""The optimizer for an external plant, and nothing else needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import control as link
from hdl.external import ways
from hdl.external.exchange import Exchange
from hdl.external.samples import SampleOrder, TaskSamples
from hdl.external.tally import Tally
from hdl.number.delay import delay
from hdl.optimizer.bus import Tag
from hdl.optimizer.optimizer import REGISTERS, Optimizer
from hdl.plant.cost.mse import MeanSquaredError
from spec.external import derive
from spec.external.config import ExternalConfig
from spec.external.exchange import COUNT_BITS
from spec.external.registers import probe as probe_fields
from spec.external.registers import registers


def pins_of(config: ExternalConfig) -> dict[str, Any]:
    """Return the members that lead to a plant."""
    number = {"sample": Out(derive.samples(config).address_bits), "new_sample": Out(1)}
    return number | ways.pins_of(derive.exchange(config))


class ExternalTrainer(wiring.Component):
    """Multiplexed gradient descent for somebody else's chip.

    Parameters
    ----------
    config : ExternalConfig
    probe : bool
        Whether to add the port `probe`.
    control : bool
        Whether to add what a link needs: the ports below `probe`. Registers are then those of an
        `Optimizer` that are `held`.

    Members
    -------
    start, stop : In(1)
        As those of `hdl.trainer.Trainer`.
    tau_p, tau_x, tau_theta, eta_shift, seed, steps, check_every, solved_below : In
        As `spec.external.registers` says.
    busy, done, solved, checked, step, cost_sum : Out
        As those of `hdl.trainer.Trainer`.
    timeouts, unasked : Out
        As those of `Exchange`.
    probe : Out
        Every state, packed as `spec.external.registers.probe` says.
    pause, resume, hand, line, C, C0, tag_of_C, phase, cells, saturated
        As `hdl.control.members` says. Nothing is evaluated by hand: a plant that never answers
        would keep whoever asks.
    sample : Out
        Which sample the plant is to evaluate; it stays as weights do.
    new_sample : Out(1)
        Strobe: it is drawn anew in the next clock, every τ_x steps.
    pins
        Those of `Exchange`.
    request, came, word
        As those of `Optimizer`, if cells are words of memory: with a probe, or for a link.

    Attributes
    ----------
    pins : dict
        Members that lead to the plant, as `pins_of`.
    """

    start: Signal
    stop: Signal
    seed: Signal
    solved_below: Signal
    busy: Signal
    done: Signal
    solved: Signal
    checked: Signal
    step: Signal
    cost_sum: Signal
    timeouts: Signal
    unasked: Signal
    probe: Signal
    sample: Signal
    new_sample: Signal
    phase: Signal
    hand: Any
    line: data.View
    cells: Sequence[data.View]
    request: Any
    came: Signal
    word: Signal
    swept: Signal

    def __init__(
        self, config: ExternalConfig, *, probe: bool = False, control: bool = False
    ) -> None:
        self.config, self.with_probe, self.with_control = config, probe, control
        self.optimizer = Optimizer(derive.optimizer(config), held=control)
        self.exchange = Exchange(derive.exchange(config))
        samples = derive.samples(config)
        weight = self.exchange.spec.weight
        self.samples = TaskSamples(samples, weight) if config.data else SampleOrder(samples)
        error = derive.cost(config)
        self.error = MeanSquaredError(error) if error else None
        self.tally = Tally(derive.cost_width(config), derive.sum_width(config))
        members: dict[str, Any] = {"start": In(1), "stop": In(1)}
        members |= {register.name: In(register.width) for register in registers(config)}
        members |= dict.fromkeys(("busy", "done", "solved", "checked"), Out(1))
        members |= {"step": Out(32), "cost_sum": Out(self.tally.cost_sum.shape())}
        members |= dict.fromkeys(("timeouts", "unasked"), Out(COUNT_BITS))
        self.pins = pins_of(config)
        if probe:
            members["probe"] = Out(sum(field.width * field.count for field in probe_fields(config)))
        self.in_memory = derive.in_memory(config)
        if probe and self.in_memory:
            members |= {n: self.optimizer.signature.members[n] for n in link.REQUESTED}
        if control:
            members |= link.members(self.optimizer)
        super().__init__(members | self.pins)

    def elaborate(self, platform: object) -> Module:
        """Connect optimizer and exchange."""
        m: Any = Module()
        m.submodules.optimizer = optimizer = self.optimizer
        m.submodules.exchange = exchange = self.exchange
        m.submodules.samples = samples = self.samples
        m.submodules.tally = tally = self.tally
        stopping = Signal()
        m.d.sync += stopping.eq((stopping | self.stop) & optimizer.busy)
        for name in ("start", "stop", *REGISTERS):
            m.d.comb += getattr(optimizer, name).eq(getattr(self, name))
        for name in ("busy", "done", "solved", "checked", "step"):
            m.d.comb += getattr(self, name).eq(getattr(optimizer, name))
        for name in ("timeouts", "unasked"):
            m.d.comb += getattr(self, name).eq(getattr(exchange, name))
        for name in ("read", "advance", "sweep", "address"):
            m.d.comb += getattr(samples, name).eq(getattr(optimizer, name))
        for name, member in exchange.pins.items():
            ours, its = getattr(self, name), getattr(exchange, name)
            m.d.comb += ours.eq(its) if member.flow is Out else its.eq(ours)
        m.d.comb += [
            samples.seed.eq(self.seed),
            samples.restart.eq(optimizer.restart),
            self.sample.eq(samples.sample),
            self.new_sample.eq(samples.advance),
            exchange.tag_i.eq(optimizer.tag),
            exchange.clear.eq(optimizer.restart),
            exchange.stop.eq(stopping),
            optimizer.given_up.eq(exchange.given_up),
            optimizer.target_met.eq(tally.target_met),
            tally.cost.eq(optimizer.C.as_value()[: len(tally.cost)]),  # no noise, so positive
            tally.count.eq(optimizer.tag_of_C.count),
            tally.clear.eq(optimizer.clear_score),
            tally.solved_below.eq(self.solved_below),
            self.cost_sum.eq(tally.cost_sum),
        ]
        self._connect_words(m)
        tag, cost = self._cost(m)
        m.d.comb += [optimizer.tag_i.eq(tag), Value.cast(optimizer.costs).eq(cost)]
        if self.with_control:
            link.connect(m, self)
            link.connect_cells(m, self)
        elif self.with_probe and self.in_memory:
            link.connect_words(m, self)
        if self.with_probe:
            m.d.comb += self.probe.eq(self._packed())
        return m

    def _connect_words(self, m: Any) -> None:
        """Bring weights, and behind them inputs, to the exchange."""
        theirs, inputs = self.exchange.words, self.samples.words()
        if not self.in_memory:
            weights = self.optimizer.weights.as_value()
            m.d.comb += Value.cast(theirs).eq(Cat(weights, inputs))
            return
        ours = self.optimizer.words
        m.d.comb += [
            *(
                getattr(ours, name).eq(getattr(theirs, name))
                for name in ("begin", "number", "moves")
            ),
            theirs.blocked.eq(ours.blocked),
            theirs.weight.eq(ours.weight),
        ]
        spec, number = self.exchange.spec, theirs.number
        if not spec.inputs:
            return
        for k in range(spec.word_latency):
            register = Signal.like(number, name=f"number_{k}")
            with m.If(theirs.moves):
                m.d.sync += register.eq(number)
            number = register
        behind = Signal(range(max(2, spec.inputs)))
        m.d.comb += behind.eq(number - spec.parameters)
        with m.If(number >= spec.parameters):
            chosen = inputs.word_select(behind, spec.weight.bits)
            m.d.comb += theirs.weight.as_value().eq(chosen)

    def _cost(self, m: Any) -> tuple[Any, Value]:
        """Return what the plant said, or the error of its outputs, and the tag beside it."""
        exchange, error = self.exchange, self.error
        if error is None or not isinstance(self.samples, TaskSamples):
            return exchange.tag, Value.cast(exchange.means)
        m.submodules.error = error
        for k in range(self.exchange.spec.signals):
            m.d.comb += error.y[k].as_value().eq(exchange.means[k])
        m.d.comb += error.t.eq(self.samples.t)
        return delay(m, exchange.tag, Tag, error.latency, "tag"), error.cost.as_value()

    def _packed(self) -> Cat:
        """Every state, in the order of the probe's fields."""
        optimizer = self.optimizer
        values = {
            "phase": optimizer.phase,
            "step": optimizer.step,
            "sample": self.samples.index,
            "C": optimizer.C.as_value(),
            "C0": optimizer.C0.as_value(),
            "C_tilde": optimizer.C_tilde.as_value(),
            "u": optimizer.u.as_value(),
            "cost_sum": self.tally.cost_sum,
            "solved": optimizer.solved,
            "answered": self.optimizer.tag_i.valid,
        }
        if self.in_memory:
            writes = optimizer.writes
            values |= {name: Value.cast(writes[name]) for name in writes.shape().members}
        else:
            values |= {
                name: Cat(Value.cast(cell[name]) for cell in optimizer.cells)
                for name in ("theta", "G", "perturbation")
            }
        return Cat(values[field.name] for field in probe_fields(self.config))
