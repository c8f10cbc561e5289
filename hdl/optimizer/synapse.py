"""The synapse cell: a parameter that perturbs itself, listens, and corrects itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from amaranth.hdl import Array, Cat, Const, Module, Mux, Signal
from amaranth.hdl import Value as Bits
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import layouts
from hdl.number import fixed, saturating
from hdl.number.product import product
from spec.code import SINE_BITS, Sines, Walsh, sine_levels
from spec.config import Config
from spec.numbers import Rounding
from spec.training import Perturbation


class SynapseCell(wiring.Component):
    """θ, G and a perturbation. It knows nothing of the network around it.

    With `build.reuse`, a cell serves several parameters, one a clock: they go round rings, whose
    last register is where the cell reads and whose first is where it writes. A turn that is whole
    brings each back home; only then do perturbations move on.

    Latency: 1 clock from `perturbed` to `weight`, and from a strobe on the bus to the state it
    changes; with an overlapped schedule, 2 to θ and G. Throughput: one evaluation or one strobe a
    clock; `clear` wins over `update`, and that over `accumulate`. A reset leaves θ and G as they
    are; `clear` zeroes them.

    Parameters
    ----------
    config : Config
        Formats, Δθ and the kind of perturbation.
    number : int
        By which a periodic code knows the cell: its own in documented order, or its neuron's.
    x : shape-like
        Shape of the cell's input; None for a bias cell. Of node perturbation only.
    parameters : int
        How many it serves.

    Members
    -------
    bus : In(layouts.bus)
        All that the cell hears of the trainer.
    perturbed, opposite : In(1)
        Whether the evaluation that enters in this clock is a perturbed one; by -θ̃ instead of θ̃.
    chain_i, chain_o : In(1), Out(1)
        The delay line: the neighbour's perturbation bit, and this cell's last.
    turn, place : In
        Whether a parameter's clock is now, and how many had theirs, modulo `parameters`; with
        reuse only, where evaluations, `accumulate` and `update` come for as many clocks.
    correlate : In(1)
        The perturbation bit that made the u on the bus, from further down the line; with an
        overlapped schedule only.
    noise_i, noise_o : In, Out(layouts.update_noise)
        The same for noise; only where there is some.
    share_o : Out(layouts.share)
        Of a bias cell of node perturbation: u, by the neuron's perturbation.
    share_i, x : In
        Of the other cells of node perturbation: that, and the input to multiply it by.
    weight, weight_perturbed : Out(layouts.weight)
        θ, or θ + θ̃, for the evaluation of the clock before; with two rails, one each. With reuse,
        0 where no parameter's clock was.
    state : Out(array of layouts.cells)
        θ, G and the perturbation of each parameter, for the probe only.
    """

    latency = 1
    correlation_latency = 1
    """Clocks from u on the bus to ±u, with an overlapped schedule."""

    bus: data.View
    perturbed: Signal
    opposite: Signal
    chain_i: Signal
    chain_o: Signal
    correlate: Signal
    turn: Signal
    place: Signal
    noise_i: fixed.Value
    noise_o: fixed.Value
    share_i: fixed.Value
    share_o: fixed.Value
    x: Any
    weight: fixed.Value
    weight_perturbed: fixed.Value
    state: data.View

    def __init__(self, config: Config, number: int = 0, x: Any = None, parameters: int = 1) -> None:
        self.config = config
        self.number = number
        self.parameters = parameters
        self.multiplies = config.node and x is not None
        members = {
            "bus": In(layouts.bus(config)),
            "perturbed": In(1),
            "opposite": In(1),
            "chain_i": In(1),
            "chain_o": Out(1),
            "weight": Out(layouts.weight(config)),
            "state": Out(data.ArrayLayout(layouts.cells(config), parameters)),
        }
        if config.build.reuse > 1:
            members |= {"turn": In(1), "place": In(range(parameters))}
        if config.build.rails == 2:
            members["weight_perturbed"] = Out(layouts.weight(config))
        if config.update_delay:
            members["correlate"] = In(1)
        if config.update_noise:
            noise = layouts.update_noise(config)
            members |= {"noise_i": In(noise), "noise_o": Out(noise)}
        if config.node and x is not None:
            members |= {"share_i": In(layouts.share(config)), "x": In(x)}
        elif config.node:
            members |= {"share_o": Out(layouts.share(config))}
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Build the cell: three adders and a flip-flop, and what its kind needs more."""
        m = Module()
        config, bus = self.config, self.bus
        # Without a reset: `clear` is on from reset until a run has started.
        thetas = self._ring(
            m, lambda: fixed.signal(fixed.of(config.theta), "theta", reset_less=True)
        )
        if config.build.accumulate:
            Gs = self._ring(
                m, lambda: fixed.signal(fixed.of(config.gradient), "G", reset_less=True)
            )
        else:
            Gs = [fixed.constant(fixed.of(config.gradient), 0)] * self.parameters
        perturbations = self._ring(m, lambda: Signal(config.perturbation_bits, name="perturbation"))
        theta, perturbation = thetas[-1], perturbations[-1]
        self._perturb(m, perturbations)
        self._magnitude = self._sine(m, perturbation)
        plus = perturbation[-1]

        weight = fixed.signal(layouts.weight(config))
        top = theta.reshape(config.weight.fraction_bits, Rounding.TRUNCATE)
        perturbed = top if self.multiplies else self._perturbed(m, top, plus)
        if config.build.rails == 2:
            register = fixed.signal(layouts.weight(config), "weight_perturbed")
            m.d.sync += [weight.eq(top), register.eq(perturbed)]
            m.d.comb += self.weight_perturbed.eq(register)
        else:
            m.d.sync += weight.eq(perturbed)
        if config.build.reuse > 1:
            with m.If(~self.turn):
                m.d.sync += weight.eq(fixed.constant(weight.shape(), 0))

        self._strobes: Any = bus
        if config.build.reuse > 1:
            self._strobes = Signal(bus.shape(), name="own")
            m.d.comb += [
                self._strobes.eq(bus),
                self._strobes.accumulate.eq(bus.accumulate & self.turn),
                self._strobes.update.eq(bus.update & self.turn),
            ]
        self._writes: Bits = self._strobes.clear | self._strobes.update
        self._amount = self._correlated(m, plus)
        if config.build.accumulate:
            self._learn(m, thetas, Gs, plus)
        else:
            with m.If(self._writes):
                m.d.sync += thetas[0].eq(saturating.add(m, theta, *self._amount))
                self._clear(m, thetas)

        if config.node and not self.multiplies:
            m.d.comb += self.share_o.eq(self._share(m, plus))
        m.d.comb += [self.weight.eq(weight), self.chain_o.eq(plus)]
        for k in range(self.parameters):
            state = self.state[k]
            m.d.comb += [
                state.theta.as_value().eq(self._of_parameter(k, thetas)),
                state.G.as_value().eq(self._of_parameter(k, Gs)),
                state.perturbation.eq(self._of_parameter(k, perturbations)),
            ]
        return m

    def _ring(self, m: Module, make: Callable[[], Any]) -> list[Any]:
        """Make a register for each parameter; in its turn, the last one's goes to the first."""
        ring = [make() for _ in range(self.parameters)]
        if self.parameters > 1:
            with m.If(self.turn):
                self._shift(m, ring, ring[-1])
        return ring

    def _shift(self, m: Module, ring: list[Any], entering: Any) -> None:
        """Move all registers of a ring on by one."""
        before = [entering, *ring[:-1]]
        m.d.sync += [register.eq(value) for register, value in zip(ring, before, strict=True)]

    def _clear(self, m: Module, ring: list[fixed.Value]) -> None:
        """Zero a ring."""
        with m.If(self._strobes.clear):
            m.d.sync += [value.eq(fixed.constant(value.shape(), 0)) for value in ring]

    def _of_parameter(self, k: int, ring: list[Any]) -> Bits:
        """Bits of parameter k, wherever it is in the ring."""
        if self.parameters == 1:
            return Bits.cast(ring[0])
        places = [Bits.cast(ring[(k + p) % self.parameters]) for p in range(self.parameters)]
        return Array(places)[self.place]

    def _correlated(self, m: Module, plus: Bits) -> tuple[fixed.Value, Bits]:
        """Make u·θ̃/Δθ, negated if there is no G, and the carry that `saturating.add` takes with it.

        With an overlapped schedule, a clock later; the strobes are heard as late.
        """
        config, bus = self.config, self.bus
        sign = Mux(bus.initialise, plus, self.correlate) if config.update_delay else plus
        negative = ~sign if config.build.accumulate else sign
        share = saturating.complement(m, bus.u, negative)
        if not config.update_delay:
            return share, negative
        amount, carry = fixed.signal(share.shape(), "amount"), Signal()
        self._strobes = Signal(bus.shape(), name="late")
        m.d.sync += [amount.eq(share), carry.eq(negative), self._strobes.eq(bus)]
        # A flip-flop of its own: it goes to all bits of θ of all cells, with no LUT on its way.
        writes, self._writes = self._writes, Signal(name="writes")
        m.d.sync += self._writes.eq(writes)
        return amount, carry

    def _learn(
        self, m: Module, thetas: list[fixed.Value], Gs: list[fixed.Value], plus: Bits
    ) -> None:
        """Accumulate and update."""
        config, bus, theta, G = self.config, self._strobes, thetas[-1], Gs[-1]
        kept, updated = self._kept(m, G), self._updated(m, theta, G)
        # With two rails both strobes can come at once: what is kept is then added to.
        before = fixed.mux(bus.update, kept, G) if config.build.rails == 2 else G
        if config.update_delay:
            accumulated = saturating.add(m, before, *self._amount)
        else:
            accumulated = self._accumulated(m, before, plus)
        only = ~bus.accumulate if config.build.rails == 2 else Const(1)
        # One enable around all, and the extremes last: flip-flops have just these two inputs.
        with m.If(bus.clear | bus.update | (bus.accumulate & self._listening(plus))):
            m.d.sync += Gs[0].eq(accumulated)
            with m.If(bus.update & only):
                m.d.sync += Gs[0].eq(kept)
            self._clear(m, Gs)
        with m.If(self._writes):
            m.d.sync += thetas[0].eq(updated)
            self._clear(m, thetas)

    def _perturb(self, m: Module, perturbations: list[Signal]) -> None:
        """Take the next perturbation: the neighbour's bit, a bit of a code, the next phase."""
        bus, code = self.bus, self.config.code
        if code is None:
            with m.If(bus.perturb):
                self._shift(m, perturbations, self.chain_i)
            return
        (perturbation,) = perturbations
        if isinstance(code, Sines):
            following: Any = perturbation + code.frequency(self.number)
        elif isinstance(code, Walsh):
            following = ~((bus.slot.index & self.number).xor() ^ bus.slot.negative)
        else:
            following = bus.slot.index == self.number
        with m.If(bus.fill):
            m.d.sync += perturbation.eq(Cat(perturbation[1:], self.chain_i))
        with m.Elif(bus.perturb):
            m.d.sync += perturbation.eq(following)
        if isinstance(code, Sines):
            with m.If(bus.clear):
                m.d.sync += perturbation.eq(0)

    @property
    def _takes_turns(self) -> bool:
        """Whether the perturbation is +Δθ or nothing."""
        return self.config.training.perturbation is Perturbation.TM

    def _sine(self, m: Module, perturbation: Signal) -> fixed.Value | None:
        """|θ̃|/Δθ of a sine; None where it is 1."""
        if self.config.training.perturbation is not Perturbation.FM:
            return None
        fraction = self.config.sine_fraction
        levels = sine_levels(fraction)
        looked_at = perturbation[-SINE_BITS:]
        place = looked_at[: SINE_BITS - 2]
        falling = looked_at[SINE_BITS - 2]
        magnitude = fixed.signal(fixed.span(0, max(levels), fraction), "magnitude")
        mirrored = place ^ falling.replicate(len(place))
        m.d.comb += magnitude.as_value().eq(Array(levels)[mirrored])
        return magnitude

    def _perturbed(self, m: Module, top: fixed.Value, plus: Bits) -> fixed.Value:
        """θ + θ̃ at the multiplier's width, which has a bit more than the top bits of θ."""
        config = self.config
        delta = 2.0**config.training.amplitude
        magnitude = self._magnitude
        tilde = fixed.signal(fixed.of(config.weight), "theta_tilde")
        if magnitude is None:
            # Δθ has one bit set, -Δθ all from there up.
            with m.If(self.perturbed & (plus if self._takes_turns else 1)):
                with m.If(plus ^ self.opposite):
                    m.d.comb += tilde.eq(fixed.constant(tilde.shape(), delta))
                with m.Else():
                    m.d.comb += tilde.eq(fixed.constant(tilde.shape(), -delta))
            return top + tilde
        moved = magnitude.scaled(config.training.amplitude)
        with m.If(self.perturbed):
            m.d.comb += tilde.eq(moved)
        weight = fixed.signal(layouts.weight(config), "top")
        m.d.comb += weight.eq(top)
        return saturating.add_or_subtract(m, weight, tilde, ~(plus ^ self.opposite))  # never does

    def _listening(self, plus: Bits) -> Bits:
        """Whether a u concerns this cell: in time multiplexing, it is that of one."""
        if self._takes_turns and not self.config.node:
            return plus | self.bus.initialise
        return Const(1)

    def _accumulated(self, m: Module, G: fixed.Value, plus: Bits) -> fixed.Value:
        """Return sat(G + u·θ̃/Δθ), by the cell's perturbation; or its neuron's, times the input."""
        bus = self.bus
        if not self.config.node:
            amount = bus.u
            magnitude = self._magnitude
            if magnitude is not None:
                amount = fixed.mux(bus.initialise, bus.u, self._rounded(m, bus.u * magnitude))
            return saturating.add_or_subtract(m, G, amount, ~plus)
        if self.multiplies:
            own = self._rounded(m, product(self.share_i, self.x, self.config))
        else:
            own = self.share_o
        initial = fixed.mux(plus, bus.u, -bus.u)
        total = G + fixed.mux(bus.initialise, initial, own)
        return fixed.named(m, total, "total").saturate(G.shape())

    def _share(self, m: Module, plus: Bits) -> fixed.Value:
        """u·θ̃/Δθ of a bias cell."""
        u = self.bus.u
        magnitude = self._magnitude
        if magnitude is not None:
            u = fixed.named(m, self._rounded(m, u * magnitude), "by_magnitude")
        opposite = fixed.constant(u.shape(), 0) if self._takes_turns else -u
        share = fixed.named(m, fixed.mux(plus, u, opposite), "share")
        return share.saturate(layouts.share(self.config))  # never does

    def _rounded(self, m: Module, value: fixed.Value) -> fixed.Value:
        """To LSBs of θ."""
        exact = fixed.named(m, value, "exact")
        return exact.reshape(self.config.theta.fraction_bits, Rounding.NEAREST_EVEN)

    def _updated(self, m: Module, theta: fixed.Value, G: fixed.Value) -> fixed.Value:
        """Return sat(θ - G), and noise if there is any; the next noise is the neighbour's."""
        if not self.config.update_noise:
            return saturating.subtract(m, theta, G)
        bus = self._strobes
        noise = fixed.signal(layouts.update_noise(self.config), "noise")
        with m.If(self.bus.fill | (bus.update & ~bus.initialise)):
            m.d.sync += noise.eq(self.noise_i)
        m.d.comb += self.noise_o.eq(noise)
        heard = fixed.mux(bus.initialise, fixed.constant(noise.shape(), 0), noise)
        return fixed.named(m, theta - G + heard, "moved").saturate(theta.shape())

    def _kept(self, m: Module, G: fixed.Value) -> fixed.Value:
        """What an update leaves of G: G - (G >> leak), rounded away from zero; 0 without a leak.

        None of the initial θ.
        """
        nothing = fixed.constant(G.shape(), 0)
        if self.config.leak == 0:
            return nothing
        leaked = G.scaled(-self.config.leak).reshape(G.shape().f_bits, Rounding.AWAY)
        rest = fixed.named(m, G - leaked, "rest").saturate(G.shape())
        return fixed.mux(self._strobes.initialise, nothing, rest)
