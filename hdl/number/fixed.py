"""Fixed-point values for Amaranth, named after its RFC 41 (SQ, UQ, reshape, saturate).

A value knows its LSB, arithmetic grows so that it is exact, and nothing is lost in silence:

- ``+``, ``-``, ``*``, unary ``-``, ``abs()`` and comparisons are exact;
- :meth:`Value.reshape` changes the fraction, and takes a :class:`spec.numbers.Rounding` if bits
  would be lost;
- :meth:`Value.saturate` changes the range;
- :meth:`Value.eq` takes only what its destination holds in full; everything else is a TypeError;
- a float becomes a constant by :meth:`Shape.const` only if the shape holds it exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from amaranth import hdl
from amaranth.hdl import Mux, ShapeCastable, ValueCastable

from spec.numbers import Format, Rounding


@dataclass(frozen=True)
class Shape(ShapeCastable):
    """A fixed-point shape: an integer shape and how many of its bits are fraction.

    Parameters
    ----------
    storage : amaranth.hdl.Shape
        The raw integer.
    f_bits : int
        Fraction bits; the LSB is 2**-f_bits. May be negative or exceed the width.

    Attributes
    ----------
    i_bits : int
        Integer bits, the sign of a signed shape among them.
    min_raw, max_raw : int
        Range, in LSBs.
    """

    storage: hdl.Shape
    f_bits: int

    @property
    def signed(self) -> bool:
        """Whether values can be negative."""
        return self.storage.signed

    @property
    def i_bits(self) -> int:
        """Integer bits, the sign among them."""
        return self.storage.width - self.f_bits

    @property
    def min_raw(self) -> int:
        """Lowest value, in LSBs."""
        return -(1 << self.storage.width - 1) if self.signed else 0

    @property
    def max_raw(self) -> int:
        """Highest value, in LSBs."""
        return (1 << self.storage.width - self.signed) - 1

    def holds(self, other: Shape) -> bool:
        """Whether every value of another shape is a value of this one."""
        if other.f_bits > self.f_bits:
            return False
        scale = self.f_bits - other.f_bits
        return self.min_raw <= other.min_raw << scale and other.max_raw << scale <= self.max_raw

    def as_shape(self) -> hdl.Shape:
        """Return the raw integer's shape."""
        return self.storage

    def __call__(self, target: Any) -> Value:
        """Look at raw bits as a value of this shape."""
        return Value(self, target)

    def const(self, init: Any) -> hdl.Const:
        """Make a constant of a number; a number this shape does not hold exactly is an error.

        Raises
        ------
        ValueError
            If `init` is not a multiple of the LSB, or out of range.
        """
        raw = Fraction(0 if init is None else init) * Fraction(2) ** self.f_bits
        if raw.denominator != 1 or not self.min_raw <= raw <= self.max_raw:
            raise ValueError(f"{self!r} cannot hold {init!r} exactly")
        return hdl.Const(int(raw), self.storage)

    def from_bits(self, raw: int) -> Value:
        """Return the constant of raw bits."""
        return Value(self, hdl.Const(raw, self.storage))

    def format(self, obj: Any, spec: str) -> hdl.Format:
        """Format as the raw integer."""
        return hdl.Format(f"{{:{spec}}}", hdl.Value.cast(obj))

    def __repr__(self) -> str:
        """Show as SQ(i, f) or UQ(i, f)."""
        return f"{'SQ' if self.signed else 'UQ'}({self.i_bits}, {self.f_bits})"


def SQ(i_bits: int, f_bits: int) -> Shape:
    """Signed shape; the sign counts in `i_bits`."""
    return Shape(hdl.signed(i_bits + f_bits), f_bits)


def UQ(i_bits: int, f_bits: int) -> Shape:
    """Unsigned shape."""
    return Shape(hdl.unsigned(i_bits + f_bits), f_bits)


def of(number: Format) -> Shape:
    """Shape of a format of the config."""
    return SQ(number.integer_bits, number.fraction_bits)


def span(low: int, high: int, f_bits: int) -> Shape:
    """Smallest shape that holds the LSBs `low` to `high`."""
    return Shape(hdl.Shape.cast(range(low, high + 1)), f_bits)


class Value(ValueCastable):
    """A value of a fixed-point shape.

    Parameters
    ----------
    shape : Shape
    target : value-like
        Its raw bits, of the shape's width.
    """

    def __init__(self, shape: Shape, target: Any) -> None:
        self._shape = shape
        self._target = hdl.Value.cast(target)

    def shape(self) -> Shape:
        """Return the shape."""
        return self._shape

    def as_value(self) -> hdl.Value:
        """Return the raw integer, signed if the shape is."""
        return self._target

    def _raw(self, f_bits: int) -> hdl.Value:
        """Raw integer at a finer LSB."""
        raw = self._target
        if raw.shape() != self._shape.storage:
            raw = raw.as_signed() if self._shape.signed else raw.as_unsigned()
        extra = f_bits - self._shape.f_bits
        return raw.shift_left(extra)

    @staticmethod
    def _of(raw: hdl.Value, f_bits: int) -> Value:
        return Value(Shape(raw.shape(), f_bits), raw)

    def _aligned(self, other: Value) -> tuple[hdl.Value, hdl.Value, int]:
        f_bits = max(self._shape.f_bits, other._shape.f_bits)
        return self._raw(f_bits), other._raw(f_bits), f_bits

    def __add__(self, other: Value) -> Value:
        """Exact sum."""
        a, b, f_bits = self._aligned(other)
        return self._of(a + b, f_bits)

    def __sub__(self, other: Value) -> Value:
        """Exact difference, signed."""
        a, b, f_bits = self._aligned(other)
        return self._of(a - b, f_bits)

    def __mul__(self, other: Value) -> Value:
        """Exact product."""
        raw = self._raw(self._shape.f_bits) * other._raw(other._shape.f_bits)
        return self._of(raw, self._shape.f_bits + other._shape.f_bits)

    def __neg__(self) -> Value:
        """Exact negation, signed."""
        return self._of(-self._raw(self._shape.f_bits), self._shape.f_bits)

    def __abs__(self) -> Value:
        """Exact magnitude, unsigned."""
        return self._of(abs(self._raw(self._shape.f_bits)), self._shape.f_bits)

    def __eq__(self, other: Value) -> hdl.Value:  # type: ignore[override]
        """Compare by value."""
        a, b, _ = self._aligned(other)
        return a == b

    def __ne__(self, other: Value) -> hdl.Value:  # type: ignore[override]
        """Compare by value."""
        a, b, _ = self._aligned(other)
        return a != b

    def __lt__(self, other: Value) -> hdl.Value:
        """Compare by value."""
        a, b, _ = self._aligned(other)
        return a < b

    def __ge__(self, other: Value) -> hdl.Value:
        """Compare by value."""
        a, b, _ = self._aligned(other)
        return a >= b

    def __gt__(self, other: Value) -> hdl.Value:
        """Compare by value."""
        a, b, _ = self._aligned(other)
        return a > b

    def scaled(self, exponent: int) -> Value:
        """Multiply by 2**exponent: the same bits with another LSB."""
        return Value(Shape(self._shape.storage, self._shape.f_bits - exponent), self._target)

    def reshape(self, f_bits: int, rounding: Rounding | None = None) -> Value:
        """Return the value with another number of fraction bits.

        Raises
        ------
        TypeError
            If bits would be lost and no `rounding` says how.
        """
        lost = self._shape.f_bits - f_bits
        if lost <= 0:
            return self._of(self._raw(f_bits), f_bits)
        if rounding is None:
            raise TypeError(f"{self._shape!r} loses {lost} fraction bits; say how to round")
        raw = self._raw(self._shape.f_bits)
        if lost >= len(raw):
            wide = extend(raw, lost + 1)
            raw = wide.as_signed() if self._shape.signed else wide
        floor = raw.shift_right(lost)
        if rounding is Rounding.TRUNCATE:
            return self._of(floor, f_bits)
        if rounding is Rounding.AWAY:
            up = ~(raw < 0) & raw[:lost].any()
            return self._of(floor + up, f_bits)
        # To nearest, ties to even: up if the rest is over a half, or is one and the floor is odd.
        up = raw[lost - 1] & (raw[: lost - 1].any() | floor[0])
        return self._of(floor + up, f_bits)

    def saturate(self, shape: Shape) -> Value:
        """Return the nearest value of a shape of the same LSB.

        Raises
        ------
        TypeError
            If the shape has fewer fraction bits.
        """
        return self.clamp(shape.min_raw, shape.max_raw, shape)

    def clamp(self, low: int, high: int, shape: Shape) -> Value:
        """Return the nearest value between two raw values of `shape`, as that shape.

        Raises
        ------
        TypeError
            If the shape has fewer fraction bits.
        """
        if shape.f_bits < self._shape.f_bits:
            raise TypeError(f"{self._shape!r} loses fraction bits in {shape!r}; reshape it first")
        raw = self._raw(shape.f_bits)
        raw = Mux(_below(raw, low), low, Mux(_above(raw, high), high, raw))
        width = shape.storage.width
        bits = raw[:width] if len(raw) >= width else extend(raw, width)
        return Value(shape, bits.as_signed() if shape.signed else bits)

    def eq(self, other: Any) -> Any:
        """Assign a value that this shape holds in full.

        Raises
        ------
        TypeError
            If the assignment could lose anything.
        """
        if not isinstance(other, Value):
            raise TypeError(f"{self._shape!r} is assigned {other!r}, which is not a fixed value")
        if not self._shape.holds(other._shape):
            raise TypeError(
                f"{self._shape!r} does not hold every {other._shape!r}; reshape and saturate first"
            )
        return self._target.eq(other._raw(self._shape.f_bits))

    def __repr__(self) -> str:
        """Show shape and bits."""
        return f"fixed.{self._shape!r}({self._target!r})"


def _below(raw: hdl.Value, low: int) -> hdl.Value:
    """Whether an integer is less than a constant; for -2**n, only bits from n up matter."""
    places = (~low).bit_length()
    if low > 0 or low != -1 << places:
        return raw < low
    return raw[-1] & ~raw[places:].all() if raw.shape().signed else hdl.Const(0, 1)


def _above(raw: hdl.Value, high: int) -> hdl.Value:
    """Whether an integer is greater than a constant; for 2**n - 1, likewise.

    For 2**n too, which itself may count as greater: clamped, it is the same.
    """
    places = (high - 1).bit_length() if high > 0 else 0
    if high < 0 or high not in ((1 << places) - 1, 1 << places):
        return raw > high
    beyond = raw[places:].any()
    return beyond & ~raw[-1] if raw.shape().signed else beyond


def extend(raw: hdl.Value, width: int) -> hdl.Value:
    """Sign- or zero-extend to `width` bits."""
    if len(raw) >= width:
        return raw[:width]
    return hdl.Cat(
        raw, (raw[-1] if raw.shape().signed else hdl.Const(0)).replicate(width - len(raw))
    )


def mux(select: Any, yes: Value, no: Value) -> Value:
    """Choose between two values; the result holds both."""
    a, b, f_bits = yes._aligned(no)
    return Value._of(Mux(select, a, b), f_bits)


def signal(
    shape: Shape,
    name: str | None = None,
    init: float = 0,
    reset_less: bool = False,
    attrs: dict[str, int] | None = None,
) -> Value:
    """Return a new signal of a shape."""
    raw = shape.const(init).value
    return Value(
        shape,
        hdl.Signal(
            shape.storage, name=name, init=raw, reset_less=reset_less, attrs=attrs or {},
            src_loc_at=1,
        ),
    )  # fmt: skip


def named(m: hdl.Module, value: Value, name: str) -> Value:
    """Return a value by the name of a signal, for what is used more than once.

    Amaranth writes an expression out anew for each use, and for each slice of it.
    """
    it = signal(value.shape(), name)
    m.d.comb += it.as_value().eq(value.as_value())
    return it


def constant(shape: Shape, number: float) -> Value:
    """Return a number as a constant of a shape that holds it exactly."""
    return Value(shape, shape.const(number))
