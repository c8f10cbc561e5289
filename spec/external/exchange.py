"""The exchange with an external plant: weights out, a cost in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from spec.external.converter import AdcShape, DacShape
from spec.external.plant import Way
from spec.numbers import Format
from spec.optimizer import MemoryBankSpec

COUNT_BITS = 16
"""Of what is counted of a plant that misbehaves; counters stay at their largest value."""

ROUND_BITS = 8
"""Of the number of an evaluation, by which a stream of costs tells which one it answers."""

HANDSHAKE_CLOCKS = 5
"""That it takes at most to see the plant's `settled` fall and rise, if it does so at once."""


@dataclass(frozen=True)
class ExchangeSpec:
    """How weights and costs get from one to the other.

    Parameters
    ----------
    parameters : int
        P.
    weight : Format
        Of θ ± Δθ: a bit more than the top bits of θ.
    weights, cost : Way
    cost_width : int
        Bits of a conversion, unsigned.
    average : int
        2**average conversions are summed up: their mean, with as many more fraction bits.
    settling : int
        Clocks from the last new weight to the first conversion, at least.
    handshake : bool
        Whether the plant says when it has settled.
    timeout : int
        Clocks after which a plant that does not answer is asked again; 0: it is not waited for.
    clock_hz : float
        Of the gateware, for SPI.
    dac : DacShape or None
    adc : AdcShape or None
    adc_channel : int
        Of the first output.
    inputs : int
        x of the sample, which goes out behind the weights, in their format; 0 if the plant has its
        own.
    outputs : int
        y, of which the cost is computed; 0 if the plant puts out a cost.
    cost_latency : int
        Clocks that this takes.
    """

    parameters: int
    weight: Format
    weights: Way
    cost: Way
    cost_width: int
    average: int
    settling: int
    handshake: bool
    timeout: int
    clock_hz: float
    dac: DacShape | None = None
    adc: AdcShape | None = None
    adc_channel: int = 0
    inputs: int = 0
    outputs: int = 0
    cost_latency: int = 0

    word_latency: ClassVar[int] = 0
    """Clocks from the number of a weight to itself, where one is sent after the other."""

    @property
    def words(self) -> int:
        """Numbers that go to the plant: weights, then inputs."""
        return self.parameters + self.inputs

    @property
    def signals(self) -> int:
        """Numbers that come from it: outputs, or the cost."""
        return self.outputs or 1

    @property
    def chips(self) -> int:
        """DACs that have a channel for every word."""
        return -(-self.words // self.dac.channels) if self.dac else 0

    @property
    def send_clocks(self) -> int:
        """Clocks to send weights to a plant that takes them at once; through DACs, all of them."""
        if self.dac:
            frames = self.words * self.dac.write_clocks(self.clock_hz)
            return 2 + self.word_latency + frames + self.dac.load_clocks(self.clock_hz)
        return 1 if self.weights is Way.PARALLEL else self.words + 2 + self.word_latency

    @property
    def convert_clocks(self) -> int:
        """Clocks of all conversions of a cost that come as they are asked for."""
        count = self.signals * self.conversions
        if not self.adc:
            return count
        between = max(self.adc.start_clocks(self.clock_hz), self.adc.read_clocks(self.clock_hz) + 1)
        return (count - 1) * between + self.adc.read_clocks(self.clock_hz) + 1

    @property
    def clocks(self) -> int:
        """Clocks from the tag of an evaluation to its answer, without those that a plant takes."""
        return 1 + self.send_clocks + self.settling + self.convert_clocks + self.cost_latency

    @property
    def least_timeout(self) -> int:
        """Clocks within which a plant that lets nobody wait has answered."""
        setup = self.dac.setup_clocks(self.clock_hz) if self.dac else 0
        return setup + self.clocks + 1 + HANDSHAKE_CLOCKS * self.handshake

    @property
    def width(self) -> int:
        """Bits of the mean of its conversions, or of each output's."""
        return self.cost_width + self.average

    @property
    def conversions(self) -> int:
        """Conversions of a cost, or of an output."""
        return 1 << self.average


@dataclass(frozen=True)
class MemoryExchangeSpec(ExchangeSpec):
    """The same with weights that come from memory."""

    word_latency: ClassVar[int] = MemoryBankSpec.word_latency
