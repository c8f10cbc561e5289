"""Rounding and overflow of the model, against Python's fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from model.number.fixed import fit, shift_right
from spec.numbers import Format, Overflow, Rounding

RAW = st.lists(st.integers(-(2**50), 2**50), min_size=1, max_size=30)


def ints(values: list[int]) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def check_rounding(values: list[int], bits: int) -> None:
    exact = [Fraction(value) / Fraction(2) ** bits for value in values]
    nearest = shift_right(ints(values), bits, Rounding.NEAREST_EVEN)
    assert nearest.tolist() == [round(value) for value in exact]
    floor = shift_right(ints(values), bits, Rounding.TRUNCATE)
    assert floor.tolist() == [math.floor(value) for value in exact]
    away = shift_right(ints(values), bits, Rounding.AWAY)
    assert away.tolist() == [math.ceil(v) if v > 0 else math.floor(v) for v in exact]


@pytest.mark.parametrize("bits", range(-3, 10))
def test_rounding_exhaustively(bits: int) -> None:
    check_rounding(list(range(-600, 601)), bits)


@given(RAW, st.integers(-10, 60))
def test_rounding_of_any_size(values: list[int], bits: int) -> None:
    check_rounding(values, bits)


def test_nearest_even_has_no_drift() -> None:
    """Over all remainders it errs up as often as down; truncation loses almost half an LSB."""
    values = np.arange(-(2**12), 2**12)
    exact = values / 16
    assert (shift_right(values, 4, Rounding.NEAREST_EVEN) - exact).mean() == 0
    assert (shift_right(values, 4, Rounding.TRUNCATE) - exact).mean() == -15 / 32


@given(RAW, st.integers(1, 40), st.integers(-5, 50))
def test_saturation(values: list[int], bits: int, fraction: int) -> None:
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    target = Format.of_bits(bits, fraction)
    assert fit(ints(values), target).tolist() == [min(max(v, low), high) for v in values]


def test_overflow_is_an_error_on_demand() -> None:
    q = Format(2, 6)
    inside = ints([-128, 0, 127])
    assert fit(inside, q, Overflow.ERROR).tolist() == inside.tolist()
    for outside in (-129, 128):
        with pytest.raises(OverflowError, match=r"outside Q2\.6"):
            fit(ints([0, outside]), q, Overflow.ERROR)
