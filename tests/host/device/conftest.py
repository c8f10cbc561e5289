"""XOR's device on its bus, for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import host.driver
from host.device import Device
from sim.simulators import Simulator
from spec.map import Control
from tests.bus import Bus
from tests.conftest import need
from tests.host.scenarios import XOR


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulation does not go on by itself."""
    monkeypatch.setattr(host.driver, "POLL_S", 0)


@pytest.fixture(scope="module")
def bus(builds: Path) -> Iterator[Bus]:
    """XOR's device."""
    need(Simulator.ICARUS)
    with Bus(XOR, builds) as bus:
        yield bus


@pytest.fixture
def device(bus: Bus) -> Device:
    """XOR's device, idle and with its config's registers."""
    device = Device(bus, XOR)
    while device.state().busy:
        device.put("control", Control.STOP)
        bus.idle(100)
    device.configure(XOR)
    return device
