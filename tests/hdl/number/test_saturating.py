"""Saturating sums are the exact ones, brought to the nearest end of the range."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import hypothesis.strategies as st
import pytest
from amaranth import hdl
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out
from hypothesis import given, settings

from hdl.number import saturating
from hdl.number.fixed import SQ, Shape
from tests.hdl.helpers import Row, combinational, number, raws, signal, stream
from tests.hdl.number.test_fixed import SMALL, WIDE, some_raws


def sums(m: hdl.Module, a: Any, b: Any, negative: Any) -> list[Any]:
    """Both sums; the difference by both."""
    return [saturating.subtract(m, a, b), saturating.add_or_subtract(m, a, b, negative)]


def nearest(shape: Shape, value: Fraction) -> Fraction:
    """Bring a number into a shape's range."""
    return min(max(value, number(shape, shape.min_raw)), number(shape, shape.max_raw))


def check(left: Shape, right: Shape, rows: list[tuple[int, int, int]]) -> None:
    """Compare with fractions on rows of (raw, raw, negative)."""
    found = combinational(sums, left, right, 1, in_module=True)(rows)
    for (a, b, negative), result in zip(rows, found, strict=True):
        x, y = number(left, a), number(right, b)
        expected = [nearest(left, x - y), nearest(left, x - y if negative else x + y)]
        assert result == expected, (left, right, a, b, negative)


@pytest.mark.parametrize("left", SMALL, ids=repr)
def test_exhaustively(left: Shape) -> None:
    """Every pair of values of every pair of small shapes, the second narrower or wider."""
    for right in SMALL:
        if right.f_bits <= left.f_bits:
            check(left, right, list(product(raws(left), raws(right), (0, 1))))


@settings(max_examples=60)
@given(left=WIDE, right=WIDE, draw=st.data())
def test_any_shape(left: Shape, right: Shape, draw: st.DataObject) -> None:
    """Wide shapes, at their extremes and between."""
    right = Shape(right.storage, min(left.f_bits, right.f_bits))
    rows = st.tuples(some_raws(left), some_raws(right), st.integers(0, 1))
    check(left, right, draw.draw(st.lists(rows, min_size=10, max_size=20)))


class Nearest(wiring.Component):
    """`saturating.nearest` with ports."""

    i: Any
    shift: hdl.Signal
    o: Any

    def __init__(self, left: Shape, right: Shape, bits: int) -> None:
        super().__init__({"i": In(left), "shift": In(bits), "o": Out(right)})

    def elaborate(self, platform: object) -> hdl.Module:
        """Round."""
        m = hdl.Module()
        m.d.comb += self.o.eq(saturating.nearest(m, self.i, self.shift, self.o.shape()))
        return m


@pytest.mark.parametrize("left", [shape for shape in SMALL if shape.signed], ids=repr)
def test_nearest_exhaustively(left: Shape) -> None:
    """Every value of every small signed shape, shifted by all that two bits say, in every other."""
    for right in SMALL:
        if right.signed:
            rows: list[Row] = [{"i": raw, "shift": k} for raw in raws(left) for k in range(4)]
            found = stream(Nearest(left, right, 2), [*rows, {}], ["o"])[1:]
            for row, result in zip(rows, found, strict=True):
                lsb = Fraction(2) ** -right.f_bits
                exact = number(left, row["i"]) / 2 ** row["shift"]
                expected = nearest(right, round(exact / lsb) * lsb)
                assert number(right, result["o"]) == expected, (left, right, row)


@pytest.mark.parametrize(
    "function",
    [
        saturating.subtract,
        lambda m, a, b: saturating.add_or_subtract(m, a, b, hdl.Signal()),
    ],
)
def test_finer_fractions_are_refused(function: Callable[[Any, Any, Any], Any]) -> None:
    """Nothing is lost in silence."""
    with pytest.raises(TypeError, match="loses 1 fraction bits"):
        function(hdl.Module(), signal(SQ(2, 4)), signal(SQ(2, 5)))
