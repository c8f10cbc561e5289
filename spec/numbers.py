"""Number formats, rounding and overflow: the words that the model and the gateware share."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from functools import cached_property

from spec.errors import InputError


class Rounding(enum.Enum):
    """What happens to the bits that a narrower fraction cannot hold."""

    TRUNCATE = "truncate"  # towards minus infinity: the bits are dropped
    NEAREST_EVEN = "nearest_even"  # to the nearest, ties to even (RNE): free of drift
    AWAY = "away"  # away from zero: what decays by it reaches zero


class Overflow(enum.Enum):
    """What happens to a value outside the range of its destination."""

    SATURATE = "saturate"  # it becomes the nearest value the destination holds
    ERROR = "error"  # it is refused: at build in the gateware, at run time in the model


@dataclass(frozen=True)
class Format:
    """A signed fixed-point format Qi.f; the sign counts in `integer_bits`.

    Parameters
    ----------
    integer_bits : int
        Bits left of the point, the sign among them. May be 0 or negative (all values below 1/2).
    fraction_bits : int
        Bits right of the point: the LSB is 2**-fraction_bits.
    """

    integer_bits: int
    fraction_bits: int

    @property
    def bits(self) -> int:
        """Width in bits."""
        return self.integer_bits + self.fraction_bits

    @cached_property
    def minimum(self) -> int:
        """Lowest value, in LSBs."""
        return -(1 << (self.bits - 1))

    @cached_property
    def maximum(self) -> int:
        """Highest value, in LSBs."""
        return (1 << (self.bits - 1)) - 1

    @classmethod
    def of_bits(cls, bits: int, fraction_bits: int) -> Format:
        """Build the format of a width and an LSB."""
        return cls(bits - fraction_bits, fraction_bits)

    @classmethod
    def parse(cls, text: str, key: str) -> Format:
        """Read 'Q2.6'. `key` names the config key in the error."""
        match = re.fullmatch(r"Q([0-9]{1,2})\.([0-9]{1,2})", text)
        if not match:
            raise InputError(f"{key} = {text!r}: must be a format Qi.f, such as 'Q2.6'")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        """Write the format as the config does."""
        return f"Q{self.integer_bits}.{self.fraction_bits}"


def bits_for(count: int) -> int:
    """Bits that number `count` things: ceil(log2(count)), 0 for one thing."""
    return (count - 1).bit_length()
