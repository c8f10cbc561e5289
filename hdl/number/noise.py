"""Near-Gaussian noise from a shift register."""

from __future__ import annotations

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.number import fixed
from hdl.number.lfsr import LfsrRegister
from spec.lfsr import SEED_BITS, Lfsr
from spec.noise import BYTES, CENTRE, DRAW_BITS, Gaussian
from spec.numbers import Rounding


class NoiseSource(wiring.Component):
    """Draws ν = RNE((sum of bytes - centre) · factor / 2**shift).

    Latency: the draw is there when `advance` is; it is the next one in the clock after.
    Throughput: a draw a clock.

    Parameters
    ----------
    gaussian : Gaussian
        The constants.
    lfsr : Lfsr
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

    def __init__(self, gaussian: Gaussian, lfsr: Lfsr, f_bits: int) -> None:
        self.gaussian = gaussian
        self.lfsr = lfsr
        shape = shapes.draw(gaussian, f_bits)
        super().__init__(
            {"seed": In(SEED_BITS), "load": In(1), "advance": In(1), "sample": Out(shape)}
        )

    def elaborate(self, platform: object) -> Module:
        """Build the LFSR, the sum and the scaling."""
        m = Module()
        m.submodules.lfsr = lfsr = LfsrRegister(self.lfsr, DRAW_BITS)
        m.d.comb += [
            lfsr.seed.eq(self.seed),
            lfsr.load.eq(self.load),
            lfsr.shift.eq(self.advance),
        ]
        total = sum((lfsr.state[8 * k : 8 * k + 8] for k in range(1, BYTES)), lfsr.state[:8])
        scaled = (total - CENTRE) * self.gaussian.factor
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
