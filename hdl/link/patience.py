"""A time-out."""

from __future__ import annotations

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spec.link import PATIENCE


class Patience(wiring.Component):
    """Ends after some strobes without a restart.

    Parameters
    ----------
    strobes : int

    Members
    -------
    restart : In(1)
    slow : In(1)
        Strobe.
    ends : Out(1)
        With the last `slow`, and again after as many.
    """

    restart: Signal
    slow: Signal
    ends: Signal

    def __init__(self, strobes: int = PATIENCE) -> None:
        self.strobes = strobes
        super().__init__({"restart": In(1), "slow": In(1), "ends": Out(1)})

    def elaborate(self, platform: object) -> Module:
        """Build the counter."""
        m = Module()
        met = Signal(range(self.strobes), reset_less=True)
        m.d.comb += self.ends.eq(self.slow & (met == self.strobes - 1))
        # No multiplexers, of which synthesis makes an enable and a reset: a LUT each.
        m.d.sync += met.eq((met + self.slow) & (~self.restart).replicate(len(met)))
        return m
