"""The link: what gateware, golden model and host must agree on. docs/link.md describes it."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from functools import cached_property

from spec.errors import InputError
from spec.numbers import bits_for

VERSION = 1
"""Of the protocol; the answer to `Operation.SYNC` carries it."""

MAX_WORDS = 60
"""Words of 32 bits in a frame. With so few, a frame has no run of 254 bytes without a zero, and
COBS is always one byte longer than what it encodes."""

ADDRESS_BITS = 16
"""Of a word's address."""

HEADER_BYTES = 5
"""Of a request: sequence number, operation, address (2), count."""

CRC_BYTES = 4

ANSWER_BYTES = 4
"""Of an answer apart from its words and CRC: sequence number, operation; remaining, status."""

QUEUE_BYTES = 512
"""The device's receive queue. It holds one byte less: so many bytes of requests, with code bytes
and delimiters, may be without an answer."""

POLYNOMIAL = 0xEDB88320
"""CRC-32 as in Ethernet and zlib, lowest bit first; begins with all ones, is sent inverted."""

SLOW_BITS = 512
"""Time-outs of the device are counted in so many bits on the line …"""

PATIENCE = 4
"""… and end with the fourth: after more than 3 times and at most 4 times `SLOW_BITS`. That is less
than the longest frame takes. Of a register that takes longer, `Rate.patience` says how many."""

LEAST_CLOCKS = 4
"""Clocks of the device in a bit."""

TOLERANCE = 0.005
"""How far the device's bits may be from the baud rate, relative. 8N1 stands a few hundredths."""


class Operation(enum.IntEnum):
    """What a request asks for.

    `READ` and `WRITE` go on to the next address with each word; `READ_SAME` and `WRITE_SAME` stay.
    """

    READ = 1
    WRITE = 2
    SYNC = 4
    READ_SAME = 5
    WRITE_SAME = 6

    @property
    def writes(self) -> bool:
        """Whether the request carries words."""
        return self in (Operation.WRITE, Operation.WRITE_SAME)

    @property
    def reads(self) -> bool:
        """Whether the answer carries words."""
        return self in (Operation.READ, Operation.READ_SAME)

    @property
    def step(self) -> int:
        """From a word's address to the next one's."""
        return int(self in (Operation.READ, Operation.WRITE))


class Status(enum.IntEnum):
    """How a request went.

    In answers up to `TIMEOUT`, `remaining` counts the words that were not read or written; in those
    from `OUT_OF_ORDER` on, nothing was done, and it is the number of the last write instead.
    """

    OK = 0
    REFUSED = 1  # there is no such register, or not for this, or not now
    TIMEOUT = 2  # the register did not answer
    OUT_OF_ORDER = 4  # a write whose number does not follow the last one's
    HALTED = 5  # a write, after one that failed, or before the first sync


def request_bytes(words: int) -> int:
    """Bytes on the line of a request with so many words, with code byte, CRC and delimiter."""
    return HEADER_BYTES + 4 * words + CRC_BYTES + 2


def answer_bytes(words: int) -> int:
    """Bytes on the line of an answer with so many words."""
    return ANSWER_BYTES + 4 * words + CRC_BYTES + 2


@dataclass(frozen=True)
class Rate:
    """A baud rate, as a device makes it of its clock.

    A bit is a whole number of clocks if one is near enough; else an accumulator overflows once a
    bit.

    Parameters
    ----------
    clock_hz : float
        Of the device.
    baud : int
        Bits a second.

    Raises
    ------
    InputError
        If there are fewer than `LEAST_CLOCKS` clocks in a bit, or absurdly many.
    """

    clock_hz: float
    baud: int

    def __post_init__(self) -> None:
        least, most = self.clock_hz / 2**16, self.clock_hz / LEAST_CLOCKS
        if not least <= self.baud <= most:
            raise InputError(
                f"baud = {self.baud}: must be from {least:,.0f} to {most:,.0f} at a clock of "
                f"{self.clock_hz / 1e6:g} MHz"
            )

    @property
    def clocks(self) -> float:
        """Clocks in a bit, as asked for."""
        return self.clock_hz / self.baud

    @property
    def whole(self) -> int:
        """Clocks in a bit, if a whole number keeps within `TOLERANCE`; else 0."""
        whole = round(self.clocks)
        return whole if abs(whole / self.clocks - 1) <= TOLERANCE else 0

    def patience(self, clocks: int) -> int:
        """Return how many `SLOW_BITS` the device waits for a register that may take some clocks.

        The first of them may be over at once. A power of two, at least `PATIENCE`.
        """
        slow = SLOW_BITS * (self.whole or self.clocks) * (1 - TOLERANCE)
        return max(PATIENCE, 1 << bits_for(math.ceil(clocks / slow) + 1))

    @cached_property
    def width(self) -> int:
        """Bits of the accumulator: as few as keep within `TOLERANCE`."""
        width = 3
        while abs(round(2**width / self.clocks) * self.clocks / 2**width - 1) > TOLERANCE:
            width += 1
        return width

    @property
    def step(self) -> int:
        """What is added in each clock."""
        return round(2**self.width / self.clocks)
