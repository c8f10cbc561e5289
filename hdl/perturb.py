"""Random code (R-CM): the head of the delay line that runs through all cells."""

from __future__ import annotations

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.lfsr import LfsrRegister
from spec.lfsr import PERTURBATION, SEED_BITS


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
