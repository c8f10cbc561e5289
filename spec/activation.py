"""Activation functions: their names, ranges and tables, as integers."""

from __future__ import annotations

import enum
import functools
import math
from dataclasses import dataclass

from spec.errors import InputError

SATURATION = 8
"""`|z|` at which relu and identity saturate, and where the sigmoid's table ends."""

TANH_SATURATION = 4
"""`|z|` at which the tanh table ends."""

MAX_TABLE_ENTRIES = 4096


class Activation(enum.Enum):
    """What a neuron does with its sum z. All of them saturate; none can overflow."""

    HARD_TANH = "hard_tanh"  # clamp(z, -1, 1)
    HARD_SIGMOID = "hard_sigmoid"  # clamp(1/2 + z/4, 0, 1)
    PLAN = "plan"  # sigmoid in four shift-and-add segments
    SIGMOID = "sigmoid"  # nearest entry of a table
    TANH = "tanh"  # nearest entry of a table
    RELU = "relu"  # clamp(z, 0, 8 - LSB)
    IDENTITY = "identity"  # clamp(z, -8, 8 - LSB)

    def range(self, fraction_bits: int) -> tuple[int, int]:
        """Lowest and highest output, in LSBs of 2**-fraction_bits."""
        one = 1 << fraction_bits
        if self in (Activation.HARD_TANH, Activation.TANH):
            return -one, one
        if self is Activation.RELU:
            return 0, SATURATION * one - 1
        if self is Activation.IDENTITY:
            return -SATURATION * one, SATURATION * one - 1
        return 0, one


@dataclass(frozen=True)
class PlanSegment:
    """One line of PLAN: below `limit`, `f(|z|) = (|z| >> shift) + offset`, all in LSBs."""

    limit: int
    shift: int
    offset: int


@functools.cache
def plan_segments(fraction_bits: int) -> tuple[PlanSegment, ...]:
    """Segments of PLAN (Amin, Curtis and Hayes-Gill, 1997), for `|z|` < 5; beyond, f = 1.

    The breakpoint 2.375 and the offset 0.84375 need 5 fraction bits to be exact; with fewer they
    are truncated.
    """

    def lsb(value: float) -> int:
        return math.floor(value * (1 << fraction_bits))

    return (
        PlanSegment(lsb(1.0), 2, lsb(0.5)),
        PlanSegment(lsb(2.375), 3, lsb(0.625)),
        PlanSegment(lsb(5.0), 5, lsb(0.84375)),
    )


@dataclass(frozen=True)
class Table:
    """The non-negative half of a sigmoid or tanh, for `|z|`; the other half follows by symmetry.

    Entry k is the function at k bins, in LSBs of 2**-fraction_bits; a bin is 2**shift LSBs wide,
    and `|z|` uses the nearest entry (halves go up), the last one for anything beyond.
    """

    values: tuple[int, ...]
    shift: int


def table(activation: Activation, fraction_bits: int, amplitude: int) -> Table:
    """Build the table of `activation` (sigmoid or tanh) for a perturbation of 2**amplitude.

    Inside a bin the table is flat and a perturbation goes unseen, so that a bin must not be wider
    than 2·Δθ; it is Δθ here, at most 1/8 and at least one LSB.
    """
    functions = {
        Activation.SIGMOID: (lambda z: 1 / (1 + math.exp(-z)), SATURATION),
        Activation.TANH: (math.tanh, TANH_SATURATION),
    }
    function, end = functions[activation]
    bin_log2 = max(min(amplitude, -3), -fraction_bits)
    entries = end << -bin_log2
    if entries > MAX_TABLE_ENTRIES:
        raise InputError(
            f"training.amplitude = {amplitude}: the {activation.value} table would need {entries} "
            f"entries, at most {MAX_TABLE_ENTRIES} are allowed; use a larger amplitude"
        )
    one = 1 << fraction_bits
    values = tuple(round(one * function(math.ldexp(k, bin_log2))) for k in range(entries))
    return Table(values, bin_log2 + fraction_bits)


TABLED = (Activation.SIGMOID, Activation.TANH)
