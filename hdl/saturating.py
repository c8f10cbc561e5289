"""Saturating sums in few gates.

In offset binary, which is two's complement with its top bit inverted, a range starts at zero:
what leaves it, at either end, shows in the bits above it, so that no comparison is needed.
"""

from __future__ import annotations

from amaranth import hdl
from amaranth.hdl import Cat, Const, Mux, unsigned

from hdl.fixed import Value, extend


def subtract(a: Value, b: Value) -> Value:
    """Return sat(a - b), of a's shape.

    Raises
    ------
    TypeError
        If `b` has more fraction bits than `a`.
    """
    left, right = _operands(a, b)
    # Inverts a, and not b, which may be wider.
    return _saturated(a, b, ~(~left + right)[: len(left)], Const(1, 1))


def add_or_subtract(a: Value, b: Value, negative: hdl.Value) -> Value:
    """Return sat(a - b) if `negative`, else sat(a + b), of a's shape, on one carry chain.

    Raises
    ------
    TypeError
        If `b` has more fraction bits than `a`.
    """
    left, right = _operands(a, b)
    # The lowest bit is the same for both; the carry it makes spares one into the chain.
    carry = Mux(negative, left[0] | ~right[0], left[0] & right[0])
    inverted = right[1:] ^ negative.replicate(len(left) - 1)
    high = Cat(Const(1, 1), left[1:]) + Cat(carry, inverted)
    return _saturated(a, b, Cat(left[0] ^ right[0], high[1 : len(left)]), negative)


def _flip(raw: hdl.Value, signed: bool) -> hdl.Value:
    """Turn two's complement into offset binary, or back."""
    return Cat(raw[:-1], ~raw[-1]) if signed else raw


def _operands(a: Value, b: Value) -> tuple[hdl.Value, hdl.Value]:
    """Offset binary of `a`, and `b`; wide enough that no sum wraps into a's range."""
    low = b.reshape(a.shape().f_bits)
    shape = low.shape().storage
    width = max(a.shape().storage.width, shape.width - shape.signed) + 1
    left = _flip(a.as_value(), a.shape().signed).as_unsigned()
    right = low.as_value()
    return extend(left, width), extend(right.as_signed() if shape.signed else right, width)


def _saturated(a: Value, b: Value, total: hdl.Value, negative: hdl.Value) -> Value:
    """Bring a sum in offset binary back into a's range."""
    shape, storage = a.shape(), b.reshape(a.shape().f_bits).shape().storage
    width = shape.storage.width
    outside = total[width:].any()
    if storage.width - storage.signed < width:
        # At most half of the range: what falls below it wraps into the upper half.
        below = total[width - 1]
    else:
        sign = b.as_value()[-1] if storage.signed else Const(0, 1)
        below = sign ^ negative
    ends = [Const(raw, unsigned(width)) for raw in (shape.min_raw, shape.max_raw)]
    inside = _flip(total[:width], shape.signed)
    bits = Mux(outside & below, ends[0], Mux(outside, ends[1], inside))
    return Value(shape, bits.as_signed() if shape.signed else bits)
