"""Time multiplexing (TM): one cell after the other by +Δθ, the others not at all."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Array, Module, Mux, Signal, Value

from hdl.optimizer.perturbation.base import Perturbation, Source
from spec.code import STRIDES, Turns
from spec.numbers import bits_for
from spec.optimizer import PerturbationSpec


class Rota(Source):
    """Says whose turn it is, going round with a stride coprime to the number of cells.

    Latency: the turn is there when `perturb` is; it changes in the clock after.
    """

    def elaborate(self, platform: object) -> Module:
        """Build the walk through the cells, beside the line of the initial θ."""
        m = super().elaborate(platform)
        cells = self.code.cells
        stride, turn = Signal(range(cells + 1)), Signal(self.code.bits)
        following = Signal(range(2 * cells))
        m.d.comb += [self.broadcast.turn_of.eq(turn), following.eq(turn + stride)]
        with m.If(self.load):
            m.d.sync += [
                stride.eq(Array(self.code.strides)[self.seed[: bits_for(STRIDES)]]),
                turn.eq((self.seed[16:] * cells) >> 16),
            ]
        with m.Elif(self.perturb):
            over = following >= cells
            m.d.sync += turn.eq(following - Mux(over, cells, 0))
        return m


class TimeMultiplexing(Perturbation):
    """A cell knows by its number whether it is its turn, and hears u only then."""

    makes_line = Rota

    def __init__(self, spec: PerturbationSpec) -> None:
        super().__init__(spec)
        assert isinstance(spec.code, Turns)
        self.broadcast = {"turn_of": spec.code.bits}

    def follow(self, m: Module, state: Signal, bus: Any, line: Any, number: Any) -> None:
        """Take the neighbour's bit with `fill`, or whether it is the cell's turn."""
        with m.If(bus.fill):
            m.d.sync += state.eq(line.bit)
        with m.Elif(bus.perturb):
            m.d.sync += state.eq(bus.turn_of == number)

    def active(self, tilde: Any) -> Value:
        """Whether it is the cell's turn."""
        return tilde.plus


MAKES = {"tm": TimeMultiplexing}
