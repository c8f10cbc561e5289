"""From outputs to u: a cost for each rail, and the change in it."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.number.delay import delay
from hdl.optimizer.bus import Tag
from hdl.optimizer.change import ChangeInCost
from hdl.plant.cost import cost_of
from spec import derive
from spec.config import Config


class CostAndChange(wiring.Component):
    """Both, connected as `hdl.trainer.Trainer` does; one rail.

    Latency: `latency` clocks from `y` to C, `change_latency` more to u.
    """

    def __init__(self, config: Config) -> None:
        self.cost = cost_of(derive.cost(config))
        self.change = ChangeInCost(derive.change(config))
        self.latency = self.cost.latency + self.change.spec.register_latency
        self.change_latency = self.change.spec.latency
        members: dict[str, Any] = {
            "y": In(self.cost.y.shape()),
            "t": In(self.cost.t.shape()),
            "tag": In(Tag),
            "tag_o": Out(Tag),
        }
        for name in ("noise", "eta_shift", "clear"):
            members[name] = In(getattr(self.change, name).shape())
        for name in ("draw", "C", "C0", "C_tilde", "u", "ready"):
            members[name] = Out(getattr(self.change, name).shape())
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Connect them."""
        m: Any = Module()
        it: Any = self
        m.submodules.cost = cost = self.cost
        m.submodules.change = change = self.change
        m.d.comb += [
            cost.y.eq(it.y),
            cost.t.eq(it.t),
            change.costs[0].eq(cost.cost),
            change.tag_i.eq(delay(m, it.tag, Tag, cost.latency, "tag")),
            it.tag_o.eq(change.tag),
        ]
        for name in ("noise", "eta_shift", "clear"):
            m.d.comb += getattr(change, name).eq(getattr(it, name))
        for name in ("draw", "C", "C0", "C_tilde", "u", "ready"):
            m.d.comb += getattr(it, name).eq(getattr(change, name))
        return m
