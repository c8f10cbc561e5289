"""Planted faults in what reaches a folded engine from outside: tests of devices find every one."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import hdl.device
import host.device
import host.driver
from boards import scripts
from host.device import Device
from model.folded import places
from sim.simulators import Simulator, to_verilog
from spec import derive
from spec.config import Config
from spec.map import address_of
from tests.bus import CLOCK_HZ, Bus, Refused
from tests.collisions import memories, wrong
from tests.configs import FOLDED, perceptron
from tests.host import scenarios
from tests.planted import plant, verilog

KEYS = {**FOLDED, "samples": 5, "lanes": 2, "steps": 12, "check_every": 5, "solved_cost": 0.0}

# The initial θ has eight random bits: a counter of them is 0 again when it is made.
ALL = perceptron(5, 2, 2, tau_x=2, inputs="fixed", theta="Q2.7", init=1, **KEYS)
SQUARE = [
    {"kind": "conv", "channels": 1}, {"kind": "pool"}, {"kind": "dense", "neurons": 2}
]  # fmt: skip
COPIES = perceptron(
    24, 2, network={"shape": [4, 6, 1], "layer": SQUARE}, inputs="fixed", theta="Q2.7", init=1,
    **FOLDED, lanes=4, samples=5, steps=12, check_every=5, solved_cost=0.0,
)  # fmt: skip
MANY = perceptron(
    2, 11, 2, inputs="fixed", theta="Q2.7", init=1,
    **FOLDED, lanes=11, samples=5, steps=12, check_every=5, solved_cost=0.0,
)  # fmt: skip
ONE_PORT = perceptron(
    5, 2, 2, tau_x=2, inputs="fixed", theta="Q2.7", init=1, cost="cross_entropy",
    lane_multipliers=2, word_ports=1, serial_cost=True, **KEYS,
)  # fmt: skip
RING = perceptron(3, 2, 2, room=3, tau_x=3, **KEYS)


def read(device: Device, bus: Bus) -> None:
    """A run during which words are read all the time, as they are, and those of the end."""
    spec, asked = derive.folded(device.config), random.Random(1)
    config = device.config.with_training(seed=scenarios.SEED, steps=40)
    expected, had = scenarios.golden(config), scenarios.had(config)
    device.configure(config)
    device.start()
    while (state := device.state()).busy:
        for _ in range(12):
            bus.read(address_of("words", asked.randrange(spec.words)))
        if state.step:
            pairs = zip(had, device.theta().tolist(), strict=True)
            assert all(theta in values for values, theta in pairs)
    scenarios.same(device.result(scenarios.SEED, device.state()), expected)
    assert bus.busy_clocks() == expected.clocks


def held(device: Device, bus: Bus) -> None:
    """What can be done where all samples are there."""
    scenarios.load(device, bus)
    scenarios.evaluate(device, bus)
    scenarios.resume(device, bus)
    read(device, bus)
    scenarios.evaluate_written(device)


def come(device: Device, bus: Bus) -> None:
    """What can be done where samples come, some of them late, and one too early."""
    device.stop()
    config, expected = device.config, scenarios.golden(device.config)
    for clocks in (0, 300):
        found = device.run(scenarios.SEED, scenarios.idle(bus, clocks))
        scenarios.same(found, expected)
        assert found.waited is not None
        assert bus.busy_clocks() == expected.clocks + found.waited
    scenarios.resume(device, bus)
    device.configure(config.with_training(tau_x=1000, steps=1000, check_every=1000))
    device.start()
    words = [0] * derive.samples(config).words
    for _ in range(room := derive.folded_samples(config).slots):
        bus.write(address_of("sample_data"), words, same=True)
        bus.idle(600)  # the first is the current one, and stays it
        assert device.state().step > 1  # without another one
    assert device.get("supplied") == room
    with pytest.raises(Refused):
        bus.write(address_of("sample_data"), words, same=True)
    device.stop()


@dataclass(frozen=True)
class Planted:
    """What to write in place of what, in a file under `hdl/folded/` or `hdl/link/`."""

    name: str
    file: str
    right: str
    wrong: str
    config: Config = ALL


PLANTED = [
    Planted("none", "folded/access.py", "granted", "granted"),
    Planted("none of a ring", "folded/access.py", "granted", "granted", RING),
    Planted("none of many lanes", "folded/access.py", "granted", "granted", MANY),
    Planted("none of one port", "folded/access.py", "granted", "granted", ONE_PORT),
    Planted("stores another word", "folded/access.py", "grant | again", "grant", ONE_PORT),
    Planted(
        "reads while words are written",
        "folded/words.py",
        "~(read.valid | written)",
        "~read.valid",
        ONE_PORT,
    ),
    Planted(
        "words of all lanes",
        "folded/access.py",
        "word & self.chosen[k].replicate(bits)",
        "word & ~0",
        MANY,
    ),
    Planted("reads while words are visited", "folded/access.py", "~asked & self.free", "~asked"),
    Planted(
        "takes what is not there yet",
        "folded/access.py",
        "self.came.eq(found)",
        "self.came.eq(request.ask & ~asked)",
    ),
    Planted("another lane", "folded/access.py", "<< request.lane", "<< 0"),
    Planted("stores without being asked", "folded/access.py", "soon & request.store", "soon"),
    Planted("updates what is stored", "folded/orders.py", "& anew) & ~stores", "& anew)"),
    Planted("draws for what is stored", "folded/orders.py", "& anew)) & ~stores", "& anew))"),
    Planted(
        "evaluates perturbed",
        "folded/schedule.py",
        "self.address.eq(self.sample)",
        "self.address.eq(0)",
    ),
    Planted("does not pause", "folded/schedule.py", "m.If(self.pause)", "m.If(0)"),
    Planted(
        "does not wait for the answer",
        "link/by_words.py",
        "self.came, self.answered",
        "self.came, 1",
    ),
    Planted("another word of a sample", "folded/samples.py", "start + write.word", "start"),
    Planted(
        "does not wait", "folded/samples.py", "self.there.eq(ready != 0)", "self.there.eq(1)", RING
    ),
    Planted("overwrites the current one", "folded/samples.py", "ready == last)", "0)", RING),
    Planted(
        "not again after a check",
        "folded/schedule.py",
        "begins.eq(0), self._again.eq(self.ring)",
        "begins.eq(0)",
        RING,
    ),
    Planted("keeps what was there", "folded/samples.py", "m.If(self.opens)", "m.If(0)", RING),
    Planted("its own row", "link/writer.py", "m.If(self.opens)", "m.If(0)", RING),
    Planted("counts another time", "folded/trainer.py", "self.waited + 1", "self.waited + 2", RING),
    Planted(
        "waits for a sample that is not due",
        "folded/schedule.py",
        "due & ~self.there",
        "~self.there",
        RING,
    ),
]


def all_is_well(source: str, config: Config, folder: Path) -> bool:
    """Whether all that is done with a device comes out as it must."""
    scenario: Callable[[Device, Bus], None] = come if config is RING else held
    with Bus(source, folder) as bus:
        try:
            scenario(Device(bus, config), bus)
        except (AssertionError, Refused, TimeoutError, ValueError, pytest.fail.Exception):
            return False
    return True


@pytest.mark.parametrize(
    "planted",
    [
        pytest.param(planted, id=planted.name, marks=[pytest.mark.slow] if k > 3 and k % 3 else [])
        for k, planted in enumerate(PLANTED)
    ],
)
def test_every_fault_is_found(
    planted: Planted, icarus: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host.driver, "POLL_S", 0)
    monkeypatch.setattr("tests.bus.PATIENCE", 3_000)
    plant(tmp_path, planted.file, planted.right, planted.wrong)
    source = verilog(tmp_path, "hdl.device", lambda copy: copy.Device(planted.config, CLOCK_HZ))
    assert all_is_well(source, planted.config, tmp_path) == (planted.right == planted.wrong)


def test_every_copy_of_a_parameter_is_stored(
    icarus: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host.driver, "POLL_S", 0)
    source = to_verilog(hdl.device.Device(COPIES, CLOCK_HZ))
    assert all_is_well(source, COPIES, tmp_path)
    first = (*places(derive.folded(COPIES)), np.arange(COPIES.parameters))
    monkeypatch.setattr(host.device, "copies", lambda _: first)
    assert not all_is_well(source, COPIES, tmp_path)


@pytest.mark.parametrize("config", [ALL, RING, ONE_PORT], ids=["all", "ring", "one port"])
def test_what_collides_is_not_used(
    config: Config, icarus: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a computer reads words and writes samples; synthesis is told of all such memories."""
    monkeypatch.setattr(host.driver, "POLL_S", 0)
    monkeypatch.setattr("tests.bus.PATIENCE", 3_000)
    source = to_verilog(hdl.device.Device(config, CLOCK_HZ))
    assert {"words", "inputs", "now"} <= {*memories(source)} <= {*scripts.NEVER_COLLIDE}
    assert all_is_well(wrong(source), config, tmp_path)
    assert not all_is_well(wrong(source, always=True), config, tmp_path)
