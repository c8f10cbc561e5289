"""A product by halves is exact and in time, in every other clock."""

from __future__ import annotations

import random
from typing import Any

import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.number import fixed
from hdl.number.fixed import SQ, UQ, Shape
from hdl.number.halves import LATENCY, multiply_by_halves
from spec.plant import Multipliers
from tests.hdl.helpers import Row, number, stream


class Halves(wiring.Component):
    """What `multiply_by_halves` makes."""

    a: Any
    b: Any
    second: Any
    product: Any

    def __init__(self, a: Shape, b: Shape) -> None:
        exact = (fixed.signal(a) * fixed.signal(b)).shape()
        super().__init__({"a": In(a), "b": In(b), "second": In(1), "product": Out(exact)})

    def elaborate(self, platform: object) -> Module:
        """Multiply."""
        m = Module()
        product = multiply_by_halves(m, self.a, self.b, self.second, "found")
        m.d.comb += self.product.eq(product)
        return m


PAIRS = [
    (SQ(3, 7), SQ(4, 5)), (SQ(3, 7), UQ(3, 5)), (UQ(3, 4), SQ(2, 3)), (SQ(2, 2), UQ(1, 1)),
    (SQ(2, 2), SQ(1, 2)),
]  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS, ids=repr)
def test_exact_and_in_time(pair: tuple[Shape, Shape]) -> None:
    rng, given = random.Random(2), list[tuple[int, int]]()
    for _ in range(200):
        low, high = ([shape.min_raw for shape in pair], [shape.max_raw for shape in pair])
        x, y = (rng.choice((a, b, rng.randint(a, b))) for a, b in zip(low, high, strict=True))
        given.append((x, y))
    rows: list[Row] = [{"a": x, "b": y, "second": second} for x, y in given for second in range(2)]
    unit = Halves(*pair)
    found = [row["product"] for row in stream(unit, rows + [{}] * LATENCY, ["product"])]
    shape = unit.product.shape()
    for (x, y), raw in zip(given, found[LATENCY::2], strict=False):
        assert number(shape, raw) == number(pair[0], x) * number(pair[1], y)


def test_as_late_as_another() -> None:
    """Whoever hears of it hears it when a multiplier with registers would say it."""
    assert Multipliers.REGISTERED.latency == LATENCY
