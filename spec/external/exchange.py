"""The exchange with an external plant: weights out, a cost in."""

from __future__ import annotations

from dataclasses import dataclass

from spec.external.converter import AdcShape, DacShape
from spec.external.plant import Way
from spec.numbers import Format

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

    @property
    def chips(self) -> int:
        """DACs that have a channel for every weight."""
        return -(-self.parameters // self.dac.channels) if self.dac else 0

    @property
    def send_clocks(self) -> int:
        """Clocks to send weights to a plant that takes them at once; through DACs, all of them."""
        if self.dac:
            frames = self.parameters * self.dac.write_clocks(self.clock_hz)
            return 2 + frames + self.dac.load_clocks(self.clock_hz)
        return 1 if self.weights is Way.PARALLEL else self.parameters + 2

    @property
    def convert_clocks(self) -> int:
        """Clocks of all conversions of a cost that come as they are asked for."""
        if not self.adc:
            return self.conversions
        between = max(self.adc.start_clocks(self.clock_hz), self.adc.read_clocks(self.clock_hz) + 1)
        return (self.conversions - 1) * between + self.adc.read_clocks(self.clock_hz) + 1

    @property
    def clocks(self) -> int:
        """Clocks from the tag of an evaluation to its answer, without those that a plant takes."""
        return 1 + self.send_clocks + self.settling + self.convert_clocks

    @property
    def least_timeout(self) -> int:
        """Clocks within which a plant that lets nobody wait has answered."""
        return self.clocks + 1 + HANDSHAKE_CLOCKS * self.handshake

    @property
    def width(self) -> int:
        """Bits of a cost."""
        return self.cost_width + self.average

    @property
    def conversions(self) -> int:
        """Conversions of a cost."""
        return 1 << self.average
