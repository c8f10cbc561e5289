"""Costs in: conversions, at once or when they come."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal, Value, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from spec.external.exchange import ROUND_BITS, ExchangeSpec


class Receiver(wiring.Component):
    """What all ways have in common.

    Parameters
    ----------
    spec : ExchangeSpec

    Attributes
    ----------
    pins : dict
        Members that lead to the plant.

    Members
    -------
    ask : In(1)
        Whether conversions are awaited; there are no gaps between those of a cost.
    output : In
        Of which output; if the plant puts out a cost, 0.
    round : In
        Number of the evaluation.
    came : Out(1)
        Strobe, while asked: `value` is one.
    value : Out(unsigned)
    unasked : Out(1)
        Strobe: one came that nobody asked for, and is dropped.
    """

    ask: Signal
    output: Signal
    round: Signal
    came: Signal
    value: Signal
    unasked: Signal

    pins: dict[str, Any]

    def __init__(self, spec: ExchangeSpec) -> None:
        self.spec = spec
        self.pins = self.pins_of(spec)
        members: dict[str, Any] = {"output": In(range(max(2, spec.signals)))}
        members |= {"ask": In(1), "round": In(ROUND_BITS), "came": Out(1), "unasked": Out(1)}
        super().__init__(members | {"value": Out(spec.cost_width)} | self.pins)

    @staticmethod
    def pins_of(spec: ExchangeSpec) -> dict[str, Any]:
        """Return the members that lead to the plant."""
        if spec.outputs:
            return {"y": In(data.ArrayLayout(unsigned(spec.cost_width), spec.outputs))}
        return {"cost": In(spec.cost_width)}


class ParallelCost(Receiver):
    """A port that has the cost of what is on the weights, or outputs; a conversion in every clock.

    Latency: none.

    Members
    -------
    cost : In(unsigned)
    y : In(array of unsigned)
        In place of `cost`, if the plant puts out outputs.
    """

    cost: Signal
    y: data.View

    def elaborate(self, platform: object) -> Module:
        """Pass it on."""
        m = Module()
        m.d.comb += [self.came.eq(self.ask), self.value.eq(self._value())]
        return m

    def _value(self) -> Value:
        """Return the conversion that is asked for."""
        return self.y[self.output] if self.spec.outputs else self.cost


class StreamCost(Receiver):
    """Conversions when they come.

    Those that come while none is awaited, or of another evaluation, are dropped: a plant may be
    free running. Latency: none.

    Members
    -------
    cost_valid, cost_ready : In(1), Out(1)
        A conversion comes in each clock in which both are 1; `cost_ready` always is.
    cost : In(unsigned)
    cost_round : In
        Number of the evaluation that it is of, as `round` was; a plant that knows none returns
        `round` at once.
    cost_output : In
        Which output it is, if the plant puts out outputs: they come one after the other, all
        conversions of the first one first.
    """

    cost: Signal
    cost_valid: Signal
    cost_ready: Signal
    cost_round: Signal
    cost_output: Signal

    @staticmethod
    def pins_of(spec: ExchangeSpec) -> dict[str, Any]:
        """Return the members that lead to the plant."""
        pins = {"cost_valid": In(1), "cost_ready": Out(1), "cost_round": In(ROUND_BITS)}
        if spec.outputs:
            pins["cost_output"] = In(range(max(2, spec.outputs)))
        return pins | {"cost": In(spec.cost_width)}

    def elaborate(self, platform: object) -> Module:
        """Take those that are awaited."""
        m = Module()
        right = Signal()
        mine = self.cost_output == self.output if self.spec.outputs else 1
        m.d.comb += [
            right.eq(self.ask & (self.cost_round == self.round) & mine),
            self.came.eq(self.cost_valid & right),
            self.unasked.eq(self.cost_valid & ~right),
            self.value.eq(self.cost),
            self.cost_ready.eq(1),
        ]
        return m
