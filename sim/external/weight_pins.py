"""What a plant has as weights, by what comes at its pins."""

from __future__ import annotations

import random
from collections.abc import Mapping

import numpy as np

from model.number.fixed import Ints
from spec.external.exchange import ExchangeSpec

NEVER = 1 << 62
"""A clock that does not come."""

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
    words : array of int
        Weights and inputs, in LSBs of weights.
    """

    def __init__(self, spec: ExchangeSpec) -> None:
        self.spec = spec
        self.words: Ints = np.zeros(spec.words, dtype=np.int64)

    def react(self, clock: int, outputs: Outputs, inputs: Inputs) -> int:
        """Take what comes in this clock; return until when nothing is to be done."""
        raise NotImplementedError


class ParallelWeightPins(WeightPins):
    """All weights at once."""

    def react(self, clock: int, outputs: Outputs, inputs: Inputs) -> int:
        """Look at them when they count: as `evaluate` rises."""
        bits, words = self.spec.weight.bits, outputs["theta"]
        words |= outputs.get("x", 0) << bits * self.spec.parameters
        if outputs["evaluate"]:
            mask = (1 << bits) - 1
            raws = (words >> bits * k & mask for k in range(self.spec.words))
            self.words = np.array([signed(raw, bits) for raw in raws], dtype=np.int64)
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
            self.words[outputs["weight_address"]] = value
            self.received += 1
        return clock + 1
