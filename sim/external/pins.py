"""A plant's model at the pins of the gateware: what it is given, and what it answers when."""

from __future__ import annotations

import bisect

from model.external.plant import Converted
from sim.external.spi_pins import SpiCostPins, SpiWeightPins
from sim.external.weight_pins import (
    NEVER,
    Inputs,
    Outputs,
    ParallelWeightPins,
    StreamWeightPins,
    WeightPins,
)
from spec.external import derive
from spec.external.config import ExternalConfig
from spec.external.plant import Way

SYNCHRONISER = 3
"""Clocks from the plant's `settled` to the first conversion: two registers, and a state."""


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
        self.renew()
        self.pins = self._weight_pins(stalls)
        self.adc = SpiCostPins(self.spec, self._read) if self.spec.adc else None
        self.delays, self.asked, self._sample = delays, 0, 0
        self._evaluates = 0
        self._due: list[tuple[int, Inputs]] = []  # what its pins will be, from a clock on

    def renew(self) -> None:
        """Make the plant's model anew, as for each run."""
        self.plant = Converted(self.config)

    def _weight_pins(self, stalls: float) -> WeightPins:
        if self.spec.weights is Way.STREAM:
            return StreamWeightPins(self.spec, stalls)
        spi = self.spec.weights is Way.SPI
        return (SpiWeightPins if spi else ParallelWeightPins)(self.spec)

    def _read(self, output: int) -> int:
        """Return what is at an input of the ADC now."""
        return self.plant.convert(self.pins.words, self._sample, output)

    def react(self, clock: int, outputs: Outputs) -> tuple[Inputs, int]:
        """Return what the plant's pins are from this clock on, and until when they stay."""
        inputs: Inputs = {}
        self._sample = outputs["sample"]
        wake = self.pins.react(clock, outputs, inputs)
        if outputs["evaluate"] != self._evaluates:
            self._evaluates = outputs["evaluate"]
            if self._evaluates:
                self.ask(clock, outputs)
                self.asked += 1
            elif self.spec.handshake:
                self.later(clock, settled=0)
        if self.adc:
            wake = min(wake, self.adc.react(clock, outputs, inputs))
        while self._due and self._due[0][0] <= clock:
            inputs |= self._due.pop(0)[1]
        return inputs, min(wake, self._due[0][0] if self._due else NEVER)

    def later(self, clock: int, **pins: int) -> None:
        """Let pins be so from a clock on; of what is said of the same clock, the last counts."""
        bisect.insort(self._due, (clock, pins), key=lambda due: due[0])

    def ask(self, clock: int, outputs: Outputs) -> None:
        """Answer an evaluation, of which the weights are there since the clock before."""
        delay = self.delays[self.asked % len(self.delays)]
        settles = clock + self.spec.settling
        if self.spec.handshake:
            self.later(clock + delay, settled=1)
            settles = max(settles, clock + delay + SYNCHRONISER)
        elif self.spec.cost is Way.STREAM:
            settles += delay
        if self.adc:
            return
        for output in range(self.spec.signals):
            for _ in range(self.spec.conversions):
                cost = self.plant.convert(self.pins.words, outputs["sample"], output)
                self.convert(settles, cost, outputs.get("round", 0), output)
                settles += 1
        self.rest(settles)

    def convert(self, clock: int, cost: int, number: int, output: int = 0) -> None:
        """Show a conversion, in a clock."""
        of = {"cost_output": output} if self.spec.outputs else {}
        if self.spec.cost is Way.STREAM:
            self.later(clock, cost_valid=1, cost=cost, cost_round=number, **of)
        elif self.spec.outputs:
            self.later(clock, y=cost << output * self.spec.cost_width)
        else:
            self.later(clock, cost=cost)

    def rest(self, clock: int) -> None:
        """Show nothing that is right."""
        wrong = (1 << self.spec.cost_width) - 1
        if self.spec.cost is Way.STREAM:
            self.later(clock, cost_valid=0, cost=wrong)
        elif self.spec.outputs:
            self.later(clock, y=wrong)
        else:
            self.later(clock, cost=wrong)
