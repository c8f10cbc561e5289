"""The engine: lanes, their inputs, and what leads them through a pass."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.folded.access import request_layout
from hdl.folded.by_layer import of_layer
from hdl.folded.drain import Drain
from hdl.folded.lane import Lane, move_shape, turn_layout
from hdl.folded.near import near
from hdl.folded.operands import Operands
from hdl.folded.orders import Orders
from hdl.folded.outputs import keep_outputs
from hdl.folded.sequencer import Sequencer
from hdl.folded.signs import Signs
from hdl.folded.visits import Visits
from hdl.folded.words import correct
from hdl.folded.writes import writes_layout
from hdl.number import fixed
from hdl.number.delay import copy, delay
from spec.folded import MEMORY_LATENCY, START_LATENCY, FoldedSpec

FIRST_LATENCY = 2
"""Clocks from `start` to the strobe before the first input: the place of the sample in memory is a
product in a clock of its own."""


class Engine(wiring.Component):
    """A pass: every parameter is corrected, perturbed, and used in both evaluations of a sample.

    Latency: `spec.pass_clocks` from `start` to `y`; `spec.init_clocks` from `fill` to the last word
    in memory. Throughput: a pass, or a bit of the initial θ, at a time.

    Parameters
    ----------
    spec : FoldedSpec
    round : bool
        Whether outputs go round, and have a way to do so.

    Members
    -------
    clear : In(1)
        Strobe: start over; random sources load the seed.
    start : In(1)
        Strobe: a pass. All below it must not change until `done`.
    update : In(1)
        Whether θ moves by `u`, which the pass before found.
    perturb : In(1)
        Whether the second evaluation is perturbed; else both are alike, and nothing is kept.
    draw : In(1)
        Whether all perturbations are new ones.
    entering : In(1)
        The bit of the first parameter then.
    u : In(bus format)
    fill : In(1)
        Strobe: θ ← θ ± 2**`bit_of_theta`, each parameter by a random bit.
    bit_of_theta : In
        0 begins with θ = 0.
    random : In(1)
        The next random bit of `fill`, and again after each `shift`.
    shift : Out(1)
    drawn, draws : In, Out(leaps)
        Bits that were never used before; strobes: as many of them are used as `spec.leaps` says.
        Only with fresh ones.
    first_input, next_input : Out(1)
        Strobes: the inputs of the sample are needed from the first one on; one is.
    sample : In
        It, `SAMPLE_LATENCY` clocks later.
    y : Out(array of 2 of outputs)
        Outputs, unperturbed and perturbed; until the next pass is done.
    turns : In(1)
        Strobe: outputs go round by one, the second becomes the first; if they are to go `round`.
    done : Out(1)
        Strobe, in the clock before `y` is there.
    filled : Out(1)
        Strobe: `fill` has come to its end.
    request, came, word : In(struct), Out(1), Out(theta)
        As those of `Access`; left open, there is none.
    writes : Out(struct)
        What lanes write into their memories: for the probe only.
    """

    clear: Signal
    start: Signal
    update: Signal
    perturb: Signal
    draw: Signal
    entering: Signal
    u: fixed.Value
    fill: Signal
    bit_of_theta: Signal
    random: Signal
    shift: Signal
    drawn: Signal
    draws: Signal
    first_input: Signal
    next_input: Signal
    sample: Any
    y: data.View
    turns: Signal
    done: Signal
    filled: Signal
    request: Any
    came: Signal
    word: fixed.Value
    writes: Any

    def __init__(self, spec: FoldedSpec, *, round: bool = False) -> None:
        self.spec, self.round = spec, round
        self.lanes = [Lane(spec) for _ in range(spec.lanes)]
        members = dict.fromkeys(("clear", "start", "update", "perturb", "draw", "entering"), In(1))
        members |= {"u": In(fixed.of(spec.bus)), "fill": In(1)}
        members |= {"bit_of_theta": In(range(spec.init_bits)), "random": In(1), "shift": Out(1)}
        if spec.fresh:
            members |= {"drawn": In(spec.leaps[0]), "draws": Out(len(spec.leaps))}
        members |= {"first_input": Out(1), "next_input": Out(1)}
        members |= {"sample": In(shapes.signal(spec.sample))}
        output = shapes.number(spec.layers[-1].output)
        members |= {"y": Out(data.ArrayLayout(data.ArrayLayout(output, spec.outputs), 2))}
        members |= dict.fromkeys(("done", "filled"), Out(1)) | ({"turns": In(1)} if round else {})
        members |= {"request": In(request_layout(spec)), "came": Out(1)}
        members |= {"word": Out(fixed.of(spec.theta)), "writes": Out(writes_layout(spec))}
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Connect all that a pass needs."""
        m: Any = Module()
        spec = self.spec
        m.submodules.sequencer = sequencer = Sequencer(spec)
        m.submodules.drain = drain = Drain(spec)
        m.submodules.signs = signs = Signs(spec)
        filling = Signal()
        self._start = start = delay(m, self.start, 1, START_LATENCY, "starts")
        fill = delay(m, self.fill, 1, START_LATENCY, "fills")
        with m.If(start | fill):
            m.d.sync += filling.eq(fill)
        m.d.comb += [
            sequencer.start.eq(start),
            sequencer.fill.eq(fill),
            drain.restart.eq(start),
            drain.perturb.eq(self.perturb),
            signs.hold.eq(start),
            signs.entering.eq(self.entering),
        ]
        self._visits = Visits(m, spec, sequencer.visit)
        self._filling = filling
        operands = self._meet_inputs(m, drain)
        correct(m, self, self._visits, filling, self._orders(m, operands), signs)
        self._leave(m, drain, signs)
        if not spec.stored_bits:
            m.d.comb += [
                signs.clear.eq(self.clear),
                signs.renew.eq(start & self.draw),
                signs.drawn.eq(self.drawn),
                self.draws.eq(signs.draws),
            ]
        m.d.comb += self.filled.eq(delay(m, sequencer.filled, 1, spec.updated, "filled"))
        return m

    def _meet_inputs(self, m: Any, drain: Drain) -> Operands:
        """Let each word meet its input, and keep what the layers put out."""
        spec = self.spec
        m.submodules.operands = operands = Operands(spec)
        m.d.comb += [
            operands.visit.eq(self._visits.ago(spec.updated - 1 - Operands.latency)),
            operands.filling.eq(self._filling),
            self.first_input.eq(delay(m, self.start, 1, FIRST_LATENCY, "started")),
            self.next_input.eq(operands.next_input),
            operands.sample.eq(self.sample),
            operands.put.eq(drain.put),
            operands.address.eq(drain.address),
            operands.a.eq(drain.a),
        ]
        if spec.node:
            m.d.comb += [
                operands.keep.eq(self.perturb), operands.swap.eq(self._start & self.perturb),
                operands.address_before.eq(self._visits.ago(0).input),
            ]  # fmt: skip
        layout = turn_layout(spec)
        met = self._visits.ago(spec.updated - 1)
        turn, bank = Signal(layout), spec.lanes // spec.banks
        one_multiplier = spec.lane_multipliers == 1
        m.d.comb += [
            turn.first.eq(met.first),
            turn.rail.eq(met.rail),
            turn.perturbed.eq(met.rail | (met.layer == 0) if one_multiplier else Const(1)),
        ]
        if spec.word_ports == 1:
            m.d.comb += turn.counts.eq(met.valid)
        turns = near(m, turn, layout, spec.lanes, "turn_near")
        xs: list[Any] = []
        for k in range(spec.banks):
            x: Any = operands.x[k]
            heard = [x[0], x[1]]
            if one_multiplier:
                rail = copy(m, self._visits.ago(spec.updated - 2).rail, 1, f"rail_{k}")
                heard = [fixed.mux(rail, x[1], x[0])]
            registers = [
                near(m, its, shapes.number(spec.x), bank, f"x_{k}_{rail}_near")
                for rail, its in enumerate(heard)
            ]
            xs += zip(registers[0], registers[-1], strict=True)
        for lane, its, x in zip(self.lanes, turns, xs, strict=True):
            m.d.comb += lane.turn.eq(its)
            m.d.comb += [lane.x[rail].eq(mine) for rail, mine in enumerate(x)]
        if spec.perturbs_weights:
            self._perturb_weights(m, met)
        return operands

    def _perturb_weights(self, m: Any, met: Any) -> None:
        """Say how far weights are moved that meet their input in the next clock."""
        spec, shape = self.spec, move_shape(self.spec)
        move = fixed.signal(shape, "move")
        doubled = of_layer(m, spec, met.layer, lambda layer: 1 << layer.doublings)
        m.d.sync += move.eq(fixed.Value(shape, Mux(self.perturb, doubled, 0)))
        m.d.comb += [lane.move.eq(move) for lane in self.lanes]

    def _orders(self, m: Any, operands: Operands) -> Orders:
        """Say what becomes of the words that lanes have in the next clock."""
        m.submodules.orders = orders = Orders(self.spec)
        m.d.comb += [
            orders.visit.eq(self._visits.ago(self.spec.found - 1 - Orders.latency)),
            orders.filling.eq(self._filling),
            *(
                getattr(orders, name).eq(getattr(self, name))
                for name in ("update", "draw", "bit_of_theta", "u")
            ),
        ]
        if self.spec.node:
            m.d.comb += [
                orders.x_before.eq(operands.x_before),
                orders.before.eq(self._visits.ago(MEMORY_LATENCY)),
            ]
        return orders

    def _leave(self, m: Any, drain: Drain, signs: Signs) -> None:
        """Let sums leave the lanes, and keep outputs."""
        spec = self.spec
        soon, summed = self._visits.ago(spec.summed - 2), self._visits.ago(spec.summed)
        rails = spec.lane_multipliers == 1
        # Of a visit of two clocks, the second is the last.
        wide = (soon.rail | (soon.layer == 0)) if rails else Const(1)
        layer_ends = Signal()
        m.d.comb += [
            layer_ends.eq(Cat(summed.group == last for last in spec.last_groups).any()),
            drain.soon.eq(soon.valid & soon.last & wide & ~self._filling),
            drain.group.layer.eq(summed.layer),
            drain.last_group.eq(layer_ends),
            drain.group.last.eq(layer_ends & summed.last_place),
            drain.group.ends.eq(summed.last_place),
            drain.group.opens.eq(summed.opens),
            drain.group.closes.eq(summed.closes),
            signs.group_now.eq(summed.group),
            self.done.eq(drain.done),
        ]
        for k, lane in enumerate(self.lanes):
            m.d.comb += [drain.sums[k][rail].eq(lane.sums[rail]) for rail in range(2)]
            if spec.sums_changes:
                m.d.comb += drain.change[k].eq(lane.change)
        if spec.sums_stay:
            # What fills in θ leaves no sum.
            m.d.comb += [lane.clear.eq(drain.emptied | self._start) for lane in self.lanes]
        if spec.node:
            m.d.comb += drain.plus.eq(signs.now)
        keep_outputs(m, spec, self.y, drain, self.turns if self.round else None)
