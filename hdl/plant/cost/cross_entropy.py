"""The cross-entropy of classes, to base 2, by shifts."""

from __future__ import annotations

from collections.abc import Sequence

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.number import fixed, tree
from hdl.number.delay import delay
from spec.plant import CrossEntropySpec


class CrossEntropy(wiring.Component):
    """Computes log2 Σ 2**y - y_t, by straight lines between powers of two, towards zero.

    Latency: see `latency`. Throughput: one evaluation a clock.

    Parameters
    ----------
    spec : CrossEntropySpec

    Members
    -------
    y, t : In(array of numbers)
        The only t that is not 0 is that of the right class.
    cost : Out(unsigned)
        In LSBs of 2**-fraction_bits.

    Attributes
    ----------
    latency : int
        Clocks from `y` to `cost`, which is not registered: m, m - y, 2**(y - m), s.
    """

    y: data.View
    t: data.View
    cost: fixed.Value

    def __init__(self, spec: CrossEntropySpec) -> None:
        self.spec = spec
        super().__init__(
            {
                "y": In(data.ArrayLayout(shapes.number(spec.output), spec.outputs)),
                "t": In(data.ArrayLayout(shapes.number(spec.target), spec.outputs)),
                "cost": Out(shape(spec)),
            }
        )

    @property
    def latency(self) -> int:
        """Clocks from `y` to `cost`."""
        return self.spec.latency

    def elaborate(self, platform: object) -> Module:
        """Build the pipeline."""
        m, spec = Module(), self.spec
        behind = self._behind(m)
        terms = [power(m, spec, number, f"{k}") for k, number in enumerate(behind)]
        s = tree.adder_tree(m, terms, spec.levels).as_value()
        right = self._of_right_class(m, behind)
        m.d.comb += Value.cast(self.cost).eq(cost(m, spec, s, right))
        return m

    def _behind(self, m: Module) -> list[Signal]:
        """Return m - y of every output, m the largest; in LSBs of y."""

        def larger(first: fixed.Value, second: fixed.Value) -> fixed.Value:
            return fixed.named(m, fixed.mux(second > first, second, first), "larger")

        def register(value: fixed.Value, name: str) -> fixed.Value:
            held = fixed.signal(value.shape(), f"largest_{name}")
            m.d.sync += held.eq(value)
            return held

        spec, outputs = self.spec, range(self.spec.outputs)
        largest = tree.tree([self.y[k] for k in outputs], larger, register, spec.levels)
        behind = []
        for k in outputs:
            y = delay(m, self.y[k], self.y[k].shape(), self.spec.tree_latency, f"y_{k}")
            number = Signal(range(self.spec.span + 1), name=f"behind_{k}")
            m.d.sync += number.eq(largest.as_value() - y.as_value())
            behind.append(number)
        return behind

    def _of_right_class(self, m: Module, behind: Sequence[Signal]) -> Value:
        """Return m - y of the right class, when s is there."""
        spec = self.spec
        right = Signal(range(spec.span + 1))
        chosen = []
        for k, number in enumerate(behind):
            t = delay(m, self.t[k].as_value().any(), 1, spec.tree_latency + 1, f"t_{k}")
            chosen.append(Mux(t, number, 0))
        total = chosen[0]
        for other in chosen[1:]:
            total = total | other
        m.d.comb += right.eq(total)
        return delay(m, right, right.shape(), 1 + spec.tree_latency, "right")


def shape(spec: CrossEntropySpec) -> fixed.Shape:
    """Return the shape of a cost."""
    return fixed.UQ(spec.width - spec.fraction_bits, spec.fraction_bits)


def power(m: Module, spec: CrossEntropySpec, behind: Signal, name: str) -> fixed.Value:
    """Return 2**(y - m), a clock later: 1 + f, shifted; f is what y is above a whole number.

    Parameters
    ----------
    m : Module
    spec : CrossEntropySpec
    behind : Signal
        m - y, in LSBs of y.
    name : str
        Of the output.
    """
    fraction = spec.output.fraction_bits
    shift = Signal(range(spec.largest_shift + 1), name=f"shift_{name}")
    rest = Signal(fraction, name=f"rest_{name}")
    m.d.comb += [
        shift.eq(behind[fraction:] + behind[:fraction].any()),
        rest.eq(-behind[:fraction]),
    ]
    found = fixed.signal(fixed.UQ(1, spec.sum_fraction), f"power_{name}")
    mantissa = Cat(Const(0, spec.sum_fraction - fraction), rest, Const(1, 1))
    m.d.sync += found.as_value().eq(mantissa >> shift)
    return found


def cost(m: Module, spec: CrossEntropySpec, s: Value, right: Value) -> Value:
    """Return log2 s + m - y of the right class, in LSBs of a cost; a positive whole number.

    Parameters
    ----------
    m : Module
    spec : CrossEntropySpec
    s : Value
        Σ 2**(y - m), with `spec.sum_fraction` fraction bits.
    right : Value
        m - y of the right class, in LSBs of y.
    """
    aligned = Cat(Const(0, spec.sum_fraction - spec.output.fraction_bits), right)
    total = Signal(spec.width + spec.sum_fraction - spec.fraction_bits)
    m.d.comb += total.eq(_logarithm(m, spec, s) + aligned)
    return total >> spec.sum_fraction - spec.fraction_bits


def _logarithm(m: Module, spec: CrossEntropySpec, s: Value) -> Value:
    """Return log2 s: the place of its highest bit, and what follows as a fraction."""
    bits = spec.sum_fraction
    logarithm = Signal(bits + max(1, spec.largest_exponent.bit_length()))
    m.d.comb += logarithm.eq(s[:bits])
    for exponent in range(1, spec.largest_exponent + 1):  # the highest that is set counts
        with m.If(s[bits + exponent]):
            m.d.comb += logarithm.eq(Cat(s[exponent : bits + exponent], Const(exponent)))
    return logarithm
