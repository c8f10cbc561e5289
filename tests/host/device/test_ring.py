"""Samples that come while it trains: θ is that of a memory that holds all; clocks are lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from host.device import Device, State
from host.supply import order
from model.trainer import Trainer, theta_digest
from sim.simulators import Simulator
from spec import derive
from spec.config import Config
from spec.map import Control, address_of
from spec.phase import Phase
from spec.registers import register_values
from tests.bus import Bus, Refused
from tests.configs import FOLDED, perceptron
from tests.conftest import need
from tests.host import scenarios

KEYS = {**FOLDED, "samples": 5, "lanes": 2, "steps": 20, "check_every": 7, "solved_cost": 0.0}

TWO = perceptron(3, 2, 2, room=2, tau_x=3, **KEYS)
FOUR = perceptron(3, 2, 2, room=4, tau_p=2, estimator="node", order="sequential", **KEYS)


@pytest.fixture(scope="module")
def bus(builds: Path) -> Iterator[Bus]:
    """A device with room for two samples: the current one, and one more."""
    need(Simulator.ICARUS)
    with Bus(TWO, builds) as bus:
        yield bus


@pytest.fixture
def device(bus: Bus) -> Device:
    """It waits for samples since power-up, or for whatever the test before left it with."""
    device = Device(bus, TWO)
    device.stop()
    return device


def late(bus: Bus, clocks: int) -> Callable[[State], None]:
    """Return what lets time pass between two deliveries."""
    return lambda state: bus.idle(clocks)


@pytest.mark.parametrize("clocks", [0, 500])
def test_the_golden_models_run(device: Device, bus: Bus, clocks: int) -> None:
    """However late samples come; the clocks are those of a run that has them all, and its waits."""
    found, expected = device.run(scenarios.SEED, late(bus, clocks)), scenarios.golden(TWO)
    scenarios.same(found, expected)
    assert found.waited is not None
    assert found.waited > 100
    assert bus.busy_clocks() == expected.clocks + found.waited
    taken = order(TWO, register_values(TWO.with_training(seed=scenarios.SEED)))
    assert device.get("supplied") == device.get("used") == len(list(taken))


def test_a_larger_ring_waits_less(icarus: Simulator, builds: Path) -> None:
    with Bus(FOUR, builds) as bus:
        device = Device(bus, FOUR)
        device.stop()
        found, expected = device.run(scenarios.SEED), scenarios.golden(FOUR)
        scenarios.same(found, expected)
        assert found.waited is not None
        assert bus.busy_clocks() == expected.clocks + found.waited


def test_resume_and_load(device: Device, bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenarios, "PATIENCE", 100_000)
    scenarios.load(device, bus)
    scenarios.evaluate_written(device)
    scenarios.resume(device, bus)


def test_a_full_ring_refuses_one_more(device: Device, bus: Bus) -> None:
    """And has not changed: the run that goes on from there is the golden model's."""
    spec = derive.folded_samples(TWO)
    device.configure(TWO.with_training(seed=scenarios.SEED))
    device.start()
    taken = order(TWO, register_values(TWO.with_training(seed=scenarios.SEED)))
    data, spec = TWO.data, derive.folded_samples(TWO)

    def send(number: int) -> None:
        words = spec.packed(data.x[number], data.t[number], data.classes[number])
        bus.write(address_of("sample_data"), words, same=True)

    send(next(taken))
    while device.get("used") == 0:
        pass
    send(next(taken))  # while the first is the current one
    with pytest.raises(Refused):
        bus.write(address_of("sample_data"), [0])
    for number in taken:
        while device.get("supplied") != device.get("used"):
            pass
        send(number)
    while device.state().busy:
        pass
    scenarios.same(device.result(scenarios.SEED, device.state()), scenarios.golden(TWO))


@pytest.mark.parametrize("samples", [0, 1, 6, 8, 14])
def test_a_stop_ends_it_wherever_it_waits(device: Device, bus: Bus, samples: int) -> None:
    """θ is the golden model's after as many steps; and the score, which the host finds itself."""
    device.configure(TWO.with_training(seed=scenarios.SEED))
    device.start()
    supply = device._supply
    assert supply is not None
    while supply.sent < samples:
        supply.fill()
        bus.idle(500)
    bus.idle(2000)
    assert device.state().busy
    device.stop()
    found = device.result(scenarios.SEED, device.state())
    config = TWO.with_training(steps=max(1, found.steps), check_every=100)
    if found.steps:
        scenarios.same(found, scenarios.golden(config))
    else:
        trainer = Trainer(TWO, [scenarios.SEED])
        for _ in trainer.initialise():
            pass
        assert theta_digest(found.theta) == theta_digest(trainer.cells.theta[0])


def taken(config: Config, seed: int) -> list[int]:
    """Return what a golden run takes, as its phases tell."""
    trainer, found = Trainer(config, [seed], stop_when_solved=False), []
    anew = True
    for phase in trainer.phases():
        if phase is Phase.CHECK:
            found += range(len(config.data))
            anew = True
        elif phase is Phase.STEP:
            if trainer.schedule.sample() or anew:
                found.append(int(trainer.plant.samples.index[0]))
            anew = False
    return found


@pytest.mark.parametrize("config", [TWO, FOUR], ids=["random", "sequential"])
def test_the_order_is_that_of_the_golden_model(config: Config) -> None:
    expected = taken(config, 4)
    registers = register_values(config.with_training(seed=4))
    assert list(order(config, registers)) == expected
    assert len(set(expected)) == 5
    for first in (3, 7, 8):
        rest = list(order(config, registers, first))
        assert rest[1 - len(rest) :] == expected[1 - len(rest) :]
        assert len(rest) < len(expected)


def test_a_start_empties_the_ring(device: Device, bus: Bus) -> None:
    """What a run has not taken is not the next one's first sample."""
    device.configure(TWO.with_training(seed=9))
    device.start()
    bus.write(address_of("sample_data"), [1] * (derive.samples(TWO).words + 1), same=True)
    device.put("control", Control.STOP)
    device.stop()
    scenarios.same(device.run(scenarios.SEED), scenarios.golden(TWO))
