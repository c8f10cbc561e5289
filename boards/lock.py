"""How long a PLL must have been locked before its clock is used."""

from __future__ import annotations

from math import ceil

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

HOLD_US = 15
"""From a PLL's lock to the end of the reset of an iCE40: as in Amaranth's platform without a PLL.

Block RAM reads as zero for some 3 µs after configuration.
"""


class Lock(wiring.Component):
    """Says when a PLL has been locked for `HOLD_US`; a lock that is lost starts the wait again.

    Latency: two clocks more, and two when the lock is lost.

    Parameters
    ----------
    clock_mhz : float
        Of the domain `sync`, which has no reset.

    Members
    -------
    locked : In(1)
        Asynchronous.
    ready : Out(1)
    """

    locked: Signal
    ready: Signal

    def __init__(self, clock_mhz: float) -> None:
        self.clocks = ceil(HOLD_US * clock_mhz)
        super().__init__({"locked": In(1), "ready": Out(1)})

    def elaborate(self, platform: object) -> Module:
        """Count up, as an iCE40's flip-flops start from 0."""
        m = Module()
        steady = Signal()
        timer = Signal(range(self.clocks + 1))
        m.submodules.synchroniser = FFSynchronizer(self.locked, steady)
        m.d.comb += self.ready.eq(steady & (timer == self.clocks))
        with m.If(~steady):
            m.d.sync += timer.eq(0)
        with m.Elif(~self.ready):
            m.d.sync += timer.eq(timer + 1)
        return m
