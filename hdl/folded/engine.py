"""The engine: lanes, their inputs, and what leads them through a pass."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.folded.access import Access, request_layout
from hdl.folded.drain import Drain
from hdl.folded.inputs import Inputs
from hdl.folded.lane import Lane
from hdl.folded.sequencer import Sequencer, visit_layout
from hdl.folded.signs import Signs
from hdl.number import fixed
from hdl.number.delay import delay
from hdl.number.multiplier import multiply
from spec.folded import MEMORY_LATENCY, UPDATE_LATENCY, FoldedSpec
from spec.numbers import Rounding


class Engine(wiring.Component):
    """A pass: every parameter is corrected, perturbed, and used in both evaluations of a sample.

    Latency: `spec.pass_clocks` from `start` to `y`; `spec.init_clocks` from `fill` to the last word
    in memory. Throughput: a pass, or a bit of the initial θ, at a time.

    Parameters
    ----------
    spec : FoldedSpec

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
    drawn, draws : In(spec.drawn), Out(1)
        Bits that were never used before; whether they are used. Only with fresh ones.
    first_input, next_input : Out(1)
        Strobes: the inputs of the sample are needed from the first one on; one is.
    sample : In
        It, `MEMORY_LATENCY` clocks later.
    y : Out(array of 2 of outputs)
        Outputs, unperturbed and perturbed; until the next pass is done.
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
    done: Signal
    filled: Signal
    request: Any
    came: Signal
    word: fixed.Value
    writes: Any

    def __init__(self, spec: FoldedSpec) -> None:
        self.spec = spec
        self.amount = self._amount()
        self.lanes = [Lane(spec, self.amount) for _ in range(spec.lanes)]
        members = dict.fromkeys(("clear", "start", "update", "perturb", "draw", "entering"), In(1))
        members |= {"u": In(fixed.of(spec.bus)), "fill": In(1)}
        members |= {"bit_of_theta": In(range(spec.init_bits)), "random": In(1), "shift": Out(1)}
        if spec.fresh:
            members |= {"drawn": In(spec.drawn), "draws": Out(1)}
        members |= {"first_input": Out(1), "next_input": Out(1)}
        members |= {"sample": In(shapes.signal(spec.sample))}
        output = shapes.number(spec.layers[-1].output)
        members |= {"y": Out(data.ArrayLayout(data.ArrayLayout(output, spec.outputs), 2))}
        members |= dict.fromkeys(("done", "filled"), Out(1))
        members |= {"request": In(request_layout(spec)), "came": Out(1)}
        members |= {"word": Out(fixed.of(spec.theta)), "writes": Out(writes_layout(spec))}
        super().__init__(members)

    def _amount(self) -> fixed.Shape:
        """Shape of what θ moves by: u, u·x rounded, or a bit of the initial θ."""
        spec, u = self.spec, fixed.of(self.spec.bus)
        lowest = u.min_raw << max(layer.doublings for layer in spec.layers)
        ends = [lowest]
        if spec.node:
            ends += [lowest * x >> spec.x.fraction_bits for x in (spec.x.low, spec.x.high)]
        largest = max(1 << spec.init_bits - 1, *(abs(end) + 1 for end in ends))
        return fixed.span(-largest, largest, u.f_bits)

    def elaborate(self, platform: object) -> Module:
        """Connect all that a pass needs."""
        m: Any = Module()
        spec = self.spec
        m.submodules.sequencer = sequencer = Sequencer(spec)
        m.submodules.inputs = inputs = Inputs(spec)
        m.submodules.drain = drain = Drain(spec)
        m.submodules.signs = signs = Signs(spec)
        m.submodules.access = self._access = Access(spec)
        filling = Signal()
        with m.If(self.start | self.fill):
            m.d.sync += filling.eq(self.fill)
        m.d.comb += [
            sequencer.start.eq(self.start),
            sequencer.fill.eq(self.fill),
            sequencer.layer_done.eq(drain.layer_done),
            drain.restart.eq(self.start),
            drain.perturb.eq(self.perturb),
            signs.hold.eq(self.start),
            signs.entering.eq(self.entering),
        ]
        self._visits: list[Any] = [sequencer.visit]
        self._filling = filling
        self._meet_inputs(m, inputs, drain)
        self._correct(m, inputs, signs)
        self._leave(m, drain, signs)
        if spec.fresh and spec.node:
            m.d.comb += [
                signs.clear.eq(self.clear),
                signs.renew.eq(self.start & self.draw),
                signs.drawn.eq(self.drawn),
                self.draws.eq(signs.draws),
            ]
        m.d.comb += self.filled.eq(delay(m, sequencer.filled, 1, spec.updated, "filled"))
        return m

    def _visit(self, m: Any, clocks: int) -> Any:
        """Return the visit of some clocks ago."""
        while len(self._visits) <= clocks:
            register: Any = Signal(visit_layout(self.spec), name=f"visit_{len(self._visits)}")
            m.d.sync += register.eq(self._visits[-1])
            self._visits.append(register)
        return self._visits[clocks]

    def _meet_inputs(self, m: Any, inputs: Inputs, drain: Drain) -> None:
        """Let each word meet its input, of the sample or of memory, and keep what is new."""
        spec = self.spec
        asked, met = (self._visit(m, spec.updated - late) for late in (MEMORY_LATENCY, 0))
        from_sample, keeps, stores = Signal(), Signal(), int(spec.stores_samples)
        one = fixed.constant(shapes.number(spec.x), 1)
        m.d.comb += [
            inputs.address.eq(asked.input),
            self.first_input.eq(delay(m, self.start, 1, 1, "started")),
            self.next_input.eq(
                asked.load | (asked.valid & (asked.layer == 0) & asked.first_group & ~asked.bias)
            ),
            from_sample.eq(met.load | ((met.layer == 0) & met.first_group & (spec.loads == 0))),
            keeps.eq(
                met.load
                | (met.valid & from_sample & ~met.bias & ~met.rail & ~self._filling & stores)
            ),
        ]
        seen = [fixed.signal(one.shape(), f"x_{rail}") for rail in range(2)]
        for rail, x in enumerate(seen):
            other = fixed.mux(from_sample, self._number(), inputs.x[rail])
            chosen = fixed.named(m, fixed.mux(met.bias, one, other), f"chosen_{rail}")
            m.d.comb += x.as_value().eq(chosen.as_value())
        # Samples come while the first group is there, activations after it has left.
        m.d.comb += [
            inputs.write.eq(keeps | (drain.valid & ~drain.of_output)),
            inputs.write_address.eq(Mux(keeps, met.input, drain.address)),
            *(inputs.write_x[k].eq(fixed.mux(keeps, seen[k], drain.a[k])) for k in range(2)),
        ]
        if spec.node:
            m.d.comb += [inputs.keep.eq(self.perturb), inputs.swap.eq(self.start & self.perturb)]
        one_multiplier = spec.lane_multipliers == 1
        for lane in self.lanes:
            m.d.comb += [
                *(lane.x[k].eq(seen[k]) for k in range(2)),
                lane.turn.first.eq(met.first),
                lane.turn.rail.eq(met.rail),
                lane.turn.perturbed.eq(met.rail | (met.layer == 0) if one_multiplier else Const(1)),
            ]

    def _number(self) -> fixed.Value:
        """Return an input of the sample as a number."""
        spec = self.spec
        if not spec.sample.binary:
            return self.sample
        shape = shapes.number(spec.x)
        return fixed.mux(
            self.sample, fixed.constant(shape, 1), fixed.constant(shape, spec.sample.low)
        )

    def _correct(self, m: Any, inputs: Inputs, signs: Signs) -> None:
        """Read words, let them move by what was found, and give them bits."""
        spec, filling = self.spec, self._filling
        read, here = self._visit(m, spec.lead), self._visit(m, spec.lead + MEMORY_LATENCY)
        amount = fixed.signal(self.amount, "amount")
        bits = Const(1, spec.init_bits) << self.bit_of_theta
        initial = fixed.Value(
            fixed.span(0, (1 << spec.init_bits) - 1, spec.bus.fraction_bits),
            bits[: spec.init_bits],
        )
        found = self._times_input(m, inputs) if spec.node else self._doubled(m, here)
        chosen = fixed.mux(filling, initial, found)
        m.d.comb += amount.as_value().eq(chosen.as_value())
        takes, anew = Signal(), Signal()
        m.d.comb += [
            takes.eq(here.valid & ~here.rail),
            anew.eq(filling | here.first_place),
            self.shift.eq(takes & filling),
            signs.group.eq(here.group),
        ]
        exists, hears = self._existing(m, here), Signal()
        m.d.comb += hears.eq(1)
        for k, layer in enumerate(spec.layers):
            if layer.init_bits < spec.init_bits:
                with m.If(here.layer == k):
                    m.d.comb += hears.eq(self.bit_of_theta < layer.init_bits)
        access = self._connect_access(m, read)
        for k, lane in enumerate(self.lanes):
            m.submodules[f"lane_{k}"] = lane
            before = Signal(name=f"stored_before_{k}")
            bit = Signal(name=f"bit_{k}")
            with m.If(takes):
                m.d.sync += before.eq(lane.stored)
            fresh = spec.fresh and not spec.node
            from_line = Mux(here.first, signs.above[k], before)
            m.d.comb += [
                bit.eq(Mux(filling, self.random, self.drawn[k] if fresh else from_line)),
                lane.address.eq(Mux(access.granted, self.request.address, read.address)),
                lane.orders.take.eq(takes | access.stores),
                lane.orders.clear.eq((filling & (self.bit_of_theta == 0)) | access.stores),
                lane.orders.update.eq(Mux(filling, hears, self.update & anew) & ~access.stores),
                lane.orders.draw.eq((filling | (self.draw & anew)) & ~access.stores),
                lane.orders.write.eq(Mux(access.stores, access.chosen[k], exists[k] & anew)),
                lane.given.as_value().eq(
                    self.request.theta & access.stores.replicate(spec.theta.bits)
                ),
                access.found[k].eq(lane.found.as_value()),
                lane.bit.eq(bit),
                lane.plus.eq(
                    Mux(filling, self.random, signs.before[k] if spec.node else lane.stored)
                ),
                lane.amount.eq(amount),
                signs.bits[k].eq(bit),
                signs.take[k].eq(
                    takes & here.bias & exists[k] & (filling | (self._bias_draws() & anew))
                ),
            ]
        if spec.fresh and not spec.node:
            m.d.comb += self.draws.eq(takes & self.draw & anew & ~filling)
        self._show_writes(m, exists)

    def _connect_access(self, m: Any, read: Any) -> Access:
        """Let others have the memories in clocks in which no word is read or written."""
        access, late = self._access, self._visit(m, self.spec.updated)
        written = late.valid & ~late.rail & (self._filling | late.first_place)
        m.d.comb += [
            access.request.eq(self.request),
            access.free.eq(~((read.valid & ~read.rail) | written)),
            self.came.eq(access.came),
            self.word.eq(access.word),
        ]
        return access

    def _doubled(self, m: Any, visit: Any) -> fixed.Value:
        """Return u, 2**k times as large in layers with k doublings."""
        doublings = {k: layer.doublings for k, layer in enumerate(self.spec.layers)}
        largest = max(doublings.values())
        if not largest:
            return self.u
        u = fixed.signal(
            fixed.SQ(self.u.shape().i_bits + largest, self.u.shape().f_bits), "u_doubled"
        )
        with m.Switch(visit.layer):
            for k, times in doublings.items():
                with m.Case(k):
                    m.d.comb += u.eq(self.u.scaled(times))
        return u

    def _bias_draws(self) -> Value:
        """Whether a bias cell's bit is the neuron's, which does not draw one by itself."""
        return Const(0) if self.spec.node and self.spec.fresh else self.draw

    def _existing(self, m: Any, visit: Any) -> Signal:
        """Return which lanes have a neuron to visit; of the initial θ, the one that is visited."""
        spec, exists = self.spec, Signal(self.spec.lanes, name="existing")
        m.d.comb += exists.eq(~0)
        group = -1
        for layer in spec.layers:
            group += layer.groups
            with m.If(visit.group == group):
                m.d.comb += exists.eq((1 << layer.last_group) - 1)
        with m.If(self._filling):
            m.d.comb += exists.eq(Const(1, spec.lanes) << visit.lane)
        return exists

    def _times_input(self, m: Any, inputs: Inputs) -> fixed.Value:
        """Return RNE(u·x) for what the words to come have met in the step before."""
        spec = self.spec
        m.d.comb += inputs.address_before.eq(self._visit(m, 0).input)
        bias = self._visit(m, MEMORY_LATENCY).bias
        one = fixed.constant(shapes.number(spec.x), 1)
        x = fixed.named(m, fixed.mux(bias, one, inputs.x_before), "x_of_u")
        u = self._doubled(m, self._visit(m, MEMORY_LATENCY))
        exact = multiply(m, u, x, spec.multipliers, "u_times_x")
        rounded = exact.reshape(spec.bus.fraction_bits, Rounding.NEAREST_EVEN)
        raw = rounded.as_value()[: self.amount.storage.width]
        register = fixed.signal(self.amount, "u_times_x_rounded")
        m.d.sync += register.as_value().eq(raw.as_signed())
        return register

    def _show_writes(self, m: Any, exists: Signal) -> None:
        """Show what is written, and nothing where nothing is."""
        spec, writes = self.spec, self.writes
        late = self._visit(m, spec.updated)
        mine = delay(m, exists, spec.lanes, UPDATE_LATENCY, "exists")
        written, shows = Signal(spec.lanes), self._filling | late.first_place
        m.d.comb += [
            written.eq(mine & (late.valid & ~late.rail & shows).replicate(spec.lanes)),
            writes.written.eq(written),
            writes.address.eq(Mux(written.any(), late.address, 0)),
        ]
        for k, lane in enumerate(self.lanes):
            m.d.comb += [
                writes.theta[k].eq(Mux(written[k], lane.kept.theta.as_value(), 0)),
            ]
            if spec.stored_bits:
                m.d.comb += writes.bits[k].eq(written[k] & lane.kept.bit)

    def _leave(self, m: Any, drain: Drain, signs: Signs) -> None:
        """Let sums leave the lanes, and keep outputs."""
        spec = self.spec
        summed = self._visit(m, spec.summed)
        rails = spec.lane_multipliers == 1
        # Of a visit of two clocks, the second is the last.
        wide = (summed.rail | (summed.layer == 0)) if rails else Const(1)
        layer_ends = Signal()
        ends, group = [], -1
        for layer in spec.layers:
            group += layer.groups
            ends.append(summed.group == group)
        m.d.comb += [
            layer_ends.eq(Cat(*ends).any()),
            drain.load.eq(summed.valid & summed.last & wide & ~self._filling),
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
            if not spec.node:
                m.d.comb += drain.change[k].eq(lane.change)
        if spec.node:
            m.d.comb += drain.plus.eq(signs.now)
        with m.If(drain.valid & drain.of_output):
            for rail in range(2):
                y = self.y[rail]
                m.d.sync += [y[k].eq(y[k + 1]) for k in range(spec.outputs - 1)]
                shape = shapes.number(spec.layers[-1].output)
                raw = drain.a[rail].as_value()[: shape.storage.width]
                bits = raw.as_signed() if shape.signed else raw
                m.d.sync += y[spec.outputs - 1].eq(fixed.Value(shape, bits))


def writes_layout(spec: FoldedSpec) -> data.StructLayout:
    """Lay out what is written in a clock: by which lanes, where, and θ and bits of each."""
    return data.StructLayout(
        {
            "written": spec.lanes,
            "address": spec.address_bits,
            "theta": data.ArrayLayout(spec.theta.bits, spec.lanes),
            "bits": spec.lanes,
        }
    )
