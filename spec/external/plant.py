"""[plant]: how an external plant is connected."""

from __future__ import annotations

import dataclasses
import enum
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from spec.errors import InputError
from spec.external.converter import ADCS, DACS, AdcShape, DacShape, Shape
from spec.external.model import MOST
from spec.keys import key, read_table, require_table
from spec.tasks import Order

OTHERS = ("options", "dac", "adc")
"""Keys that are no plain values."""


class Way(enum.Enum):
    """How numbers get from the optimizer to the plant, or back."""

    PARALLEL = "parallel"  # all at once, a port for each
    STREAM = "stream"  # one after the other, with valid and ready
    SPI = "spi"  # through DACs, or an ADC


@dataclass(frozen=True)
class Plant:
    """[plant]: somebody else's chip."""

    model: str = key("")  # a simulation of it, FILE.py:CLASS; relative to the config
    parameters: int = key(0, 0, MOST["parameters"])  # P; 0: those of the model
    samples: int = key(0, 0, MOST["samples"])  # 0: the model's; 1: an evaluation is of all
    order: Order = key(Order.RANDOM)  # in which training draws them
    weights: Way = key(Way.PARALLEL)  # out
    cost: Way = key(Way.PARALLEL)  # in
    outputs: bool = key(False)  # whether it puts out y, and the cost is computed here; with [task]
    cost_width: int = key(0, 0, 24)  # bits of a conversion, unsigned; 0: the ADC's, or 16
    average: int = key(0, 0, 8)  # the mean of 2**average conversions is a cost
    settling: int = key(0, 0, 65535)  # clocks from new weights to the first conversion, at least
    handshake: bool = key(False)  # whether the plant says when it has settled
    timeout: int = key(65535, 1, 16_777_215)  # clocks after which it is asked again
    clock_mhz: float = key(25.0, 1.0, 500.0)  # of the gateware; SPI has least times in ns
    adc_channel: int = key(0, 0, 255)
    dac: DacShape | None = None  # with weights = "spi"
    adc: AdcShape | None = None  # with cost = "spi"
    options: Mapping[str, Any] = field(default_factory=dict)  # keywords of the model

    @property
    def answers(self) -> bool:
        """Whether it has a say in when a cost is there, so that it may never be."""
        return self.handshake or self.cost is Way.STREAM or self.weights is Way.STREAM


S = TypeVar("S", bound=Shape)


def _shape(
    name: str, given: Mapping[str, Any], way: Way, kind: type[S], known: Mapping[str, S]
) -> S | None:
    """Read a converter: the name of a known one, or a table of its frame."""
    section, value = f"plant.{name}", given.get(name)
    if way is not Way.SPI:
        if value is not None:
            raise InputError(f"{section}: does nothing without SPI; leave it out")
        return None
    names = ", ".join(map(repr, known))
    if isinstance(value, str) and value in known:
        return known[value]
    if not isinstance(value, Mapping):
        raise InputError(f"{section} = {value!r}: must be one of {names}, or a table of its frame")
    fields = typing.get_type_hints(kind)
    for key_, item in value.items():
        if key_ not in fields:
            raise InputError(f"{section}.{key_}: unknown key; allowed are {', '.join(fields)}")
        if type(item) is not fields[key_]:
            what = "true or false" if fields[key_] is bool else "a whole number"
            raise InputError(f"{section}.{key_} = {item!r}: must be {what}")
    for key_ in ("frame_bits", "value_bits", "sclk_ns"):
        if key_ not in value:
            raise InputError(f"{section}.{key_}: is missing; it must be a whole number")
    try:
        return kind(**value)
    except InputError as error:
        raise InputError(f"{section}.{error}") from None


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
    plain = {name: value for name, value in given.items() if name not in OTHERS}
    plant = read_table("plant", Plant, plain)
    plant = dataclasses.replace(
        plant,
        options=dict(options),
        dac=_shape("dac", given, plant.weights, DacShape, DACS),
        adc=_shape("adc", given, plant.cost, AdcShape, ADCS),
    )
    if plant.cost_width == 0:
        plant = dataclasses.replace(plant, cost_width=plant.adc.value_bits if plant.adc else 16)
    if plant.options and not plant.model:
        raise InputError("plant.options: do nothing without plant.model, whose keywords they are")
    return plant
