"""Planted faults in the gateware of a device with an external plant: each is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.simulators import Simulator
from tests.host.external.device import scenarios
from tests.host.external.device.bench import failing
from tests.host.external.device.conftest import CONFIG

ALL = (scenarios.power_up, scenarios.train, scenarios.load, scenarios.resume)

PLANTED = [
    ("external/device.py", "trainer", "trainer", None),
    ("external/device.py", "in_map(r.name, r.value)", "r.value", "power_up"),
    ("external/trainer.py", "held=control", "held=False", "train"),
    ("external/trainer.py", '("timeouts", "unasked"):', '("timeouts",):', "train"),
    ("external/device.py", "trainer.line.eq(writer.line)", "trainer.line.eq(0)", "load"),
    ("external/trainer.py", " & optimizer.busy", "", "resume"),
]
"""File, right, wrong, and the scenario that fails; the first is no fault."""


@pytest.mark.parametrize(("file", "right", "wrong", "scenario"), PLANTED)
def test_every_fault_is_found(
    file: str, right: str, wrong: str, scenario: str | None, icarus: Simulator, tmp_path: Path
) -> None:
    assert failing(CONFIG, ALL, (file, right, wrong), tmp_path) == scenario
