"""Waits after power-up, until what an FPGA holds can be read."""

from __future__ import annotations

from math import ceil

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import Out

WAIT_US = 20
"""Block RAM of an iCE40 reads as zero for some 3 µs after configuration.

So those found who looked (YosysHQ/icestorm#76, cliffordwolf/icotools#2); Lattice documents nothing.
Amaranth's reset of the domain lasts 15 µs for it, where there is one: an ECP5 has none, and is let
off by its global reset, whose end is not in the same clock everywhere. Then it is well that nothing
moves yet.
"""


class PowerUp(wiring.Component):
    """Says when a board has been up for `WAIT_US`; a reset starts the wait again.

    Latency: `clocks` clocks after the reset.

    Parameters
    ----------
    clock_mhz : float
        Of the `sync` domain.

    Attributes
    ----------
    clocks : int

    Members
    -------
    ready : Out(1)
        From then on 1.
    """

    ready: Signal

    def __init__(self, clock_mhz: float) -> None:
        self.clocks = max(1, ceil(WAIT_US * clock_mhz))
        super().__init__({"ready": Out(1)})

    def elaborate(self, platform: object) -> Module:
        """Count down."""
        m = Module()
        left = Signal(range(self.clocks), init=self.clocks - 1)
        with m.If(left == 0):
            m.d.sync += self.ready.eq(1)
        with m.Else():
            m.d.sync += left.eq(left - 1)
        return m
