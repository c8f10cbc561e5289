"""Walsh code (CM): cell k has the sign of parity(k AND c) in column c, which all cells hear."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal

from hdl.number.lfsr import LfsrRegister
from hdl.optimizer.perturbation.base import Perturbation, Source
from spec.code import Walsh
from spec.optimizer import PerturbationSpec


class Columns(Source):
    """Says which column is now: 0, then the states of an LFSR; then the same with other signs.

    Latency: the column is there when `perturb` is; it changes in the clock after.
    """

    def elaborate(self, platform: object) -> Module:
        """Build the walk through the columns, beside the line of the initial θ."""
        m = super().elaborate(platform)
        m.submodules.columns = lfsr = LfsrRegister(self.code.lfsr)
        place, negative = Signal(self.code.bits), Signal()
        m.d.comb += [
            lfsr.seed.eq(self.seed),
            lfsr.load.eq(self.load),
            lfsr.shift.eq(self.perturb & (place != 0)),
            self.broadcast.column.eq(Mux(place == 0, 0, lfsr.state)),
            self.broadcast.negative.eq(negative),
        ]
        with m.If(self.load):
            m.d.sync += [place.eq(0), negative.eq(0)]
        with m.Elif(self.perturb):
            m.d.sync += [place.eq(place + 1), negative.eq(negative ^ place.all())]
        return m


class WalshCode(Perturbation):
    """Each cell derives its sign from the column and its number."""

    makes_line = Columns

    def __init__(self, spec: PerturbationSpec) -> None:
        super().__init__(spec)
        assert isinstance(spec.code, Walsh)
        self.broadcast = {"column": spec.code.bits, "negative": 1}

    def follow(self, m: Module, state: Signal, bus: Any, line: Any, number: Any) -> None:
        """Take the neighbour's bit with `fill`, or the sign in the column."""
        with m.If(bus.fill):
            m.d.sync += state.eq(line.bit)
        with m.Elif(bus.perturb):
            m.d.sync += state.eq(~((bus.column & number).xor() ^ bus.negative))


MAKES = {"cm": WalshCode}
