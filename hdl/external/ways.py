"""The ways to a plant and back: which component has which."""

from __future__ import annotations

from typing import Any

from amaranth.lib.wiring import In, Out

from hdl.external.costs import ParallelCost, Receiver, StreamCost
from hdl.external.spi import SpiCost, SpiWeights
from hdl.external.weights import ParallelWeights, Sender, StreamWeights
from spec.external.exchange import ROUND_BITS, ExchangeSpec
from spec.external.plant import Way

SENDERS = {Way.PARALLEL: ParallelWeights, Way.STREAM: StreamWeights, Way.SPI: SpiWeights}
RECEIVERS = {Way.PARALLEL: ParallelCost, Way.STREAM: StreamCost, Way.SPI: SpiCost}


def pins_of(spec: ExchangeSpec) -> dict[str, Any]:
    """Return the members of an `Exchange` that lead to the plant."""
    pins = SENDERS[spec.weights].pins_of(spec) | RECEIVERS[spec.cost].pins_of(spec)
    pins |= {"evaluate": Out(1)}
    if spec.cost is Way.STREAM:
        pins["round"] = Out(ROUND_BITS)
    if spec.handshake:
        pins["settled"] = In(1)
    return pins


def sender_of(spec: ExchangeSpec) -> Sender:
    """Return what sends weights in the way of a spec."""
    return SENDERS[spec.weights](spec)


def receiver_of(spec: ExchangeSpec) -> Receiver:
    """Return what takes costs in the way of a spec."""
    return RECEIVERS[spec.cost](spec)
