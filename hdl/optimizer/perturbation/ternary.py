"""Ternary code: each cell +Δθ, 0 or -Δθ with probability ¼, ½, ¼."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Signal, Value

from hdl.optimizer.perturbation.base import Source
from hdl.optimizer.perturbation.random import RandomCode
from spec.lfsr import SECOND


class TwoBits(Source):
    """The head of a line of two bits: a sign, and whether θ̃ is not 0."""

    def elaborate(self, platform: object) -> Module:
        """Build the second bit beside the line of signs."""
        m = super().elaborate(platform)
        m.d.comb += self.line.active.eq(Cat(self.lfsr.state[bit] for bit in SECOND).xor())
        return m


class Ternary(RandomCode):
    """Each cell takes its neighbour's two bits, the sign above, and hears u where θ̃ is not 0."""

    bits = 2
    line = {"bit": 1, "active": 1}
    tilde = {"plus": 1, "active": 1}
    makes_line = TwoBits

    def follow(self, m: Module, state: Signal, bus: Any, line: Any, number: Any) -> None:
        """Take the neighbour's bits."""
        with m.If(bus.perturb):
            m.d.sync += state.eq(Cat(line.active, line.bit))

    def pass_on(self, m: Module, state: Value, line: Any) -> None:
        """Drive what the next cell takes."""
        m.d.comb += [line.active.eq(state[0]), line.bit.eq(state[1])]

    def decode(self, m: Module, state: Value, tilde: Any) -> None:
        """Drive θ̃."""
        m.d.comb += [tilde.active.eq(state[0]), tilde.plus.eq(state[1])]

    def active(self, tilde: Any) -> Value:
        """Whether θ̃ is not 0."""
        return tilde.active


MAKES = {"ternary": Ternary}
