"""The mean squared error of an evaluation."""

from __future__ import annotations

from amaranth.hdl import Module
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl import layouts
from hdl.number import fixed, tree
from spec.config import Config
from spec.cost import cost_width
from spec.numbers import Rounding


class MeanSquaredError(wiring.Component):
    """Computes Σ (y - t)²/outputs, towards zero.

    Latency: see `latency`. Throughput: one evaluation a clock.

    Parameters
    ----------
    config : Config

    Members
    -------
    y : In(array of layouts.activation)
    t : In(array of layouts.target)
    cost : Out(unsigned)
        In LSBs of 2**-cost_bits.

    Attributes
    ----------
    latency : int
        Clocks from `y` to `cost`, which is not registered: error, square, sum.
    """

    y: data.View
    t: data.View
    cost: fixed.Value

    def __init__(self, config: Config) -> None:
        self.config = config
        self.outputs = config.data.outputs
        fraction = config.formats.cost_bits
        self.shape = fixed.UQ(cost_width(config) - fraction, fraction)
        last = len(config.layer_shapes) - 1
        super().__init__(
            {
                "y": In(data.ArrayLayout(layouts.activation(config, last), self.outputs)),
                "t": In(data.ArrayLayout(layouts.target(config), self.outputs)),
                "cost": Out(self.shape),
            }
        )

    @property
    def latency(self) -> int:
        """Clocks from `y` to `cost`."""
        return 2 + tree.latency(self.outputs)

    def elaborate(self, platform: object) -> Module:
        """Build the pipeline."""
        m = Module()
        squares = []
        for k in range(self.outputs):
            difference = self.y[k] - self.t[k]
            error = fixed.signal(difference.shape(), f"error_{k}")
            square = fixed.signal((error * error).shape(), f"square_{k}")
            m.d.sync += [error.eq(difference), square.eq(error * error)]
            squares.append(square)
        total = tree.adder_tree(m, squares)
        m.d.comb += self.cost.eq(
            self._mean(total.reshape(self.config.formats.cost_bits, Rounding.TRUNCATE))
        )
        return m

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
