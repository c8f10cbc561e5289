"""A table in logic has every number at its place."""

from __future__ import annotations

from typing import Any

import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.number.look_up import look_up
from tests.hdl.helpers import stream

TABLES = ([n * n for n in range(129)], [3], [0, 0, 5], [7, 1, 0, 2, 9, 300, 4, 4])


class Table(wiring.Component):
    """One with a register, as other components have."""

    place: Any
    o: Any

    def __init__(self, numbers: list[int]) -> None:
        self.numbers = numbers
        super().__init__({"place": In(range(len(numbers))), "o": Out(16)})

    def elaborate(self, platform: object) -> Module:
        """Look it up."""
        m = Module()
        m.d.sync += self.o.eq(look_up(self.place, self.numbers))
        return m


@pytest.mark.parametrize("numbers", TABLES, ids=len)
def test_every_place(numbers: list[int]) -> None:
    places = range(len(numbers))
    found = stream(Table(numbers), [*({"place": place} for place in places), {}], ["o"])
    assert [row["o"] for row in found[1:]] == numbers
