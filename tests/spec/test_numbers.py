"""Formats read what they write, and hold what they say."""

from collections.abc import Callable

import hypothesis.strategies as st
import pytest
from hypothesis import given

from spec.numbers import Format, bits_for


@given(st.integers(0, 99), st.integers(0, 99))
def test_parse_reads_what_str_writes(integer_bits: int, fraction_bits: int) -> None:
    number = Format(integer_bits, fraction_bits)
    assert Format.parse(str(number), "key") == number


@pytest.mark.parametrize(
    "text",
    ["", "2.6", "q2.6", "Q2", "Q2.", "Q.6", "Q-2.6", "Q2.6 ", "Q2.6\n", "Q100.1", "Q².6"],
)
def test_parse_refuses_anything_else(refusal: Callable[..., str], text: str) -> None:
    expected = f"formats.theta = {text!r}: must be a format Qi.f, such as 'Q2.6'"
    assert refusal(Format.parse, text, "formats.theta") == expected


@given(st.integers(1, 40), st.integers(-40, 40))
def test_extremes_are_those_of_twos_complement(bits: int, fraction_bits: int) -> None:
    number = Format.of_bits(bits, fraction_bits)
    assert (number.bits, number.fraction_bits) == (bits, fraction_bits)
    assert number.maximum - number.minimum + 1 == 2**bits
    assert number.minimum + number.maximum == -1


@given(st.integers(1, 2**20))
def test_bits_for_is_the_least_that_numbers_so_many(count: int) -> None:
    bits = bits_for(count)
    assert count <= 2**bits
    assert bits == 0 or count > 2 ** (bits - 1)
