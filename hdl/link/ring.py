"""Counting where no number is needed."""

from __future__ import annotations

from amaranth.hdl import Cat, Signal, Value


def following(place: Signal) -> Value:
    """Return the place after this one, of 512: a shift register goes through all in some order.

    A counter would take a chain of carries. With the polynomial x⁹ + x⁴ + 1, which is primitive, it
    goes through all but 0, which gets its turn between 1 and what follows that.
    """
    assert len(place) == 9
    return Cat(place[1:], place[0] ^ place[4] ^ ~place[1:].any())
