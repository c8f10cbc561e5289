"""CRC-32, a bit a clock."""

from __future__ import annotations

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spec.link import POLYNOMIAL


class Crc(wiring.Component):
    """The CRC-32 of the bits since a restart, the lowest of each byte first.

    Latency: two clocks. Throughput: a bit a clock.

    Members
    -------
    shift : In(1)
        Strobe: take `bit`.
    bit : In(1)
    restart : In(1)
        Strobe, not in the clock after `shift`.
    out : In(1)
        Strobe, not in the clock after `shift`: go on to the next bit of the CRC itself, 32 times.
    crc_bit : Out(1)
        The lowest bit of the CRC, as it is sent.
    """

    shift: Signal
    bit: Signal
    restart: Signal
    out: Signal
    crc_bit: Signal

    def __init__(self) -> None:
        super().__init__(
            {
                "shift": In(1),
                "bit": In(1),
                "restart": In(1),
                "out": In(1),
                "crc_bit": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the shift register."""
        m = Module()
        crc = Signal(32, reset_less=True)
        # A clock ahead, so that each bit of the CRC is one LUT: whether the polynomial is added.
        # With the bit before still to come, the lowest bit will be what is the second one now.
        adds, takes = Signal(reset_less=True), Signal()
        m.d.comb += self.crc_bit.eq(~crc[0])
        m.d.sync += [
            takes.eq(self.shift),
            adds.eq(self.shift & (self.bit ^ Mux(takes, crc[1], crc[0]))),
        ]
        with m.If(self.restart):
            m.d.sync += crc.eq(-1)
        with m.Elif(takes | self.out):
            m.d.sync += crc.eq(Cat(crc[1:], 0) ^ Mux(adds, POLYNOMIAL, 0))
        return m
