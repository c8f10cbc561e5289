"""Near-Gaussian noise from two shift registers."""

from __future__ import annotations

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.number import fixed
from hdl.number.lfsr import LfsrRegister
from spec.lfsr import SEED_BITS
from spec.noise import CENTRE, DRAW_BITS, Gaussian, Registers
from spec.numbers import Rounding


class NoiseSource(wiring.Component):
    """Draws ν = RNE((sum of bytes - centre) · factor / 2**shift).

    Latency: the draw is there when `advance` is; it is the next one in the clock after.
    Throughput: a draw a clock.

    Parameters
    ----------
    gaussian : Gaussian
        The constants.
    registers : Registers
        Whose low bits are the bytes.
    f_bits : int
        Fraction bits of a draw.

    Members
    -------
    seed : In(32)
    load : In(1)
        Strobe: restart from the seed, with 0 as the first draw.
    advance : In(1)
        Strobe: the next draw.
    sample : Out(fixed.Shape)
    """

    seed: Signal
    load: Signal
    advance: Signal
    sample: fixed.Value

    def __init__(self, gaussian: Gaussian, registers: Registers, f_bits: int) -> None:
        self.gaussian = gaussian
        self.registers = registers
        shape = shapes.draw(gaussian, f_bits)
        super().__init__(
            {"seed": In(SEED_BITS), "load": In(1), "advance": In(1), "sample": Out(shape)}
        )

    def elaborate(self, platform: object) -> Module:
        """Build the LFSRs, the sum and the scaling."""
        m = Module()
        drawn = []
        for spec in self.registers:
            m.submodules[f"lfsr_{spec.width}"] = lfsr = LfsrRegister(spec, DRAW_BITS)
            m.d.comb += [
                lfsr.seed.eq(self.seed),
                lfsr.load.eq(self.load),
                lfsr.shift.eq(self.advance),
            ]
            drawn += [lfsr.state[first_bit : first_bit + 8] for first_bit in range(0, DRAW_BITS, 8)]
        scaled = (sum(drawn[1:], drawn[0]) - CENTRE) * self.gaussian.factor
        f_bits = self.sample.shape().f_bits
        exact = fixed.Value(fixed.Shape(scaled.shape(), f_bits + self.gaussian.shift), scaled)
        draw = fixed.signal(self.sample.shape())
        with m.If(self.load):
            m.d.sync += draw.eq(fixed.constant(draw.shape(), 0))
        with m.Elif(self.advance):
            rounded = fixed.named(m, exact, "exact").reshape(f_bits, Rounding.NEAREST_EVEN)
            rounded = fixed.named(m, rounded, "rounded")
            m.d.sync += draw.eq(rounded.saturate(draw.shape()))  # never does
        m.d.comb += self.sample.eq(draw)
        return m
