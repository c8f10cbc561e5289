"""CRC-32, a bit a clock."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from spec.link import POLYNOMIAL


class Crc(wiring.Component):
    """The CRC-32 of the bits so far, the lowest of each byte first.

    Latency: a clock. Throughput: a bit a clock.

    Members
    -------
    clear : In(1)
        Strobe: begin again.
    shift : In(1)
        Strobe: take `bit`.
    bit : In(1)
    out : In(1)
        With `shift`: take no bit, but go on to the next bit of the CRC itself, 32 times.
    crc_bit : Out(1)
        The lowest bit of the CRC, as it is sent.
    """

    clear: Signal
    shift: Signal
    bit: Signal
    out: Signal
    crc_bit: Signal

    def __init__(self) -> None:
        super().__init__(
            {
                "clear": In(1),
                "shift": In(1),
                "bit": In(1),
                "out": In(1),
                "crc_bit": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the shift register."""
        m = Module()
        crc = Signal(32, reset_less=True)
        feedback = Signal()
        m.d.comb += [
            feedback.eq((crc[0] ^ self.bit) & ~self.out),
            self.crc_bit.eq(~crc[0]),
        ]
        with m.If(self.clear):
            m.d.sync += crc.eq(0xFFFFFFFF)
        with m.Elif(self.shift):
            m.d.sync += crc.eq((crc >> 1) ^ Mux(feedback, POLYNOMIAL, 0))
        return m
