"""The tally of a check: the sum of the costs of all samples."""

from __future__ import annotations

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class Tally(wiring.Component):
    """Sums up costs, and judges them.

    Latency: 1 clock from a cost to the sum.

    Parameters
    ----------
    cost_width, sum_width : int

    Members
    -------
    cost : In(unsigned)
    count : In(1)
        Whether it counts.
    clear : In(1)
        Strobe: the sum becomes zero.
    solved_below : In(unsigned)
    cost_sum : Out(unsigned)
        In LSBs of 2**-cost_bits.
    target_met : Out(1)
        Whether the sum is below `solved_below`.
    """

    cost: Signal
    count: Signal
    clear: Signal
    solved_below: Signal
    cost_sum: Signal
    target_met: Signal

    def __init__(self, cost_width: int, sum_width: int) -> None:
        members = {"cost": In(cost_width), "count": In(1), "clear": In(1)}
        members |= {"solved_below": In(sum_width + 1), "cost_sum": Out(sum_width)}
        super().__init__(members | {"target_met": Out(1)})

    def elaborate(self, platform: object) -> Module:
        """Build the sum."""
        m = Module()
        with m.If(self.clear):
            m.d.sync += self.cost_sum.eq(0)
        with m.Elif(self.count):
            m.d.sync += self.cost_sum.eq(self.cost_sum + self.cost)
        m.d.comb += self.target_met.eq(self.cost_sum < self.solved_below)
        return m
