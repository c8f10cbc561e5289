"""Frequency multiplexing (FM): a sine of its own for each cell; or only its sign."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Array, Cat, Module, Signal, Value

from hdl.number import fixed, saturating
from hdl.optimizer.perturbation.base import Perturbation
from spec.code import SINE_BITS, Sines, sine_levels
from spec.numbers import Rounding
from spec.optimizer import PerturbationSpec


class SquareWaves(Perturbation):
    """Square waves: the highest bit of a cell's phase is its sign.

    The line runs through the highest bits, so that the initial θ is that of all others; what was
    there moves down, which makes the phases random.
    """

    def __init__(self, spec: PerturbationSpec) -> None:
        super().__init__(spec)
        assert isinstance(spec.code, Sines)
        self.code = spec.code
        self.bits = self.code.phase_bits

    def follow(self, m: Module, state: Signal, bus: Any, line: Any, number: Any) -> None:
        """Let a bit in at the top with `fill`, or go on by the cell's frequency."""
        with m.If(bus.fill):
            m.d.sync += state.eq(Cat(state[1:], line.bit))
        with m.Elif(bus.perturb):
            m.d.sync += state.eq((state + self.code.frequency(number))[: self.bits])
        with m.If(bus.clear):
            m.d.sync += state.eq(0)


class SineWaves(SquareWaves):
    """Sines of amplitude √2·Δθ, from a table of a quarter."""

    scales = True

    def __init__(self, spec: PerturbationSpec) -> None:
        super().__init__(spec)
        self.levels = sine_levels(spec.fraction_bits)
        self.magnitude = fixed.span(0, max(self.levels), spec.fraction_bits)
        self.tilde = {"plus": 1, "magnitude": self.magnitude}

    def decode(self, m: Module, state: Value, tilde: Any) -> None:
        """Look at the highest bits of the phase: two for the quadrant, four for the place in it."""
        looked_at = state[-SINE_BITS:]
        place = looked_at[: SINE_BITS - 2]
        falling = looked_at[SINE_BITS - 2]
        mirrored = place ^ falling.replicate(len(place))
        m.d.comb += [
            tilde.plus.eq(state[-1]),
            tilde.magnitude.as_value().eq(Array(self.levels)[mirrored]),
        ]

    def perturbed(self, m: Module, top: fixed.Value, tilde: Any, tag: Any, name: str) -> Any:
        """Return θ + θ̃ at the multiplier's width, or θ - θ̃, or θ, as the tag says."""
        moved = tilde.magnitude.scaled(self.spec.amplitude)
        heard = fixed.signal(moved.shape(), name)
        with m.If(tag.perturb):
            m.d.comb += heard.eq(moved)
        shape = top.shape()
        weight = fixed.signal(fixed.SQ(shape.i_bits + 1, shape.f_bits), f"{name}_top")
        m.d.comb += weight.eq(top)
        negative = ~(tilde.plus ^ tag.negate)
        return saturating.add_or_subtract(m, weight, heard, negative)  # never does

    def amount(self, u: fixed.Shape) -> fixed.Shape:
        """Shape of what `correlated` returns, for that of u."""
        exact = fixed.signal(u) * fixed.signal(self.magnitude)
        rounded = exact.reshape(u.f_bits, Rounding.NEAREST_EVEN)
        return fixed.mux(Signal(), fixed.signal(u), rounded).shape()

    def correlated(self, m: Module, u: fixed.Value, tilde: Any, initialise: Value) -> fixed.Value:
        """Return `RNE(u·|θ̃|/Δθ)`; u itself of the initial θ."""
        exact = fixed.named(m, u * tilde.magnitude, "u_times_magnitude")
        rounded = exact.reshape(u.shape().f_bits, Rounding.NEAREST_EVEN)
        return fixed.mux(initialise, u, fixed.named(m, rounded, "u_rounded"))


MAKES = {"fm": SineWaves, "fm_square": SquareWaves}
