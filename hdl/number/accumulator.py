"""A sum of products: of a multiplier block that adds them up, or of a multiplier and logic."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.number import fixed
from hdl.number.delay import delay
from hdl.number.multiplier import multiply
from spec.plant import Multipliers


class Accumulator(wiring.Component):
    """Σ a·b, exactly, over the clocks in which factors count.

    On a board, the platform's `get_multiplier` makes it of a block that adds up what it multiplies,
    or returns None. Then it is of a `Multiplier` and an adder; and so it is where there is no
    platform, as in a simulation. The sum starts from 0.

    Latency: `multipliers.latency` clocks and one more from `a`, `b` and `adds` to `total`; a clock
    from `clear`. Throughput: a product a clock.

    Parameters
    ----------
    a, b, total : fixed.Shape
        The last one has the fraction bits of a·b.
    multipliers : Multipliers

    Members
    -------
    a, b : In(a), In(b)
    adds : In(1)
        Whether their product is added.
    clear : In(1)
        Whether the sum becomes 0, whatever else would be added in this clock.
    total : Out(total)
        Must hold the sum.
    """

    a: fixed.Value
    b: fixed.Value
    adds: Signal
    clear: Signal
    total: fixed.Value

    def __init__(
        self, a: fixed.Shape, b: fixed.Shape, total: fixed.Shape, multipliers: Multipliers
    ) -> None:
        assert total.f_bits == a.f_bits + b.f_bits
        self.multipliers = multipliers
        members: dict[str, Any] = {"a": In(a), "b": In(b), "total": Out(total)}
        super().__init__(members | dict.fromkeys(("adds", "clear"), In(1)))

    def elaborate(self, platform: Any) -> Module:
        """Build what the platform has, or a multiplier and an adder."""
        kinds = (Multipliers.REGISTERED, Multipliers.BLOCKS)
        offer = getattr(platform, "get_multiplier", None)
        made = None if self.multipliers not in kinds or offer is None else offer(self)
        return self._of_logic() if made is None else made

    def added(self, m: Module) -> Signal:
        """Return `adds` beside the product."""
        return delay(m, self.adds, 1, self.multipliers.latency, "adds")

    def _of_logic(self) -> Module:
        m: Any = Module()
        product = multiply(m, self.a, self.b, self.multipliers, "product")
        adds, width = self.added(m), self.total.shape().storage.width
        with m.If(self.clear):
            m.d.sync += self.total.as_value().eq(0)
        with m.Elif(adds):
            m.d.sync += self.total.as_value().eq((self.total + product).as_value()[:width])
        return m
