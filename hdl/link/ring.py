"""Counting where no number is needed."""

from __future__ import annotations

from amaranth.hdl import Cat, Signal, Value

TAPS = {
    3: (0, 1),
    4: (0, 1),
    5: (0, 2),
    6: (0, 1),
    7: (0, 1),
    8: (0, 2, 3, 4),
    9: (0, 4),
    10: (0, 3),
    11: (0, 2),
    12: (0, 1, 4, 6),
    13: (0, 1, 3, 4),
    14: (0, 1, 3, 5),
    15: (0, 1),
    16: (0, 1, 3, 12),
    17: (0, 3),
}
"""By width: the bits whose sum moves in at the top, so that all places but 0 come in turn. They are
those of primitive polynomials."""


def following(place: Signal) -> Value:
    """Return the place after this one, of 512: a shift register goes through all in some order.

    A counter would take a chain of carries. With the polynomial x⁹ + x⁴ + 1, which is primitive, it
    goes through all but 0, which gets its turn between 1 and what follows that.
    """
    assert len(place) == 9
    return Cat(place[1:], _sum(place) ^ ~place[1:].any())


class Round:
    """A round of so many places, in as many clocks: a shift register that takes one short cut.

    After the last place, the bit that moves in is the other one.

    Parameters
    ----------
    count : int
        From 4 to 2**17 - 1.

    Attributes
    ----------
    bits : int
        Of a place.
    last : int
        The last one.
    """

    def __init__(self, count: int) -> None:
        self.bits = (count + 1).bit_length()
        places = [1]
        while (place := self._natural(places[-1])) != 1:
            places.append(place)
        index = {place: k for k, place in enumerate(places)}
        # A short cut leads from a place to another one; what lies between is left out.
        for last, place in enumerate(places):
            first = index.get(self._natural(place) ^ 1 << self.bits - 1)
            if first is not None and (last - first + 1) % len(places) == count:
                self._way = (places[first:] + places)[:count]
                break
        self.last = self._way[-1]

    def before_last(self, clocks: int) -> int:
        """Return the place from which it is so many clocks to the last one."""
        return self._way[-1 - clocks]

    def following(self, place: Signal) -> Value:
        """Return the place after this one."""
        return Cat(place[1:], _sum(place) ^ (place == self.last))

    def _natural(self, place: int) -> int:
        bit = sum(place >> tap for tap in TAPS[self.bits]) & 1
        return place >> 1 | bit << self.bits - 1


def _sum(place: Signal) -> Value:
    return Cat(place[tap] for tap in TAPS[len(place)]).xor()
