"""The plant of `distance.py` as gateware, around a device: no Python is needed at its pins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from amaranth.hdl import Const, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from hdl.link.bus import BUS
from spec.external.config import ExternalConfig
from tests.host.external.device.distance import target

HERE = Path(__file__).parent

ANSWERS_AFTER = 5
"""Clocks."""


IN_MEMORY = {"weights": "stream", "timeout": 40}
"""Keys of [plant] whose cells are words of memory."""


def config_of(plant: dict[str, Any] | None = None, **training: Any) -> ExternalConfig:
    """Return a config of the plant, with other keys of [plant] and [training].

    If weights come in a stream, cells are words of memory.
    """
    connected = {"cost": "stream", "timeout": 30, "model": "distance.py:Distance"}
    keys = {"eta": -5, "amplitude": -4, "steps": 60, "check_every": 20, "seed": 3}
    tables = {
        "plant": connected | (plant or {}),
        "formats": {"theta": "Q2.8", "cost_bits": 8, "bus_bits": 8},
        "training": keys | training,
    }
    if plant and plant.get("weights") == "stream":
        tables["build"] = {"engine": "folded"}
    return ExternalConfig.from_dict(tables, HERE)


class PlantBoard(wiring.Component):
    """A device with the plant at its pins.

    The plant does not answer the first time in every 8th evaluation, and puts out a conversion that
    nobody has asked for after each.

    Parameters
    ----------
    device : ExternalDevice
        With weights in parallel or in a stream, and costs in a stream.

    Members
    -------
    bus, start, busy
        Those of the device.
    """

    bus: Any
    start: Signal
    busy: Signal

    def __init__(self, device: Any) -> None:
        self.device = device
        super().__init__({"bus": In(BUS), "start": In(1), "busy": Out(1)})

    def elaborate(self, platform: object) -> Module:
        """Connect the device, and build the plant."""
        m = Module()
        m.submodules.device = device = self.device
        wiring.connect(m, wiring.flipped(self.bus), device.bus)
        m.d.comb += [device.start.eq(self.start), self.busy.eq(device.busy)]
        asked, silent, waited = Signal(), Signal(), Signal(8)
        m.d.sync += [asked.eq(device.evaluate), waited.eq(Mux(device.evaluate, waited + 1, 0))]
        with m.If(asked & ~device.evaluate):
            m.d.sync += silent.eq(~silent & (device.round[:3] == 7))
        answers = device.evaluate & ~silent & (waited == ANSWERS_AFTER)
        m.d.comb += [
            device.cost.eq(_distance(m, device)),
            device.cost_round.eq(device.round),
            device.cost_valid.eq(answers | (asked & ~device.evaluate)),
        ]
        return m


def _distance(m: Module, device: Any) -> Value:
    """Return the sum of |w - target| in LSBs."""
    total: Value = Const(0, 1)
    theta = _theta(m, device)
    for k in range(device.trainer.config.parameters):
        weight, to = (
            theta[k].as_value().as_signed(),
            Signal(range(-512, 512), name=f"to_{k}"),
        )
        with m.Switch(device.sample):
            for sample in range(device.trainer.config.samples):
                with m.Case(sample):
                    m.d.comb += to.eq(round(target(k, sample) * 256))
        total += abs(weight - to)
    return total


def _theta(m: Module, device: Any) -> Any:
    """Return all weights, also of a stream."""
    if "theta" in device.pins:
        return device.theta
    weight = device.weight.shape()
    held = Signal(data.ArrayLayout(weight, device.trainer.config.parameters), name="theta")
    m.d.comb += device.weight_ready.eq(1)
    with m.If(device.weight_valid):
        m.d.sync += held[device.weight_address].eq(device.weight)
    return held
