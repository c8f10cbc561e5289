"""Perturbations: the head of the delay line of random bits, and where a periodic code is."""

from __future__ import annotations

from amaranth.hdl import Array, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import layouts
from hdl.number.lfsr import LfsrRegister
from spec.code import STRIDES, Turns, Walsh
from spec.config import Config
from spec.lfsr import PERTURBATION, SEED_BITS
from spec.numbers import bits_for


class RandomCode(wiring.Component):
    """Gives the delay line a new random bit at each perturbation.

    Latency: the bit is there when `perturb` is; it is the next one `latency` clocks later.

    Members
    -------
    seed : In(32)
    load : In(1)
        Strobe: restart from the seed.
    perturb : In(1)
        Strobe: the line shifts.
    bit : Out(1)
        What the first cell takes: 1 is +Δθ, 0 is -Δθ.
    """

    seed: Signal
    load: Signal
    perturb: Signal
    bit: Signal

    latency = LfsrRegister.latency

    def __init__(self) -> None:
        super().__init__({"seed": In(SEED_BITS), "load": In(1), "perturb": In(1), "bit": Out(1)})

    def elaborate(self, platform: object) -> Module:
        """Build the LFSR."""
        m = Module()
        m.submodules.lfsr = lfsr = LfsrRegister(PERTURBATION)
        m.d.comb += [
            lfsr.seed.eq(self.seed),
            lfsr.load.eq(self.load),
            lfsr.shift.eq(self.perturb),
            self.bit.eq(lfsr.state[-1]),
        ]
        return m


class PeriodicCode(wiring.Component):
    """Says where a broadcast code is, Walsh or by turns; each cell derives its own bit from that.

    Latency: the slot is there when `perturb` is; it changes in the clock after.

    Parameters
    ----------
    config : Config
        With Walsh codes or time multiplexing.

    Members
    -------
    seed : In(32)
    load : In(1)
        Strobe: restart from the seed.
    perturb : In(1)
        Strobe: the next slot.
    slot : Out(layouts.slot)
    """

    seed: Signal
    load: Signal
    perturb: Signal
    slot: data.View

    def __init__(self, config: Config) -> None:
        assert isinstance(config.code, Walsh | Turns)
        self.config = config
        slot = layouts.slot(config.code)
        super().__init__(
            {"seed": In(SEED_BITS), "load": In(1), "perturb": In(1), "slot": Out(slot)}
        )

    def elaborate(self, platform: object) -> Module:
        """Build the walk through the slots."""
        m = Module()
        if isinstance(self.config.code, Walsh):
            self._columns(m, self.config.code)
        elif isinstance(self.config.code, Turns):
            self._turns(m, self.config.code)
        return m

    def _columns(self, m: Module, code: Walsh) -> None:
        """Column 0, then the states of an LFSR; then the same with the other sign."""
        m.submodules.lfsr = lfsr = LfsrRegister(code.lfsr)
        place, negative = Signal(code.bits), Signal()
        m.d.comb += [
            lfsr.seed.eq(self.seed),
            lfsr.load.eq(self.load),
            lfsr.shift.eq(self.perturb & (place != 0)),
            self.slot.index.eq(Mux(place == 0, 0, lfsr.state)),
            self.slot.negative.eq(negative),
        ]
        with m.If(self.load):
            m.d.sync += [place.eq(0), negative.eq(0)]
        with m.Elif(self.perturb):
            m.d.sync += [place.eq(place + 1), negative.eq(negative ^ place.all())]

    def _turns(self, m: Module, code: Turns) -> None:
        """Go round with a stride coprime to P."""
        stride, turn = Signal(range(code.cells + 1)), Signal(code.bits)
        following = Signal(range(2 * code.cells))
        m.d.comb += [self.slot.index.eq(turn), following.eq(turn + stride)]
        with m.If(self.load):
            m.d.sync += [
                stride.eq(Array(code.strides)[self.seed[: bits_for(STRIDES)]]),
                turn.eq((self.seed[16:] * code.cells) >> 16),
            ]
        with m.Elif(self.perturb):
            over = following >= code.cells
            m.d.sync += turn.eq(following - Mux(over, code.cells, 0))
