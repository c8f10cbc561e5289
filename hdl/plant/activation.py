"""Activation functions, as pipelines of one to three clocks."""

from __future__ import annotations

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value, signed
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from hdl.number import fixed
from hdl.number.delay import delay
from spec.activation import SATURATION, TABLED, Activation, plan_segments
from spec.numbers import Rounding
from spec.plant import ActivationSpec


class ActivationUnit(wiring.Component):
    """a = f(z), saturating.

    Latency: see `latency`. Throughput: one value a clock.

    Parameters
    ----------
    spec : ActivationSpec
    z : fixed.Shape
        Shape of the sum; it is truncated to the LSB of `a`.

    Members
    -------
    z : In(z)
    a : Out(fixed.Shape)
        The smallest shape that holds the activation's range.

    Attributes
    ----------
    latency : int
        Clocks from `z` to `a`: 1 for a clamp, 2 for PLAN, 3 for a table.
    """

    z: fixed.Value
    a: fixed.Value

    def __init__(self, spec: ActivationSpec, z: fixed.Shape) -> None:
        self.spec = spec
        self.kind = spec.kind
        self.fraction = spec.fraction_bits
        self.shape = fixed.span(*spec.range, self.fraction)
        super().__init__({"z": In(z), "a": Out(self.shape)})

    @property
    def latency(self) -> int:
        """Clocks from `z` to `a`."""
        return self.spec.latency

    def elaborate(self, platform: object) -> Module:
        """Build the activation."""
        m = Module()
        z = fixed.named(m, self.z.reshape(self.fraction, Rounding.TRUNCATE), "truncated")
        a = fixed.signal(self.shape)
        m.d.comb += self.a.eq(a)
        if self.kind is Activation.PLAN:
            m.d.sync += a.eq(self._plan(m, z))
        elif self.kind in TABLED:
            # Computed for |z|, at most 8 - LSB, and mirrored for negative z.
            magnitude = fixed.signal(
                fixed.span(0, (SATURATION << self.fraction) - 1, self.fraction)
            )
            negative = Signal()
            m.d.sync += [
                magnitude.eq(fixed.named(m, abs(z), "wide").saturate(magnitude.shape())),
                negative.eq(z < fixed.constant(z.shape(), 0)),
            ]
            negative = delay(m, negative, 1, 1, "negative")
            m.d.sync += a.eq(self._mirror(m, self._table(m, magnitude), negative))
        else:
            if self.kind is Activation.HARD_SIGMOID:
                quarter = z.scaled(-2).reshape(self.fraction, Rounding.TRUNCATE)
                z = fixed.named(m, quarter + fixed.constant(self.shape, 0.5), "lifted")
            m.d.sync += a.eq(z.clamp(*self.spec.range, self.shape))
        return m

    def _mirror(self, m: Module, half: fixed.Value, negative: Signal) -> fixed.Value:
        """f(-z) = 1 - f(z) for sigmoids, -f(z) for tanh."""
        one = fixed.constant(fixed.UQ(1, 0), 0 if self.kind is Activation.TANH else 1)
        low, high = self.spec.range
        whole = fixed.named(m, fixed.mux(negative, one - half, half), "whole")
        return whole.clamp(low, high, self.shape)

    def _plan(self, m: Module, z: fixed.Value) -> fixed.Value:
        """Four segments: |z|/4 + 1/2, |z|/8 + 5/8, |z|/32 + 27/32, 1; one adder, and no |z|.

        Of z < 0, 1 - (⌊|z|/2**s⌋ + offset) is ⌈z/2**s⌉ + 1 - offset.
        """
        one, segments = 1 << self.fraction, plan_segments(self.fraction)
        width = (SATURATION << self.fraction).bit_length()
        raw = fixed.extend(z.as_value(), max(width, len(z.as_value()) + 1)).as_signed()
        low, count = Signal(signed(width)), len(segments)
        facts = Signal(1 + 2 * count)
        smaller = (_smaller(raw, segment.limit) for segment in segments)
        lost = (raw[-1] & raw[: segment.shift].any() for segment in segments)
        m.d.sync += [low.eq(raw), facts.eq(Cat(raw[-1], *smaller, *lost))]
        negative, within, odd = facts[0], facts[1 : 1 + count], facts[1 + count :]
        slope, offset, up = Signal(signed(width)), Signal(self.fraction + 1), Signal()
        m.d.comb += offset.eq(Mux(negative, 0, one))
        for k, s in reversed([*enumerate(segments)]):
            with m.If(within[k]):
                m.d.comb += [
                    slope.eq(low >> s.shift),
                    offset.eq(Mux(negative, one - s.offset, s.offset)),
                    up.eq(odd[k]),
                ]
        if self.spec.deep:
            parts = [*zip((slope, offset, up), ("slope", "offset", "up"), strict=True)]
            slope, offset, up = (delay(m, part, part.shape(), 1, name) for part, name in parts)
        # The carry that rounds up spares an adder.
        y = (Cat(Const(1, 1), slope) + Cat(up, offset))[1 : self.fraction + 2]
        return fixed.Value(fixed.span(0, one, self.fraction), y)

    def _table(self, m: Module, magnitude: fixed.Value) -> fixed.Value:
        """Nearest entry of half a table, in a memory with a registered output."""
        table = self.spec.table
        depth = len(table.values)
        m.submodules.table = rom = memory.Memory(
            shape=range(max(table.values) + 1), depth=depth, init=table.values
        )
        port = rom.read_port()
        half = (1 << table.shift) >> 1
        nearest = Signal(len(magnitude.as_value()) + 1)
        m.d.comb += nearest.eq((magnitude.as_value() + half) >> table.shift)
        m.d.comb += port.addr.eq(Mux(nearest >= depth, depth - 1, nearest))
        return fixed.Value(fixed.span(0, max(table.values), self.fraction), port.data)


def _smaller(raw: Value, limit: int) -> Value:
    """Whether |raw| < limit: by its few bits that make a difference, and no carry."""
    zeros = (limit & -limit).bit_length() - 1
    high, end = raw[zeros:], limit >> zeros
    few = high[: end.bit_length() + 1]
    beyond = high[end.bit_length() :]

    def among(values: range) -> Value:
        return few.matches(*(value & (1 << len(few)) - 1 for value in values))

    inside = among(range(1 - end, end)) | (among(range(-end, 1 - end)) & raw[:zeros].any())
    return (beyond.all() | ~beyond.any()) & inside
