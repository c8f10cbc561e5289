"""Converters on SPI between the gateware and a plant's model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from sim.external.chips import Ads8681, Dac8568, Mcp3008, Mcp4922
from sim.external.own_chips import OwnAdc, OwnDac
from sim.external.weight_pins import NEVER, Inputs, Outputs, WeightPins
from spec.external.converter import ADCS, DACS, AdcShape, DacShape
from spec.external.exchange import ExchangeSpec

KNOWN: dict[str, Callable[[], Any]] = {
    "dac8568": Dac8568,
    "dac8568-external": partial(Dac8568, external=True),
    "mcp4922": Mcp4922,
}
"""Models of the DACs of `spec.external.converter.DACS`."""


def dac_of(shape: DacShape) -> Any:
    """Return a chip as its data sheet describes it, or as the shape does, if there is none."""
    made = next((KNOWN[name] for name, its in DACS.items() if its == shape), None)
    return made() if made else OwnDac(shape)


def adc_of(shape: AdcShape, channel: int, read: Callable[[int], int]) -> Any:
    """Return a chip that reads codes of channels from this one on, each by its place."""

    def of(asked: int) -> int:
        return read(asked - channel) if channel <= asked else 0  # nothing is at the others

    if shape == ADCS["ads8681"]:
        return Ads8681(lambda: of(channel))
    return Mcp3008(of) if shape == ADCS["mcp3008"] else OwnAdc(shape, of)


def complain(chips: Sequence[Any]) -> None:
    """Raise a RuntimeError if chips did not like what they were told."""
    for chip in chips:
        if chip.errors:
            raise RuntimeError(f"{type(chip).__name__}: {chip.errors[0]}")


class SpiWeightPins(WeightPins):
    """DACs, whose outputs are the plant's weights.

    Raises
    ------
    RuntimeError
        If something on the pins goes against a data sheet.
    """

    def __init__(self, spec: ExchangeSpec) -> None:
        super().__init__(spec)
        assert spec.dac is not None
        self.chips = [dac_of(spec.dac) for _ in range(spec.chips)]
        self._spare = spec.dac.value_bits - spec.weight.bits

    def react(self, clock: int, outputs: Outputs, inputs: Inputs) -> int:
        """Let the chips hear their pins."""
        now = clock * 1e9 / self.spec.clock_hz
        sclk, mosi, ldac_n = (outputs[f"dac_{name}"] for name in ("sclk", "mosi", "ldac_n"))
        for k, chip in enumerate(self.chips):
            chip.pins(now, sclk, mosi, outputs["dac_cs_n"] >> k & 1, ldac_n)
        complain(self.chips)
        codes = np.array([code for chip in self.chips for code in chip.outputs], dtype=np.int64)
        middle = 1 << self.spec.weight.bits - 1
        self.words = (codes[: self.spec.words] >> self._spare) - middle
        return NEVER


class SpiCostPins:
    """An ADC.

    Parameters
    ----------
    spec : ExchangeSpec
    read : callable
        Returns the code of what is at an input, the first one that is used being 0.
    """

    def __init__(self, spec: ExchangeSpec, read: Callable[[int], int]) -> None:
        assert spec.adc is not None
        self.spec = spec
        self.chip = adc_of(spec.adc, spec.adc_channel, read)

    def react(self, clock: int, outputs: Outputs, inputs: Inputs) -> int:
        """Let the chip hear its pins; its output is late, so it is looked at in every clock."""
        period = 1e9 / self.spec.clock_hz
        sclk, mosi, cs_n = (outputs[f"adc_{name}"] for name in ("sclk", "mosi", "cs_n"))
        self.chip.pins(clock * period, sclk, mosi, cs_n)
        complain([self.chip])
        inputs["adc_miso"] = self.chip.miso((clock + 1) * period)
        return clock + 1 if outputs["evaluate"] else NEVER
