"""The value at a place comes out in time, with its sign."""

from __future__ import annotations

import random
from typing import Any

import pytest
from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.link import selector
from hdl.link.selector import below, clocks, select
from spec.numbers import bits_for
from tests.hdl.helpers import combinational, stream


class Chosen(wiring.Component):
    """A selector of values that count up from its input, odd ones signed and narrow."""

    def __init__(self, count: int) -> None:
        self.count = count
        members = {"place": In(max(1, bits_for(count))), "seed": In(8)}
        super().__init__(members | {"value": Out(32)})

    def elaborate(self, platform: object) -> Module:
        """Build it."""
        m: Any = Module()
        it: Any = self
        values = []
        for k in range(self.count):
            value = Signal(8, name=f"value_{k}")
            m.d.comb += value.eq(it.seed + 37 * k)
            values.append(value[:5].as_signed() if k % 2 else value)
        m.d.comb += it.value.eq(select(m, values, it.place, "chosen"))
        return m


def expected(place: int, seed: int) -> int:
    """Return the word that stands for a value of `Chosen`."""
    value = (seed + 37 * place) % 256
    if place % 2:
        value %= 32
        value -= 32 * (value >= 16)
    return value % 2**32


def wrong(count: int) -> int:
    """Ask for each value, and count those that do not come within `clocks`."""
    rng = random.Random(count)
    rows, wanted = [], []
    for place in [*range(count), *(rng.randrange(count) for _ in range(20))]:
        row = {"place": place, "seed": rng.randrange(256)}
        rows += [row] * (clocks(count) + 1)
        wanted.append(expected(place, row["seed"]))
    found = stream(Chosen(count), rows, ["value"])
    return sum(
        row["value"] != value
        for row, value in zip(found[clocks(count) :: clocks(count) + 1], wanted, strict=True)
    )


COUNTS = [1, 2, 3, 4, 5, 9, 18, 31, 32, 33, 64, 65, 100]


@pytest.mark.parametrize("count", COUNTS)
def test_the_value_at_each_place(count: int) -> None:
    assert wrong(count) == 0


def test_thousands_take_some_dozens_of_clocks() -> None:
    assert clocks(4096) == 17 + 17 + 3
    assert clocks(220) == 17 + 5


def test_a_planted_fault_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain that is longer than `clocks` says."""
    monkeypatch.setattr(selector, "PAIRS", 64)
    monkeypatch.setitem(globals(), "clocks", lambda count: 16)
    assert wrong(100) > 0


@pytest.mark.parametrize("bound", [0, 1, 3, 4, 9, 10, 63, 64, 65, 100])
def test_below(bound: int) -> None:
    function = combinational(lambda value: [below(value, bound)], 6)
    assert [row[0] for row in function([[k] for k in range(64)])] == [k < bound for k in range(64)]
