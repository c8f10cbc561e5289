"""Converters on SPI: what a frame of a chip looks like, and how many clocks it takes.

A frame goes most significant bit first. CS is low for one half period of SCLK more than its bits
take: SCLK is low, then high and low once a bit. A chip takes a bit at one edge of SCLK and puts out
the next one at the other; the bit it puts out is looked at when the following one is due, a whole
period after its edge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from spec.errors import InputError

MOST_BITS = 64
"""Of a frame."""

MOST_NS = 1_000_000
"""Of any time."""

READ_LATENCY = 3
"""Clocks from the end of an ADC's frame to its value: two registers that bring its output in step
with the clock, and the value's own."""


def clocks(ns: int, clock_hz: float) -> int:
    """Return the fewest clocks, at least one, that take so many nanoseconds."""
    return max(1, math.ceil(ns * clock_hz / 1e9))


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What frames to a DAC and of an ADC have in common.

    Parameters
    ----------
    frame_bits : int
        From 1 to `MOST_BITS`. Bit 0 is the last one.
    command : int
        The bits of the frame sent that are always the same; 0 where channel or a DAC's value go.
    channel_bits, channel_at : int
        Width of the channel's number in the frame sent, and the place of its LSB; 0 bits if a chip
        has one channel.
    channels : int
        Of a chip.
    value_bits, value_at : int
        Width of the value, and the place of its LSB: in the frame sent to a DAC, or received from
        an ADC.
    falling : bool
        Whether the chip takes a bit at SCLK's falling edge, not at its rising one.
    sclk_ns : int
        Least period of SCLK; each half lasts at least half of it.
    high_ns : int
        Least time of CS high before the next frame, or before LDAC falls.

    Raises
    ------
    InputError
        If a number is out of range, or fields are outside the frame or overlap.
    """

    frame_bits: int
    value_bits: int
    sclk_ns: int
    command: int = 0
    channel_bits: int = 0
    channel_at: int = 0
    channels: int = 1
    value_at: int = 0
    falling: bool = False
    high_ns: int = 0

    def __post_init__(self) -> None:
        self._range("frame_bits", 1, MOST_BITS)
        self._range("value_bits", 1, self.frame_bits)
        self._range("value_at", 0, self.frame_bits - self.value_bits)
        self._range("channel_bits", 0, self.frame_bits)
        self._range("channel_at", 0, self.frame_bits - self.channel_bits)
        self._range("channels", 1, 1 << self.channel_bits)
        self._range("command", 0, (1 << self.frame_bits) - 1)
        self._apart("command", self.command, "channel", self._channel)
        self._range("sclk_ns", 1, MOST_NS)
        self._range("high_ns", 0, MOST_NS)

    @property
    def _channel(self) -> int:
        return ((1 << self.channel_bits) - 1) << self.channel_at

    @property
    def _value(self) -> int:
        return ((1 << self.value_bits) - 1) << self.value_at

    def _range(self, name: str, low: int, high: int) -> None:
        value = getattr(self, name)
        if not low <= value <= high:
            raise InputError(f"{name} = {value}: must be from {low} to {high}")

    def _apart(self, one: str, mask: int, other: str, others: int) -> None:
        if common := mask & others:
            raise InputError(
                f"{one} and {other} overlap: both have bit {common.bit_length() - 1} of the frame"
            )

    def half_period(self, clock_hz: float) -> int:
        """Return the clocks in half a period of SCLK."""
        return max(1, math.ceil(self.sclk_ns * clock_hz / 2e9))

    def low_clocks(self, clock_hz: float) -> int:
        """Return the clocks in which CS is low."""
        return (2 * self.frame_bits + 1) * self.half_period(clock_hz)


@dataclass(frozen=True, kw_only=True)
class DacShape(Shape):
    """What a DAC's frame looks like. To what `Shape` says, it adds LDAC.

    Parameters
    ----------
    setup : int
        A whole frame that goes to all chips before the first value of a run; 0 if they need none.
    load : bool
        Whether outputs change all together, as LDAC falls; else each does with its frame.
    load_ns : int
        Least time of LDAC low.
    """

    setup: int = 0
    load: bool = False
    load_ns: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._apart("command", self.command, "value", self._value)
        self._apart("channel", self._channel, "value", self._value)
        self._range("setup", 0, (1 << self.frame_bits) - 1)
        self._range("load_ns", 0, MOST_NS)

    def write_clocks(self, clock_hz: float) -> int:
        """Return the clocks from one value to the next, back to back."""
        return self.low_clocks(clock_hz) + clocks(self.high_ns, clock_hz)

    def setup_clocks(self, clock_hz: float) -> int:
        """Return the clocks that the frame before the first value takes."""
        return self.write_clocks(clock_hz) if self.setup else 0

    def load_clocks(self, clock_hz: float) -> int:
        """Return the clocks that a pulse of LDAC adds; in all but the first, LDAC is low."""
        return 1 + clocks(self.load_ns, clock_hz) if self.load else 0


@dataclass(frozen=True, kw_only=True)
class AdcShape(Shape):
    """What an ADC's frame looks like. To what `Shape` says, it adds the conversion.

    Parameters
    ----------
    convert_ns : int
        Of a chip whose conversion begins as CS rises: how long CS is high then, before the frame
        that has the result. 0 if the chip converts within the frame.
    """

    convert_ns: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._range("convert_ns", 0, MOST_NS)

    def convert_clocks(self, clock_hz: float) -> int:
        """Return the clocks of CS high between start and frame: 0 if it converts in the frame."""
        return clocks(max(self.convert_ns, self.high_ns), clock_hz) if self.convert_ns else 0

    def read_clocks(self, clock_hz: float) -> int:
        """Return the clocks from a start to the value."""
        return self.convert_clocks(clock_hz) + self.low_clocks(clock_hz) + READ_LATENCY

    def rest_clocks(self, clock_hz: float) -> int:
        """Return the clocks from the end of a frame to the next start."""
        high = 0 if self.convert_ns else clocks(self.high_ns, clock_hz)
        return max(READ_LATENCY, high)

    def start_clocks(self, clock_hz: float) -> int:
        """Return the clocks from one start to the next, back to back."""
        rest = self.rest_clocks(clock_hz)
        return self.convert_clocks(clock_hz) + self.low_clocks(clock_hz) + rest


# TI SBAS430: four prefix bits, command 0 (write to the input register), address, value, four
# feature bits. SYNC is to be high for 80 ns; LDAC may fall 40 ns after the last bit.
_DAC8568 = DacShape(
    frame_bits=32,
    value_bits=16,
    value_at=4,
    channel_bits=4,
    channel_at=20,
    channels=8,
    falling=True,
    load=True,
    sclk_ns=20,
    high_ns=80,
    load_ns=80,
)

DACS = {
    # Its internal reference is off until command 8 switches it on (static mode). One that is wired
    # to the same pin must not meet it.
    "dac8568": replace(_DAC8568, setup=0x08000001),
    "dac8568-external": _DAC8568,
    # Microchip DS22250: A or B, unbuffered, gain 1, not shut down, value. CS is to be high for
    # 15 ns before the next frame, but for 40 ns before LDAC falls.
    "mcp4922": DacShape(
        frame_bits=16,
        value_bits=12,
        channel_bits=1,
        channel_at=15,
        channels=2,
        command=0x3000,
        load=True,
        sclk_ns=50,
        high_ns=40,
        load_ns=100,
    ),
}
"""By name: DACs whose frames are known."""

ADCS = {
    # Microchip DS21295: a start bit, single-ended, channel; a clock to sample, a null bit, value.
    # At 1.35 MHz, as from 2.7 V on; 3.6 MHz needs 5 V.
    "mcp3008": AdcShape(
        frame_bits=17,
        value_bits=10,
        channel_bits=3,
        channel_at=12,
        channels=8,
        command=0x18000,
        sclk_ns=741,
        high_ns=270,
    ),
    # TI SBAS633: samples as CONVST/CS rises; no operation is all zeros, and the result is on top.
    "ads8681": AdcShape(
        frame_bits=32,
        value_bits=16,
        value_at=16,
        sclk_ns=15,
        convert_ns=665,
    ),
}
"""By name: ADCs whose frames are known."""
