"""Activation functions, as pipelines of one to three clocks."""

from __future__ import annotations

from amaranth.hdl import Module, Mux, Signal, Value
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
        if self.kind in TABLED or self.kind is Activation.PLAN:
            # Both are computed for |z|, at most 8 - LSB, and mirrored for negative z.
            magnitude = fixed.signal(
                fixed.span(0, (SATURATION << self.fraction) - 1, self.fraction)
            )
            negative = Signal()
            m.d.sync += [
                magnitude.eq(fixed.named(m, abs(z), "wide").saturate(magnitude.shape())),
                negative.eq(z < fixed.constant(z.shape(), 0)),
            ]
            if self.kind in TABLED:
                negative = delay(m, negative, 1, 1, "negative")
                m.d.sync += a.eq(self._mirror(m, self._table(m, magnitude), negative))
            else:
                m.d.sync += a.eq(self._plan(m, magnitude, negative))
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

    def _plan(self, m: Module, magnitude: fixed.Value, negative: Value) -> fixed.Value:
        """Four segments: z/4 + 1/2, z/8 + 5/8, z/32 + 27/32, 1; all at once, each mirrored."""
        raw, one = magnitude.as_value(), 1 << self.fraction
        y = Signal(range(one + 1))
        m.d.comb += y.eq(Mux(negative, 0, one))
        for segment in reversed(plan_segments(self.fraction)):
            slope = (raw >> segment.shift)[: self.fraction]
            mirrored = slope ^ negative.replicate(len(slope))
            # 1 - (slope + offset) = ~slope + 1 - offset, but for bits above.
            offset = Mux(negative, one - segment.offset + 1, segment.offset)
            with m.If(raw < segment.limit):
                m.d.comb += y.eq((mirrored + offset)[: self.fraction])
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
