"""The synapse cell: a parameter that perturbs itself, listens, and corrects itself."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl.number import fixed
from hdl.optimizer import perturbation as perturbations
from hdl.optimizer import rule as rules
from hdl.optimizer.bus import STROBES, Tag, layout
from hdl.optimizer.state import noise_shape, state_layout
from spec.numbers import Rounding
from spec.optimizer import CellSpec
from spec.plant import WEIGHT_LATENCY


class Cell(wiring.Component):
    """θ, G and a perturbation. It knows nothing of the network around it.

    Latency: 1 clock from a tag to the weights, and from a strobe to the state it changes.
    Throughput: one evaluation or one strobe a clock; `clear` wins over `update`, and that over
    `accumulate`. A reset leaves θ and G as they are; `clear` zeroes them.

    Parameters
    ----------
    spec : CellSpec
    contribution : fixed.Shape
        Of what G gets.
    number : int
        By which a periodic code knows the cell.

    Members
    -------
    bus : In(bus.layout)
        Of which it hears what moves its perturbation on.
    strobes : In(bus.STROBES)
    tags : In(array of Tag)
        The evaluation that enters on each rail.
    contribution, carry : In
        What G gets, u·θ̃/Δθ, and a carry in its LSB.
    line_i, line_o : In, Out
        What comes from the neighbour, and goes to the next one.
    noise_i : In
        What the next update gets; of formats without noise, a bit that is not used.
    tilde : Out
        θ̃, as the perturbation lays it out.
    weights : Out(array of the multiplier's weight)
        θ, or θ ± θ̃, on each rail, for the evaluation of the clock before.
    state : Out(struct)
        θ, G and the perturbation, for the probe only.
    """

    latency = WEIGHT_LATENCY

    bus: data.View
    strobes: Any
    tags: data.View
    contribution: fixed.Value
    carry: Signal
    line_i: data.View
    line_o: data.View
    noise_i: fixed.Value
    tilde: data.View
    weights: data.View
    state: data.View

    def __init__(self, spec: CellSpec, contribution: fixed.Shape, number: int = 0) -> None:
        self.spec, self.number = spec, number
        self.perturbation = perturbations.of(spec.perturbation)
        self.rule = rules.of(spec)
        line = data.StructLayout(self.perturbation.line)
        members = {
            "bus": In(layout(spec.bus, self.perturbation.broadcast)),
            "strobes": In(STROBES),
            "tags": In(data.ArrayLayout(Tag, spec.rails)),
            "contribution": In(contribution),
            "carry": In(1),
            "line_i": In(line),
            "line_o": Out(line),
            "noise_i": In(noise_shape(spec)),
            "tilde": Out(data.StructLayout(self.perturbation.tilde)),
            "weights": Out(data.ArrayLayout(fixed.of(spec.weight), spec.rails)),
            "state": Out(state_layout(spec)),
        }
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Build the cell: three adders and a flip-flop, and what its kind needs more."""
        m: Any = Module()
        spec, strobes, perturbation = self.spec, self.strobes, self.perturbation
        # θ and G without a reset: `clear` is on from reset until a run has started.
        theta = fixed.signal(fixed.of(spec.theta), "theta", reset_less=True)
        G = fixed.signal(fixed.of(spec.gradient), "G", reset_less=True)
        held = Signal(perturbation.bits, name="perturbation")

        perturbation.follow(m, held, self.bus, self.line_i, self.number)
        perturbation.decode(m, held, self.tilde)
        perturbation.pass_on(m, held, self.line_o)

        top = theta.reshape(spec.weight.fraction_bits, Rounding.TRUNCATE)
        for rail in range(spec.rails):
            weight = fixed.signal(fixed.of(spec.weight), f"weight_{rail}")
            name = f"theta_tilde_{rail}"
            m.d.sync += weight.eq(perturbation.perturbed(m, top, self.tilde, self.tags[rail], name))
            m.d.comb += self.weights[rail].eq(weight)

        given = (self.contribution, self.carry)
        heard = self.noise_i if spec.noise else None
        updated, accumulated = self.rule.next(m, theta, G, given, strobes, heard)
        # One enable around all, and zero last: flip-flops have just these two inputs.
        with m.If(self.rule.writes(strobes)):
            m.d.sync += G.eq(accumulated)
            with m.If(strobes.clear):
                m.d.sync += G.as_value().eq(0)
        with m.If(strobes.write):
            m.d.sync += theta.eq(updated)
            with m.If(strobes.clear):
                m.d.sync += theta.as_value().eq(0)

        m.d.comb += [
            self.state.theta.eq(theta),
            self.state.G.eq(G),
            self.state.perturbation.eq(held),
        ]
        return m
