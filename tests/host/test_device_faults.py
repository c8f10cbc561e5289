"""Planted faults in the gateware of a device: what tests of devices do finds every one of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

import host.driver
from host.device import Device
from sim.simulators import Simulator
from tests.bus import CLOCK_HZ, Bus, Refused
from tests.configs import xor
from tests.host import scenarios
from tests.planted import plant, verilog

CONFIG = xor(steps=30, check_every=10, tau_x=2)


@dataclass(frozen=True)
class Planted:
    """What to write in place of what, in a file under `hdl/`."""

    name: str
    file: str
    right: str
    wrong: str


PLANTED = [
    Planted("none", "device.py", "trainer", "trainer"),
    Planted("u of the schedule", "optimizer/hand.py", "fixed.mux(hand.preparing,", "fixed.mux(0,"),
    Planted("another sample", "optimizer/hand.py", "Mux(hand.sweep,", "Mux(0,"),
    Planted("its own bits while filled", "optimizer/optimizer.py", "Mux(by_hand,", "Mux(0,"),
    Planted("learns once less", "link/by_hand.py", "left == 0", "left <= 2"),
    Planted(
        "accumulates late",
        "link/by_hand.py",
        "learning & ~left[0]",
        "learning & left[0]",
    ),
    Planted("a tag in the clock of the read", "link/by_hand.py", "tag & enters", "tag & (~begun)"),
    Planted("does not pause", "optimizer/schedule/drained.py", "m.If(self.pause)", "m.If(0)"),
    Planted("one step more", "device.py", "in_map(name, value)", "value"),
    Planted(
        "θ and G exchanged",
        "link/reader.py",
        '"theta": [theta.as_signed() for theta in self.theta]',
        '"theta": [G.as_signed() for G in self.G]',
    ),
]


def all_is_well(source: str, folder: Path) -> bool:
    """Whether all that is done with a device comes out as it must."""
    with Bus(source, folder) as bus:
        device = Device(bus, CONFIG)
        try:
            for scenario in (
                scenarios.power_up, scenarios.train, scenarios.load, scenarios.evaluate,
                scenarios.resume, scenarios.loop,
            ):  # fmt: skip
                scenario(device, bus)
        except (AssertionError, Refused, TimeoutError):
            return False
    return True


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.name)
def test_every_fault_is_found(
    planted: Planted, icarus: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host.driver, "POLL_S", 0)
    plant(tmp_path, planted.file, planted.right, planted.wrong)
    source = verilog(tmp_path, "hdl.device", lambda copy: copy.Device(CONFIG, CLOCK_HZ))
    assert all_is_well(source, tmp_path) == (planted.right == planted.wrong)
