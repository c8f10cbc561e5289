"""Fibonacci LFSR with leap-forward: several shifts in one clock."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spec.lfsr import SEED_BITS, Lfsr


class LfsrRegister(wiring.Component):
    """One LFSR, so many shifts a strobe.

    Latency: `latency` clocks from `load` or `shift` to `state`. Throughput: a leap a clock.

    Parameters
    ----------
    spec : Lfsr
        Width and taps.
    leaps : int
        Shifts of each strobe, at most the lowest tap: each new bit then is one XOR of old ones. By
        default there is one strobe, of one shift.

    Members
    -------
    seed : In(32)
        The `seed` register; loaded as `Lfsr.load` says.
    load, shift : In(1), In(leaps)
        Strobes; `load` wins, and of several shifts the first.
    state : Out(width)
    """

    seed: Signal
    load: Signal
    shift: Signal
    state: Signal

    latency = 1

    def __init__(self, spec: Lfsr, *leaps: int) -> None:
        for leap in leaps:
            if not 0 <= leap <= min(spec.taps):
                raise ValueError(
                    f"leap = {leap}: must be from 0 to {min(spec.taps)}, the lowest tap"
                )
        self.spec = spec
        self.leaps = leaps or (1,)
        super().__init__(
            {
                "seed": In(SEED_BITS),
                "load": In(1),
                "shift": In(len(self.leaps)),
                "state": Out(spec.width, init=1),  # pyright: ignore[reportCallIssue]
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the register and its feedback."""
        m = Module()
        new = []
        for k in range(max(self.leaps)):
            bit = self.state[self.spec.taps[0] - 1 - k]
            for tap in self.spec.taps[1:]:
                bit = bit ^ self.state[tap - 1 - k]
            new.append(bit)
        seed = self.seed[: self.spec.width]
        above = [~self.seed, self.seed] * (self.spec.width // SEED_BITS)
        zero = seed == 0 if self.spec.width <= SEED_BITS else 0
        with m.If(self.load):
            m.d.sync += self.state.eq(Cat(seed[0] | zero, seed[1:], *above))
        for strobe, leap in zip(self.shift, self.leaps, strict=True):
            with m.Elif(strobe):
                m.d.sync += self.state.eq(Cat(*reversed(new[:leap]), self.state))
        return m
