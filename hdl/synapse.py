"""The synapse cell: one parameter that perturbs itself, listens, and corrects itself."""

from __future__ import annotations

from amaranth.hdl import Const, Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import fixed, layouts, saturating
from spec.code import Walsh
from spec.config import Config, Perturbation
from spec.numbers import Rounding


class SynapseCell(wiring.Component):
    """θ, G and a perturbation bit. It knows nothing of the network around it.

    Latency: 1 clock from `perturbed` to `weight`, and from a strobe on the bus to the state it
    changes. Throughput: one evaluation or one strobe a clock; `clear` wins over `update`, and
    that over `accumulate`. A reset leaves θ and G as they are; `clear` zeroes them.

    Parameters
    ----------
    config : Config
        Formats, Δθ and the kind of perturbation.
    number : int
        The cell's number in documented order: its row of a periodic code.

    Members
    -------
    bus : In(layouts.bus)
        All that the cell hears of the trainer.
    perturbed, opposite : In(1)
        Whether the evaluation that enters in this clock is a perturbed one; by -θ̃ instead of θ̃.
    chain_i, chain_o : In(1), Out(1)
        The delay line: the neighbour's perturbation bit, and this cell's.
    weight : Out(layouts.weight)
        θ, or θ ± Δθ, for the evaluation of the clock before.
    state : Out(layouts.cells)
        θ, G and the perturbation, for the probe only.
    """

    latency = 1

    bus: data.View
    perturbed: Signal
    opposite: Signal
    chain_i: Signal
    chain_o: Signal
    weight: fixed.Value
    state: data.View

    def __init__(self, config: Config, number: int = 0) -> None:
        self.config = config
        self.number = number
        super().__init__(
            {
                "bus": In(layouts.bus(config)),
                "perturbed": In(1),
                "opposite": In(1),
                "chain_i": In(1),
                "chain_o": Out(1),
                "weight": Out(layouts.weight(config)),
                "state": Out(layouts.cells(config)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the cell: three adders and a flip-flop."""
        m = Module()
        config, bus = self.config, self.bus
        # Without a reset: a run starts with `clear`.
        theta = fixed.signal(fixed.of(config.theta), reset_less=True)
        G = fixed.signal(fixed.of(config.gradient), reset_less=True)
        perturbation = Signal()

        self._perturb(m, perturbation)

        # θ̃ = ±Δθ, added at the multiplier's width: Δθ has one bit set, -Δθ all from there up.
        top = theta.reshape(config.weight.fraction_bits, Rounding.TRUNCATE)
        tilde = fixed.signal(fixed.of(config.weight))
        delta = 2.0**config.training.amplitude
        multiplexed = config.training.perturbation is Perturbation.TM
        active = perturbation if multiplexed else Const(1)
        with m.If(self.perturbed & active):
            with m.If(perturbation ^ self.opposite):
                m.d.comb += tilde.eq(fixed.constant(tilde.shape(), delta))
            with m.Else():
                m.d.comb += tilde.eq(fixed.constant(tilde.shape(), -delta))
        weight = fixed.signal(layouts.weight(config))
        m.d.sync += weight.eq(top + tilde)

        listening = perturbation | bus.initialise if multiplexed else Const(1)
        # One enable around all, and the extremes last: flip-flops have just these two inputs.
        with m.If(bus.clear | bus.update | (bus.accumulate & listening)):
            m.d.sync += G.eq(saturating.add_or_subtract(G, bus.u, ~perturbation))
            with m.If(bus.update):
                m.d.sync += G.eq(self._kept(G))
            with m.If(bus.clear):
                m.d.sync += G.eq(fixed.constant(G.shape(), 0))
        with m.If(bus.clear | bus.update):
            m.d.sync += theta.eq(saturating.subtract(theta, G))
            with m.If(bus.clear):
                m.d.sync += theta.eq(fixed.constant(theta.shape(), 0))

        m.d.comb += [
            self.weight.eq(weight),
            self.chain_o.eq(perturbation),
            self.state.theta.eq(theta),
            self.state.G.eq(G),
            self.state.perturbation.eq(perturbation),
        ]
        return m

    def _perturb(self, m: Module, perturbation: Signal) -> None:
        """Take the next perturbation: the neighbour's bit, or this cell's bit of a code."""
        bus, code = self.bus, self.config.code
        if code is None:
            with m.If(bus.perturb):
                m.d.sync += perturbation.eq(self.chain_i)
            return
        if isinstance(code, Walsh):
            met = (bus.slot.index & self.number).xor()
            bit = ~(met ^ bus.slot.negative)
        else:
            bit = bus.slot.index == self.number
        with m.If(bus.fill):
            m.d.sync += perturbation.eq(self.chain_i)
        with m.Elif(bus.perturb):
            m.d.sync += perturbation.eq(bit)

    def _kept(self, G: fixed.Value) -> fixed.Value:
        """What an update leaves of G: G - (G >> m), rounded away from zero; 0 without momentum."""
        m = self.config.training.momentum
        if m == 0:
            return fixed.constant(G.shape(), 0)
        return (G - G.scaled(-m).reshape(G.shape().f_bits, Rounding.AWAY)).saturate(G.shape())
