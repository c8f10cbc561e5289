"""Fixed point in the gateware is exact, against Python's fractions, or refuses."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from typing import Any

import hypothesis.strategies as st
import pytest
from amaranth import hdl
from amaranth.lib import data
from amaranth.sim import Simulator
from hypothesis import given, settings

from hdl.number import fixed
from hdl.number.fixed import SQ, UQ, Shape, Value
from spec.numbers import Format, Rounding
from tests.hdl.helpers import combinational, number, raws, signal

SMALL = [
    Shape(hdl.Shape(width, signed), f_bits)
    for signed, width, f_bits in product((False, True), (1, 2, 3), (-1, 0, 2))
]
WIDE = st.builds(
    lambda width, signed, f_bits: Shape(hdl.Shape(width, signed), f_bits),
    st.integers(1, 40),
    st.booleans(),
    st.integers(-12, 50),
)


def some_raws(shape: Shape) -> st.SearchStrategy[int]:
    """Draw raw integers, often the extreme ones."""
    ends = sorted({shape.min_raw, shape.min_raw + 1, -1, 0, 1, shape.max_raw - 1, shape.max_raw})
    inside = [raw for raw in ends if raw in raws(shape)]
    return st.sampled_from(inside) | st.integers(shape.min_raw, shape.max_raw)


def numbers(shape: Shape) -> set[Fraction]:
    """Return everything a shape holds."""
    return {number(shape, raw) for raw in raws(shape)}


# Two operands


def binary(a: Any, b: Any, select: Any) -> list[Any]:
    """List every expression of two values."""
    return [
        *(a + b, a - b, a * b),
        *(a == b, a != b, a < b, a <= b, a > b, a >= b),
        fixed.mux(select, a, b),
    ]


def binary_expected(a: Fraction, b: Fraction, select: int) -> list[Fraction | bool]:
    """Compute the same in fractions."""
    return [
        *(a + b, a - b, a * b),
        *(a == b, a != b, a < b, a <= b, a > b, a >= b),
        a if select else b,
    ]


def check_binary(left: Shape, right: Shape, rows: list[tuple[int, int, int]]) -> None:
    """Compare all expressions of two values on rows of (raw, raw, select)."""
    found = combinational(binary, left, right, 1)(rows)
    for (a, b, select), result in zip(rows, found, strict=True):
        expected = binary_expected(number(left, a), number(right, b), select)
        assert result == expected, (left, right, a, b, select)


@pytest.mark.parametrize("left", SMALL, ids=repr)
def test_two_operands_exhaustively(left: Shape) -> None:
    """Every pair of values of every pair of small shapes."""
    for right in SMALL:
        check_binary(left, right, list(product(raws(left), raws(right), (0, 1))))


@settings(max_examples=60)
@given(left=WIDE, right=WIDE, draw=st.data())
def test_two_operands_of_any_shape(left: Shape, right: Shape, draw: st.DataObject) -> None:
    """Wide shapes with far-apart LSBs, at their extremes and between."""
    rows = st.tuples(some_raws(left), some_raws(right), st.integers(0, 1))
    check_binary(left, right, draw.draw(st.lists(rows, min_size=10, max_size=20)))


# One operand


def rounded(value: Fraction, f_bits: int, rounding: Rounding) -> Fraction:
    """Round to a multiple of 2**-f_bits; Python's round() is to the nearest, ties to even."""
    scaled = value * Fraction(2) ** f_bits
    whole = {
        Rounding.NEAREST_EVEN: round(scaled),
        Rounding.TRUNCATE: math.floor(scaled),
        Rounding.AWAY: math.ceil(scaled) if scaled > 0 else math.floor(scaled),
    }[rounding]
    return whole * Fraction(2) ** -f_bits


def check_unary(shape: Shape, values: list[int], fractions: range) -> None:
    """Compare negation, magnitude, scaling and reshaping to each number of fraction bits."""
    cases = list(product(fractions, Rounding))
    expected: list[list[Fraction]] = []
    for raw in values:
        x = number(shape, raw)
        expected.append([-x, abs(x), 8 * x, x / 8, *(rounded(x, *case) for case in cases)])

    def expressions(x: Any) -> list[Any]:
        plain = [-x, abs(x), x.scaled(3), x.scaled(-3)]
        reshaped = [x.reshape(*case) for case in cases]
        for value, (f_bits, _) in zip(reshaped, cases, strict=True):
            assert value.shape().f_bits == f_bits
        return plain + reshaped

    assert combinational(expressions, shape)([[raw] for raw in values]) == expected


@pytest.mark.parametrize("f_bits", [-2, 0, 3, 7])
@pytest.mark.parametrize("signed", [False, True])
def test_one_operand_exhaustively(signed: bool, f_bits: int) -> None:
    """Reshaping drops none, some, all and more than all bits; the point lies anywhere."""
    for width in range(1, 7):
        shape = Shape(hdl.Shape(width, signed), f_bits)
        check_unary(shape, list(raws(shape)), range(f_bits - width - 3, f_bits + 4))


@settings(max_examples=40)
@given(shape=WIDE, draw=st.data())
def test_one_operand_of_any_shape(shape: Shape, draw: st.DataObject) -> None:
    """Wide shapes, at their extremes and between."""
    values = draw.draw(st.lists(some_raws(shape), min_size=10, max_size=20))
    first = shape.f_bits - draw.draw(st.integers(-2, shape.storage.width + 3))
    check_unary(shape, values, range(first, first + 3))


@settings(max_examples=40)
@given(kept=st.integers(1, 12), lost=st.integers(1, 12), signed=st.booleans())
def test_ties_go_to_even(kept: int, lost: int, signed: bool) -> None:
    """Every tie of a shape, one after the other: alternately down and up, never a drift."""
    shape = Shape(hdl.Shape(kept + lost, signed), lost)
    ties = [raw for raw in range(shape.min_raw, shape.min_raw + (32 << lost)) if raw in raws(shape)]
    ties = [raw for raw in ties if raw % (1 << lost) == 1 << (lost - 1)]
    function = combinational(lambda x: [x.reshape(0, Rounding.NEAREST_EVEN)], shape)
    for [result], raw in zip(function([raw] for raw in ties), ties, strict=True):
        assert result % 2 == 0
        assert abs(result - number(shape, raw)) == Fraction(1, 2)


@pytest.mark.parametrize("source", SMALL, ids=repr)
def test_saturate_exhaustively(source: Shape) -> None:
    """The nearest value of the target; a coarser target is refused."""
    for target in SMALL:
        x = signal(source)
        if target.f_bits < source.f_bits:
            with pytest.raises(TypeError, match="reshape it first"):
                x.saturate(target)
            continue
        found = combinational(lambda x, to=target: [x.saturate(to)], source)
        held = numbers(target)
        for raw, [result] in zip(raws(source), found([raw] for raw in raws(source)), strict=True):
            assert result == min(max(number(source, raw), min(held)), max(held))


@pytest.mark.parametrize("source", SMALL, ids=repr)
def test_clamp_exhaustively(source: Shape) -> None:
    """Every range of a target of the same or a finer LSB; a coarser target is refused."""
    for target in (SQ(3, 2), UQ(2, 2), SQ(4, 0)):
        x = signal(source)
        if target.f_bits < source.f_bits:
            with pytest.raises(TypeError, match="reshape it first"):
                x.clamp(0, 1, target)
            continue
        ranges = [(low, high) for low in raws(target) for high in raws(target) if low <= high]
        ranges = ranges[:: max(1, len(ranges) // 40)]
        found = combinational(lambda x, r=ranges, to=target: [x.clamp(*p, to) for p in r], source)
        for raw, results in zip(raws(source), found([raw] for raw in raws(source)), strict=True):
            value = number(source, raw)
            expected = [min(max(value, number(target, a)), number(target, b)) for a, b in ranges]
            assert results == expected


def test_reshape_refuses_to_lose_bits_in_silence() -> None:
    """Without a rounding only finer fractions are allowed."""
    x = signal(SQ(2, 4))
    assert x.reshape(6).shape() == SQ(2, 6)
    assert x.reshape(4).shape() == SQ(2, 4)
    with pytest.raises(TypeError, match="loses 1 fraction bits; say how to round"):
        x.reshape(3)


# Assignment


@pytest.mark.parametrize("target", SMALL, ids=repr)
def test_assignment_is_lossless_or_refused(target: Shape) -> None:
    """Accepted exactly if every value of the source is one of the target."""
    for source in SMALL:
        lossless = numbers(source) <= numbers(target)
        assert target.holds(source) == lossless
        if not lossless:
            with pytest.raises(TypeError, match="does not hold every"):
                signal(target).eq(signal(source))
            continue
        m = hdl.Module()
        source_signal, target_signal = signal(source), signal(target)
        m.d.comb += target_signal.eq(source_signal)

        found = assigned(m, source_signal, target_signal)
        assert found == [number(source, raw) for raw in raws(source)]


def assigned(m: hdl.Module, source: Value, target: Value) -> list[Fraction]:
    """Simulate an assignment for every value of the source."""
    found = []

    async def testbench(ctx: Any) -> None:
        for raw in raws(source.shape()):
            ctx.set(source.as_value(), raw)
            found.append(number(target.shape(), ctx.get(target.as_value())))

    simulator = Simulator(m)
    simulator.add_testbench(testbench)
    simulator.run()
    return found


@pytest.mark.parametrize("value", [1, 0.5, hdl.Const(1), hdl.Signal(4)], ids=repr)
def test_assignment_refuses_what_has_no_lsb(value: Any) -> None:
    """A plain number or signal is not a fixed-point value."""
    with pytest.raises(TypeError, match="is not a fixed value"):
        signal(SQ(4, 4)).eq(value)


# Constants


@pytest.mark.parametrize("shape", SMALL, ids=repr)
def test_constants_are_exact_or_refused(shape: Shape) -> None:
    """Of all multiples of 1/8 around a shape's range, those that it holds."""
    for eighths in range(-100, 101):
        wanted = Fraction(eighths, 8)
        if wanted in numbers(shape):
            constant = fixed.constant(shape, float(wanted))
            raw = hdl.Const.cast(constant).value
            assert number(shape, raw) == wanted
            assert signal(shape, init=float(wanted)).as_value().init == raw
            assert hdl.Const.cast(shape.from_bits(raw)).value == raw
        else:
            with pytest.raises(ValueError, match="exactly"):
                fixed.constant(shape, float(wanted))


@pytest.mark.parametrize("bad", [0.1, 1 / 3, 2.0**-60, 2.0**60, 2**53 + 1, float("nan")])
def test_constants_are_never_rounded(bad: float) -> None:
    """What needs more bits than the shape has is refused."""
    with pytest.raises(ValueError, match=r"exactly|NaN"):
        SQ(4, 20).const(bad)


def test_constants_beyond_floats() -> None:
    """An integer keeps all its bits where a float would not."""
    odd = 2**53 + 1
    assert SQ(55, 2).const(odd).value == odd << 2
    with pytest.raises(ValueError, match="exactly"):
        SQ(60, -1).const(odd)


def test_a_constant_of_another_shape_is_no_number() -> None:
    """Its raw bits would mean something else here."""
    quarter = fixed.constant(UQ(1, 2), 0.25)
    for init in (quarter, quarter.as_value()):
        with pytest.raises(TypeError):
            UQ(1, 1).const(init)


def test_constants_in_layouts() -> None:
    """A layout's fields take numbers."""
    layout = data.StructLayout({"a": SQ(2, 2), "b": data.ArrayLayout(UQ(1, 1), 2)})
    constant = layout.const({"a": -0.25, "b": [1.5, 0.5]})
    assert constant.as_bits() == 0b01_11_1111
    with pytest.raises(ValueError, match="exactly"):
        layout.const({"a": 0.1})


# Shapes


def test_shapes_know_themselves() -> None:
    """Bits, range, equality and name."""
    shape = SQ(2, 6)
    assert (shape.i_bits, shape.f_bits, shape.signed) == (2, 6, True)
    assert (shape.min_raw, shape.max_raw) == (-128, 127)
    assert fixed.of(Format(2, 6)) == shape
    assert len({shape, SQ(2, 6), SQ(6, 2), UQ(2, 6)}) == 3
    assert repr(SQ(-3, 8)) == "SQ(-3, 8)"
    assert repr(UQ(1, -1)) == "UQ(1, -1)"


@pytest.mark.parametrize(
    ("low", "high", "shape"),
    [
        (0, 255, UQ(0, 8)),
        (0, 256, UQ(1, 8)),
        (-256, 255, SQ(1, 8)),
        (-256, 256, SQ(2, 8)),
        (0, 1, UQ(-7, 8)),
        (-1, 0, SQ(-7, 8)),
    ],
)
def test_span_is_the_smallest_shape(low: int, high: int, shape: Shape) -> None:
    """One bit less would not hold both ends."""
    assert fixed.span(low, high, 8) == shape
