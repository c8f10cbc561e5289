"""Planted faults in the gateware of a device: what tests of devices do finds every one of them."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import hdl
import host.device
from host.device import Device
from sim.simulators import Simulator
from spec.config import Config
from tests.bus import CLOCK_HZ, Bus, Refused
from tests.configs import xor
from tests.host import scenarios

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
        "~none_left & ~left[0] & first",
        "~none_left & left[0] & first",
    ),
    Planted(
        "a tag in the clock of the read", "link/by_hand.py", "Mux(enters, tag", "Mux(~begun, tag"
    ),
    Planted("does not pause", "optimizer/schedule/drained.py", "m.If(self.pause)", "m.If(0)"),
    Planted("one step more", "device.py", "in_map(name, value)", "value"),
    Planted(
        "θ and G exchanged",
        "link/reader.py",
        '"theta": [theta.as_signed() for theta in self.theta]',
        '"theta": [G.as_signed() for G in self.G]',
    ),
]


def verilog(config: Config, gateware: Path) -> str:
    """Verilog of a device from another copy of the gateware, made in a process of its own."""
    program = (
        "import pickle, sys; from hdl.device import Device; from sim.simulators import "
        "to_verilog; config = pickle.load(sys.stdin.buffer); "
        f"sys.stdout.write(to_verilog(Device(config, {CLOCK_HZ})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=pickle.dumps(config),
        capture_output=True,
        cwd=gateware,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


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
    monkeypatch.setattr(host.device, "POLL_S", 0)
    shutil.copytree(
        Path(hdl.__file__).parent, tmp_path / "hdl", ignore=shutil.ignore_patterns("__pycache__")
    )
    path = tmp_path / "hdl" / planted.file
    text = path.read_text()
    assert planted.right in text, f"{planted.file} no longer has {planted.right!r}"
    path.write_text(text.replace(planted.right, planted.wrong))
    assert all_is_well(verilog(CONFIG, tmp_path), tmp_path) == (planted.right == planted.wrong)
