"""Fibonacci LFSR with leap-forward: several shifts in one clock."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spec.lfsr import SEED_BITS, Lfsr


class LfsrRegister(wiring.Component):
    """One LFSR, `leap` shifts a strobe.

    Latency: `latency` clocks from `load` or `shift` to `state`. Throughput: `leap` bits a clock.

    Parameters
    ----------
    spec : Lfsr
        Width and taps.
    leap : int
        Shifts a strobe, at most the lowest tap: each new bit then is one XOR of old ones.

    Members
    -------
    seed : In(32)
        The `seed` register; loaded as `Lfsr.load` says.
    load, shift : In(1)
        Strobes; `load` wins.
    state : Out(width)
    """

    seed: Signal
    load: Signal
    shift: Signal
    state: Signal

    latency = 1

    def __init__(self, spec: Lfsr, leap: int = 1) -> None:
        if not 0 <= leap <= min(spec.taps):
            raise ValueError(f"leap = {leap}: must be from 0 to {min(spec.taps)}, the lowest tap")
        self.spec = spec
        self.leap = leap
        super().__init__(
            {
                "seed": In(SEED_BITS),
                "load": In(1),
                "shift": In(1),
                "state": Out(spec.width, init=1),  # pyright: ignore[reportCallIssue]
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the register and its feedback."""
        m = Module()
        new = []
        for k in range(self.leap):
            bit = self.state[self.spec.taps[0] - 1 - k]
            for tap in self.spec.taps[1:]:
                bit = bit ^ self.state[tap - 1 - k]
            new.insert(0, bit)
        seed = self.seed[: self.spec.width]
        above = [~self.seed, self.seed] * (self.spec.width // SEED_BITS)
        zero = seed == 0 if self.spec.width <= SEED_BITS else 0
        with m.If(self.load):
            m.d.sync += self.state.eq(Cat(seed[0] | zero, seed[1:], *above))
        with m.Elif(self.shift):
            m.d.sync += self.state.eq(Cat(*new, self.state))
        return m
