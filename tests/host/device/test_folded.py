"""A device with a folded engine does what the golden model does, whatever is read meanwhile."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from hdl.device import Device as Gateware
from host.device import Device
from model.trainer import Trainer
from sim.simulators import Simulator, to_verilog
from spec import derive
from spec.config import Config
from spec.map import LIVE, LIVE_COMMANDS, Kind, address_of
from spec.registers import entries
from spec.timing import Timing
from tests.bus import CLOCK_HZ, Bus, Refused
from tests.configs import FOLDED, perceptron
from tests.conftest import FRESH, need
from tests.host import scenarios
from tests.strategies import folded

SMALL = {**FOLDED, "samples": 5, "steps": 16, "check_every": 6}

MIXED: dict[str, Any] = {
    "shape": [2],
    "layer": [
        {"kind": "dense", "neurons": 2},
        {"kind": "dense", "neurons": 1, "estimator": "node"},
    ],
}

CONFIGS = {
    "weight": perceptron(
        3, 4, 3, lanes=3, perturbation="fresh", cost="cross_entropy", tau_x=2, tau_p=3, **SMALL
    ),
    "node": perceptron(
        5,
        3,
        2,
        lanes=2,
        estimator="node",
        perturbation="fresh",
        multipliers="registered",
        inputs="fixed",
        activation_bits=6,
        **SMALL,
    ),
    "one port": perceptron(
        3,
        4,
        3,
        lanes=3,
        perturbation="fresh",
        cost="cross_entropy",
        word_ports=1,
        serial_cost=True,
        **SMALL,
    ),
    "mixed, room": perceptron(
        2, 1, network=MIXED, room=7, order="sequential", lane_multipliers=2, **SMALL
    ),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_all_that_can_be_done(name: str, icarus: Simulator, builds: Path) -> None:
    with Bus(CONFIGS[name], builds) as bus:
        device = Device(bus, CONFIGS[name])
        scenarios.power_up(device, bus)
        scenarios.train(device, bus)
        scenarios.load(device, bus)
        scenarios.evaluate(device, bus)
        scenarios.resume(device, bus)


QUICK = folded(8).filter(lambda c: Timing.of(c).initialisation < 1500)


@settings(max_examples=2)
@given(config=QUICK)
def test_random_configs(config: Config, icarus: Simulator, builds: Path) -> None:
    """Layers of any kinds, formats and lanes; all samples there, or two at a time."""
    agree(config, builds)
    if len(config.data) > 2:
        agree(replace(config, build=replace(config.build, samples=2)), builds)


@pytest.mark.slow
@settings(FRESH, max_examples=30)
@given(config=folded(8))
def test_fresh_configs(config: Config, icarus: Simulator, builds: Path) -> None:
    """Others each time."""
    agree(config, builds)
    if len(config.data) > 2:
        agree(replace(config, build=replace(config.build, samples=2)), builds)


def agree(config: Config, folder: Path) -> None:
    """Train, go on with a θ that was loaded, and evaluate."""
    with Bus(config, folder) as bus:
        device = Device(bus, config)
        device.stop()
        found, expected = device.run(scenarios.SEED), scenarios.golden(config)
        scenarios.same(found, expected)
        assert bus.busy_clocks() == expected.clocks + (found.waited or 0)
        scenarios.evaluate_written(device)
        trainer = Trainer(config, [scenarios.SEED])
        trainer.start_from(scenarios.rails(config, 2))
        if not device.ring:
            device.upload()
        device.resume()
        scenarios.same(device.result(scenarios.SEED, device.wait()), trainer.run()[0])


@pytest.fixture(scope="module")
def gateware() -> Gateware:
    """The device of the first config."""
    return Gateware(CONFIGS["weight"], CLOCK_HZ)


@pytest.fixture(scope="module")
def weight(gateware: Gateware, builds: Path) -> Iterator[Bus]:
    """It, for tests that leave it as it is."""
    need(Simulator.ICARUS)
    with Bus(to_verilog(gateware), builds) as bus:
        yield bus


@pytest.fixture
def device(weight: Bus) -> Device:
    device = Device(weight, CONFIGS["weight"])
    device.stop()
    device.configure()
    return device


def readable(config: Config) -> dict[str, int]:
    """Return how many words each entry has that can be read."""
    words = {"words": derive.folded(config).words, "y": config.data.outputs}
    return {
        e.name: words.get(e.name, e.words) for e in entries(config) if e.kind is not Kind.COMMAND
    }


def test_reading_changes_no_bit_and_no_clock(
    device: Device, weight: Bus, gateware: Gateware
) -> None:
    """θ is read all the time, from the first clock on; no read takes longer than the link waits."""
    config = device.config.with_training(seed=5, steps=30)
    expected = scenarios.golden(config, 5)
    device.configure(config)
    device.start()
    asked, waits = random.Random(1), []
    spec = derive.folded(config)
    while device.state().busy:
        for _ in range(10):
            weight.write(address_of("lane"), [asked.randrange(spec.lanes)])
            weight.read(address_of("words", asked.randrange(spec.words)))
            waits.append(weight.waited)
    scenarios.same(device.result(5, device.state()), expected)
    assert weight.busy_clocks() == expected.clocks
    assert len(waits) > 30
    assert min(waits) < max(waits) <= gateware.longest_access


def test_a_word_is_read_as_it_is_somewhere_in_the_run(device: Device, weight: Bus) -> None:
    """No word is torn, or another one's: each value of a parameter is one that it has had."""
    config = device.config.with_training(seed=2, steps=30)
    had = scenarios.had(config, 2)
    device.configure(config)
    device.start()
    while not device.state().step:
        weight.idle(20)
    seen = 0
    while device.state().busy:
        for values, theta in zip(had, device.theta().tolist(), strict=True):
            assert theta in values
            seen += 1
    assert seen > 50


def test_all_that_is_not_in_the_map_is_refused(device: Device, weight: Bus) -> None:
    counts = readable(device.config)
    good = {address_of(name, k) for name, count in counts.items() for k in range(count)}
    beside = {address + step for address in good for step in (-1, 1)}
    flipped = {address ^ 1 << bit for address in good for bit in range(16)}
    for address in sorted(((set(range(128)) | beside | flipped) - good) & set(range(1 << 16))):
        with pytest.raises(Refused):
            weight.read(address)


def test_nothing_else_can_be_written(device: Device, weight: Bus) -> None:
    names = {e.name for e in entries(device.config) if e.kind in (Kind.REGISTER, Kind.COMMAND)}
    words = {address_of("words", k) for k in range(derive.folded(device.config).words)}
    writable = {address_of(name) for name in names} | words
    flipped = {address ^ 1 << bit for address in writable for bit in range(16)}
    before = device.theta().tolist()
    for address in sorted((set(range(128)) | flipped) - writable):
        with pytest.raises(Refused):
            weight.write(address, [0xFFFF_FFFF])
    assert device.theta().tolist() == before
    scenarios.train(device, weight)


def test_while_busy_what_would_disturb_is_refused(device: Device, weight: Bus) -> None:
    config = device.config.with_training(seed=6, steps=100, solved_cost=0.0)
    device.configure(config)
    device.start()
    names = [e.name for e in entries(config) if e.kind in (Kind.REGISTER, Kind.COMMAND)]
    for name in [*names, "words"]:
        if name not in (*LIVE, *LIVE_COMMANDS):
            with pytest.raises(Refused):
                weight.write(address_of(name), [1])
            assert device.state().busy
    found = device.result(6, device.wait(lambda state: weight.idle(300)))
    scenarios.same(found, scenarios.golden(config, 6))


def test_a_stop_ends_with_a_check(device: Device, weight: Bus) -> None:
    device.configure(device.config.with_training(seed=2, steps=10_000, check_every=10_000))
    device.start()
    weight.idle(3000)
    device.stop()
    state = device.state()
    assert 0 < state.step < 10_000
    config = device.config.with_training(seed=2, steps=state.step, check_every=10_000)
    scenarios.same(device.result(2, state), scenarios.golden(config, 2))
