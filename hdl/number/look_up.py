"""A small table, in logic."""

from __future__ import annotations

from collections.abc import Sequence

from amaranth.hdl import Cat, Const, Value


def look_up(place: Value, numbers: Sequence[int]) -> Value:
    """Return the number at a place, in no clock; beyond the last, anything.

    Each bit is its truth table, so that it becomes LUTs: of a choice among constants, synthesis
    may make a memory.

    Parameters
    ----------
    place : Value
        Unsigned.
    numbers : sequence of int
        Not negative.
    """
    truths = [
        sum((number >> bit & 1) << k for k, number in enumerate(numbers))
        for bit in range(max(numbers).bit_length())
    ]
    return Cat(Const(truth, 1 << len(place)).bit_select(place, 1) for truth in truths)
