"""The mean squared error of an evaluation."""

from __future__ import annotations

from amaranth.hdl import Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import shapes
from hdl.number import fixed, tree
from hdl.number.delay import delay
from hdl.number.look_up import look_up
from hdl.number.multiplier import multiply
from spec.numbers import Rounding
from spec.plant import MeanSquaredErrorSpec


class MeanSquaredError(wiring.Component):
    """Computes Σ (y - t)²/outputs, towards zero.

    Latency: see `latency`. Throughput: one evaluation a clock.

    Parameters
    ----------
    spec : MeanSquaredErrorSpec

    Members
    -------
    y, t : In(array of numbers)
    cost : Out(unsigned)
        In LSBs of 2**-fraction_bits.

    Attributes
    ----------
    latency : int
        Clocks from `y` to `cost`, which is not registered: error, square, sum.
    """

    y: data.View
    t: data.View
    cost: fixed.Value

    def __init__(self, spec: MeanSquaredErrorSpec) -> None:
        self.spec = spec
        self.outputs = spec.outputs
        self.shape = fixed.UQ(spec.width - spec.fraction_bits, spec.fraction_bits)
        super().__init__(
            {
                "y": In(data.ArrayLayout(shapes.number(spec.output), self.outputs)),
                "t": In(data.ArrayLayout(shapes.number(spec.target), self.outputs)),
                "cost": Out(self.shape),
            }
        )

    @property
    def latency(self) -> int:
        """Clocks from `y` to `cost`."""
        return self.spec.latency

    def elaborate(self, platform: object) -> Module:
        """Build the pipeline."""
        m = Module()
        squares = []
        for k in range(self.outputs):
            error = fixed.named(m, self.y[k] - self.t[k], f"difference_{k}")
            squares.append(self._square(m, error, k))
        total = tree.adder_tree(m, squares)
        m.d.comb += self.cost.eq(
            self._mean(total.reshape(self.spec.fraction_bits, Rounding.TRUNCATE))
        )
        return m

    def _square(self, m: Module, error: fixed.Value, k: int) -> fixed.Value:
        """Return the square of an output's error, by a multiplier or a table."""
        spec, name = self.spec, f"square_{k}"
        if not spec.looked_up:
            if spec.multipliers.latency == 1:  # else the multiplier registers it
                error = delay(m, error, error.shape(), 1, f"error_{k}")
            return multiply(m, error, error, spec.multipliers, name)
        distance = Signal(range(spec.largest + 1), name=f"distance_{k}")
        square = fixed.signal(fixed.span(0, spec.largest**2, 2 * error.shape().f_bits), name)
        m.d.sync += [
            distance.eq(abs(error).as_value()),
            square.as_value().eq(look_up(distance, [n * n for n in range(spec.largest + 1)])),
        ]
        return square

    def _mean(self, total: fixed.Value) -> fixed.Value:
        """Divide by the number of outputs, towards zero, by an exact reciprocal.

        ⌊x/n⌋ = ⌊x·m / 2**s⌋ for all x below 2**w with s = w + bits of n and m = ⌈2**s / n⌉, as
        then x·(m·n - 2**s) < 2**s.
        """
        raw = total.as_value().as_unsigned()
        if self.outputs & (self.outputs - 1) == 0:
            quotient = raw >> (self.outputs.bit_length() - 1)
        else:
            exponent = len(raw) + self.outputs.bit_length()
            quotient = raw * -(-(1 << exponent) // self.outputs) >> exponent
        width = self.shape.storage.width
        return fixed.Value(self.shape, quotient[:width])
