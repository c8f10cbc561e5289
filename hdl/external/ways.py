"""The ways to a plant and back: which component has which."""

from __future__ import annotations

from hdl.external.costs import ParallelCost, Receiver, StreamCost
from hdl.external.spi import SpiCost, SpiWeights
from hdl.external.weights import ParallelWeights, Sender, StreamWeights
from spec.external.exchange import ExchangeSpec
from spec.external.plant import Way

SENDERS = {Way.PARALLEL: ParallelWeights, Way.STREAM: StreamWeights, Way.SPI: SpiWeights}
RECEIVERS = {Way.PARALLEL: ParallelCost, Way.STREAM: StreamCost, Way.SPI: SpiCost}


def sender_of(spec: ExchangeSpec) -> Sender:
    """Return what sends weights in the way of a spec."""
    return SENDERS[spec.weights](spec)


def receiver_of(spec: ExchangeSpec) -> Receiver:
    """Return what takes costs in the way of a spec."""
    return RECEIVERS[spec.cost](spec)
