"""A time-out."""

from __future__ import annotations

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spec.link import PATIENCE


class Patience(wiring.Component):
    """Ends after `PATIENCE` strobes without a restart.

    Members
    -------
    restart : In(1)
    slow : In(1)
        Strobe.
    ends : Out(1)
        With the last `slow`, and with each `PATIENCE`th after that.
    """

    restart: Signal
    slow: Signal
    ends: Signal

    def __init__(self) -> None:
        super().__init__({"restart": In(1), "slow": In(1), "ends": Out(1)})

    def elaborate(self, platform: object) -> Module:
        """Build the counter."""
        m = Module()
        met = Signal(range(PATIENCE), reset_less=True)
        m.d.comb += self.ends.eq(self.slow & (met == PATIENCE - 1))
        # No multiplexers, of which synthesis makes an enable and a reset: a LUT each.
        m.d.sync += met.eq((met + self.slow) & (~self.restart).replicate(len(met)))
        return m
