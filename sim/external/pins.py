"""A plant's model at the pins of the gateware: what it is given, and what it answers when."""

from __future__ import annotations

import random
from collections.abc import Mapping

import numpy as np

from model.external.plant import Converted
from model.number.fixed import Ints
from spec.external import derive
from spec.external.config import ExternalConfig
from spec.external.exchange import ExchangeSpec
from spec.external.plant import Way

NEVER = 1 << 62
"""A clock that does not come."""

SYNCHRONISER = 3
"""Clocks from the plant's `settled` to the first conversion: two registers, and a state."""

Inputs = dict[str, int]
Outputs = Mapping[str, int]


def signed(raw: int, bits: int) -> int:
    """Return what raw bits mean in two's complement."""
    return raw - (raw >> bits - 1 << bits)


class WeightPins:
    """What a plant has as weights.

    Parameters
    ----------
    spec : ExchangeSpec

    Attributes
    ----------
    weights : array of int, shape (P,)
        In LSBs.
    """

    def __init__(self, spec: ExchangeSpec) -> None:
        self.spec = spec
        self.weights: Ints = np.zeros(spec.parameters, dtype=np.int64)

    def react(self, clock: int, outputs: Outputs, inputs: Inputs) -> int:
        """Take what comes in this clock; return until when nothing is to be done."""
        raise NotImplementedError


class ParallelWeightPins(WeightPins):
    """All weights at once."""

    def react(self, clock: int, outputs: Outputs, inputs: Inputs) -> int:
        """Look at them when they count: as `evaluate` rises."""
        bits, theta = self.spec.weight.bits, outputs["theta"]
        if outputs["evaluate"]:
            mask = (1 << bits) - 1
            raws = (theta >> bits * k & mask for k in range(self.spec.parameters))
            self.weights = np.array([signed(raw, bits) for raw in raws], dtype=np.int64)
        return NEVER


class StreamWeightPins(WeightPins):
    """One after the other.

    Parameters
    ----------
    stalls : float
        Fraction of the clocks in which it does not take one.
    """

    def __init__(self, spec: ExchangeSpec, stalls: float = 0.0) -> None:
        super().__init__(spec)
        self.stalls, self._random = stalls, random.Random(1)
        self.received = 0

    def react(self, clock: int, outputs: Outputs, inputs: Inputs) -> int:
        """Take the weight of this clock, or let it wait."""
        ready = self._random.random() >= self.stalls
        inputs["weight_ready"] = int(ready)
        if not outputs["weight_valid"]:
            return NEVER
        if ready:
            value = signed(outputs["weight"], self.spec.weight.bits)
            self.weights[outputs["weight_address"]] = value
            self.received += 1
        return clock + 1


class Answer:
    """A plant that answers each evaluation once it has settled.

    Until then its cost is a wrong one. Tests have others, which misbehave.

    Parameters
    ----------
    config : ExternalConfig
    delays : sequence of int
        Clocks by which answers to evaluations are later than need be, in turn; for a plant that is
        waited for only.
    stalls : float
        As that of `StreamWeightPins`.
    """

    def __init__(
        self, config: ExternalConfig, delays: tuple[int, ...] = (0,), stalls: float = 0.0
    ) -> None:
        self.config, self.spec = config, derive.exchange(config)
        self.plant = Converted(self.spec, config.formats.cost_bits, config.model())
        if self.spec.weights is Way.STREAM:
            self.pins: WeightPins = StreamWeightPins(self.spec, stalls)
        else:
            self.pins = ParallelWeightPins(self.spec)
        self.delays, self.asked = delays, 0
        self._evaluates = 0
        self._due: list[tuple[int, Inputs]] = []  # what its pins will be, from a clock on

    def react(self, clock: int, outputs: Outputs) -> tuple[Inputs, int]:
        """Return what the plant's pins are from this clock on, and until when they stay."""
        inputs: Inputs = {}
        wake = self.pins.react(clock, outputs, inputs)
        if outputs["evaluate"] != self._evaluates:
            self._evaluates = outputs["evaluate"]
            if self._evaluates:
                self.ask(clock, outputs)
                self.asked += 1
            elif self.spec.handshake:
                self.later(clock, settled=0)
        while self._due and self._due[0][0] <= clock:
            inputs |= self._due.pop(0)[1]
        return inputs, min(wake, self._due[0][0] if self._due else NEVER)

    def later(self, clock: int, **pins: int) -> None:
        """Let pins be so from a clock on; clocks must not go back."""
        self._due.append((clock, pins))

    def ask(self, clock: int, outputs: Outputs) -> None:
        """Answer an evaluation, of which the weights are there since the clock before."""
        delay = self.delays[self.asked % len(self.delays)]
        settles = clock + self.spec.settling
        if self.spec.handshake:
            self.later(clock + delay, settled=1)
            settles = max(settles, clock + delay + SYNCHRONISER)
        elif self.spec.cost is Way.STREAM:
            settles += delay
        for k in range(self.spec.conversions):
            cost = self.plant.convert(self.pins.weights, outputs["sample"])
            self.convert(settles + k, cost, outputs["round"])
        self.rest(settles + self.spec.conversions)

    def convert(self, clock: int, cost: int, number: int) -> None:
        """Show a conversion, in a clock."""
        if self.spec.cost is Way.STREAM:
            self.later(clock, cost_valid=1, cost=cost, cost_round=number)
        else:
            self.later(clock, cost=cost)

    def rest(self, clock: int) -> None:
        """Show nothing that is right."""
        wrong = (1 << self.spec.cost_width) - 1
        if self.spec.cost is Way.STREAM:
            self.later(clock, cost_valid=0, cost=wrong)
        else:
            self.later(clock, cost=wrong)
