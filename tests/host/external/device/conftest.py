"""The device of `plant.py` on its bus, for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import host.driver
from host.external.device import ExternalDevice
from spec.map import Control
from tests.bus import Bus
from tests.host.external.device.bench import simulated
from tests.host.external.device.plant import config_of

CONFIG = config_of()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulation does not go on by itself."""
    monkeypatch.setattr(host.driver, "POLL_S", 0)


@pytest.fixture(scope="module")
def bus(builds: Path) -> Iterator[Bus]:
    """The device, and the plant in gateware at its pins."""
    with simulated(CONFIG, builds) as bus:
        yield bus


@pytest.fixture
def device(bus: Bus) -> ExternalDevice:
    """It is idle, and has its config's registers."""
    device = ExternalDevice(bus, CONFIG)
    while device.state().busy:
        device.put("control", Control.STOP)
        bus.idle(100)
    device.configure(CONFIG)
    return device
