"""[plant]: how an external plant is connected."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from spec.errors import InputError
from spec.keys import key, read_table, require_table
from spec.tasks import Order


class Way(enum.Enum):
    """How numbers get from the optimizer to the plant, or back."""

    PARALLEL = "parallel"  # all at once, a port for each
    STREAM = "stream"  # one after the other, with valid and ready
    SPI = "spi"  # through DACs, or an ADC


@dataclass(frozen=True)
class Plant:
    """[plant]: somebody else's chip."""

    model: str = key("")  # a simulation of it, FILE.py:CLASS; relative to the config
    parameters: int = key(0, 0, 4096)  # P; 0: those of the model
    samples: int = key(0, 0, 65536)  # 0: those of the model; 1: an evaluation is of all of them
    order: Order = key(Order.RANDOM)  # in which training draws them
    weights: Way = key(Way.PARALLEL)  # out
    cost: Way = key(Way.PARALLEL)  # in
    cost_width: int = key(16, 2, 24)  # bits of a conversion, unsigned
    average: int = key(0, 0, 8)  # the mean of 2**average conversions is a cost
    settling: int = key(0, 0, 65535)  # clocks from new weights to the first conversion, at least
    handshake: bool = key(False)  # whether the plant says when it has settled
    timeout: int = key(65535, 1, 65535)  # clocks after which it is asked again
    options: Mapping[str, Any] = field(default_factory=dict)  # keywords of the model

    @property
    def answers(self) -> bool:
        """Whether it has a say in when a cost is there, so that it may never be."""
        return self.handshake or self.cost is Way.STREAM or self.weights is Way.STREAM


def read_plant(given: Mapping[str, Any]) -> Plant:
    """Read [plant] and its options.

    Raises
    ------
    InputError
        Naming the key that is wrong and what is allowed.
    """
    require_table("plant", given)
    options = given.get("options", {})
    require_table("plant.options", options)
    plain = {name: value for name, value in given.items() if name != "options"}
    plant = dataclasses.replace(read_table("plant", Plant, plain), options=dict(options))
    if plant.options and not plant.model:
        raise InputError("plant.options: do nothing without plant.model, whose keywords they are")
    return plant
