"""Saturating sums in few gates.

In offset binary, which is two's complement with its top bit inverted, a range starts at zero:
what leaves it, at either end, shows in the bits above it, so that no comparison is needed.
"""

from __future__ import annotations

from collections.abc import Callable

from amaranth import hdl
from amaranth.hdl import Cat, Const, Module, Mux, Signal, unsigned

from hdl.number.fixed import Shape, Value, extend


def subtract(m: Module, a: Value, b: Value) -> Value:
    """Return sat(a - b), of a's shape.

    Raises
    ------
    TypeError
        If `b` has more fraction bits than `a`.
    """
    left, right = _operands(a, b)
    # Inverts a, and not b, which may be wider.
    return _saturated(m, a, b, ~(~left + right)[: len(left)], Const(1, 1))


def add_or_subtract(m: Module, a: Value, b: Value, negative: hdl.Value) -> Value:
    """Return sat(a - b) if `negative`, else sat(a + b), of a's shape, on one carry chain.

    Raises
    ------
    TypeError
        If `b` has more fraction bits than `a`.
    """
    carry = _named(m, negative, "negative")
    low = b.reshape(a.shape().f_bits)
    return add(m, a, complement(m, low, carry), carry)


def complement(m: Module, b: Value, negative: hdl.Value) -> Value:
    """Return what `add` takes for -b, together with a carry, if `negative`; else b."""
    raw = b.as_value().as_unsigned()
    raw = raw if b.shape().signed else Cat(raw, Const(0, 1))
    mask = _named(m, negative, "negative").replicate(len(raw))
    bits = _named(m, raw ^ mask, "complement")
    return Value(Shape(hdl.signed(len(bits)), b.shape().f_bits), bits)


def add(m: Module, a: Value, b: Value, carry: hdl.Value) -> Value:
    """Return sat(a + b + carry), of a's shape; `carry` is in LSBs of both.

    Raises
    ------
    TypeError
        If the LSB of `b` is another.
    """
    if b.shape().f_bits != a.shape().f_bits:
        raise TypeError(f"{b.shape()!r} has another LSB than {a.shape()!r}")
    left, right = _operands(a, b)
    left, right = _named(m, left, "augend"), _named(m, right, "addend")
    # The lowest bit brings the carry into the chain, without a LUT before it.
    total = (Cat(Const(1, 1), left) + Cat(carry, right))[1 : len(left) + 1]
    return _saturated(m, a, b, total, Const(0, 1))


def nearest(m: Module, value: Value, shift: hdl.Value, shape: Shape) -> Value:
    """Return a signed value · 2**-shift to the nearest (ties to even), saturated, a clock later.

    What rounds and what saturates is found beside the shift, not behind it: by masks, which say for
    each bit of the value where the shift takes it. The sum that rounds comes last: what is outside
    of the range is so before, or is just below its end and rounded up.

    Parameters
    ----------
    m : Module
    value : Value
    shift : hdl.Value
        Unsigned. A constant one costs nothing.
    shape : Shape
        Of the result.

    Raises
    ------
    TypeError
        If a sign is missing.
    """
    if not (value.shape().signed and shape.signed):
        raise TypeError(f"{value.shape()!r} or {shape!r} has no sign")
    width, shifts = shape.storage.width, range(1 << len(shift))
    lost = value.shape().f_bits - shape.f_bits  # without a shift; less than 0: there is room
    given = value.as_value().as_signed()
    raw = extend(given, max(len(given), lost + len(shifts), lost + width))
    raw = _named(m, raw, "exact")
    sign, top = raw[-1], len(raw) - 1

    told_before: dict[int, Signal] = {}

    def told(by: Callable[[int], bool]) -> hdl.Value:
        """Whether something holds of the number of the lowest bit that is kept."""
        truth = sum(by(lost + k) << k for k in shifts)
        if truth not in told_before:
            one = Const(truth, len(shifts)).bit_select(shift, 1)
            told_before[truth] = _named(m, one, f"told_{truth:x}")
        return told_before[truth]

    def some(bits: hdl.Value, by: Callable[[int, int], bool]) -> hdl.Value:
        """Whether one of the bits is set for whose number something holds."""
        mask = Cat(told(lambda lowest, j=j: by(lowest, j)) for j in range(len(bits)))
        return (bits & mask).any()

    kept, up, outside, negative = Signal(width), Signal(), Signal(), Signal()
    largest = Signal()
    room = max(0, -lost)
    half = some(raw, lambda lowest, j: j == lowest - 1)
    rest = some(raw, lambda lowest, j: j < lowest - 1 or j == lowest)
    beyond = some(raw[:top] ^ sign.replicate(top), lambda lowest, j: j >= lowest + width - 1)
    empty = told(lambda lowest: lowest + width - 1 < 0)  # of the value itself, nothing is kept
    low = _named(m, (raw.as_signed().shift_left(room) >> shift)[lost + room :][:width], "low")
    m.d.sync += [
        kept.eq(low),
        up.eq(half & rest),
        outside.eq(beyond | (sign & empty)),
        largest.eq(low == shape.max_raw),
        negative.eq(sign),
    ]
    ends = [Const(end, unsigned(width)) for end in (shape.max_raw, shape.min_raw)]
    end = Mux(negative, ends[1], ends[0])
    bits = Mux(outside | (largest & up), end, (kept + up)[:width])
    return Value(shape, bits.as_signed())


def _named(m: Module, bits: hdl.Value, name: str) -> Signal:
    """Name raw bits that are used more than once."""
    it = Signal(len(bits), name=name)
    m.d.comb += it.eq(bits)
    return it


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


def _saturated(m: Module, a: Value, b: Value, total: hdl.Value, negative: hdl.Value) -> Value:
    """Bring a sum in offset binary back into a's range."""
    shape, storage = a.shape(), b.reshape(a.shape().f_bits).shape().storage
    width = shape.storage.width
    total = _named(m, total, "total")
    outside = _named(m, total[width:].any(), "outside")
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
