"""Planted faults in the gateware of a device with an external plant: each is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.external.device import ExternalDevice
from sim.simulators import Simulator
from tests.bus import CLOCK_HZ, Bus, Refused
from tests.host.external.device import scenarios
from tests.host.external.device.conftest import CONFIG
from tests.host.external.device.plant import PlantBoard
from tests.planted import plant, verilog

PLANTED = [
    ("external/device.py", "trainer", "trainer", None),
    ("external/device.py", "in_map(r.name, r.value)", "r.value", "power_up"),
    ("external/trainer.py", "held=control", "held=False", "train"),
    ("external/trainer.py", '("timeouts", "unasked"):', '("timeouts",):', "train"),
    ("external/device.py", "trainer.line.eq(writer.line)", "trainer.line.eq(0)", "load"),
    ("external/trainer.py", " & optimizer.busy", "", "resume"),
]
"""File, right, wrong, and the scenario that fails; the first is no fault."""


def failing(source: str, folder: Path) -> str | None:
    """Return the first scenario that does not come out as it must."""
    with Bus(source, folder) as bus:
        device = ExternalDevice(bus, CONFIG)
        for scenario in (scenarios.power_up, scenarios.train, scenarios.load, scenarios.resume):
            try:
                scenario(device, bus)
            except (AssertionError, Refused, TimeoutError):
                return scenario.__name__
    return None


@pytest.mark.parametrize(("file", "right", "wrong", "scenario"), PLANTED)
def test_every_fault_is_found(
    file: str, right: str, wrong: str, scenario: str | None, icarus: Simulator, tmp_path: Path
) -> None:
    plant(tmp_path, file, right, wrong)
    source = verilog(
        tmp_path,
        "hdl.external.device",
        lambda copy: PlantBoard(copy.ExternalDevice(CONFIG, CLOCK_HZ)),
    )
    assert failing(source, tmp_path) == scenario
