"""A device with an external plant does what the golden model does, whatever is read and written."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from hdl.external.device import registers_spec
from host.external.device import ExternalDevice
from model.external.trainer import ExternalTrainer
from spec.external.identity import constants
from spec.external.registers import entries, registers
from spec.map import ENTRIES, LIVE, NETWORK_ONLY, Kind, address_of
from tests.bus import CLOCK_HZ, Bus, Refused
from tests.host.external.device import scenarios
from tests.host.external.device.conftest import CONFIG
from tests.host.external.device.plant import HERE, config_of


@pytest.mark.parametrize("scenario", [scenarios.power_up, scenarios.train, scenarios.load])
def test_it_is_the_golden_model(
    scenario: Callable[..., None], device: ExternalDevice, bus: Bus
) -> None:
    scenario(device, bus)


def test_stopped_and_resumed(device: ExternalDevice, bus: Bus) -> None:
    scenarios.resume(device, bus)


def test_a_button_starts_it_too(device: ExternalDevice, bus: Bus) -> None:
    device.configure(config_of(seed=8))
    bus.press()
    state = device.wait(lambda state: bus.idle(200))
    scenarios.same(device.result(8, state), scenarios.golden(config_of(seed=8)))


def test_constants(device: ExternalDevice) -> None:
    for name, value in constants(CONFIG, CLOCK_HZ).items():
        if name != "identity":
            assert device.get(name) == value
    assert device.clock_hz == CLOCK_HZ


def test_reading_changes_no_bit_and_no_clock(device: ExternalDevice, bus: Bus) -> None:
    """Everything that can be read is, again and again, to the end of the run."""
    device.run(3, lambda state: bus.idle(300))
    clocks, counted = bus.busy_clocks(), device.counted()
    scenarios.look_on(device, bus)
    assert (bus.busy_clocks(), device.counted()) == (clocks, counted)


def test_all_that_it_has_not_is_refused(device: ExternalDevice, bus: Bus) -> None:
    """Every address of the page and beside each window, and all that is of a network."""
    good = set(scenarios.readable(device))
    beside = {address + step for address in good for step in (-1, 1)}
    others = {entry.address for entry in ENTRIES} | set(random.Random(7).sample(range(1 << 16), 99))
    for address in sorted((set(range(128)) | beside | others) & set(range(1 << 16))):
        if address in good:
            bus.read(address)
        else:
            with pytest.raises(Refused):
                bus.read(address)
    writable = {e.address for e in entries(CONFIG) if e.kind in (Kind.REGISTER, Kind.COMMAND)}
    for address in sorted((set(range(128)) | others) - writable):
        with pytest.raises(Refused):
            bus.write(address, [0xFFFF_FFFF])
    assert {address_of(name) for name in NETWORK_ONLY}.isdisjoint(good | writable)
    scenarios.power_up(device, bus)
    scenarios.train(device, bus)


def test_while_busy_what_would_disturb_is_refused(device: ExternalDevice, bus: Bus) -> None:
    config = config_of(steps=400)
    device.configure(config)
    device.start()
    for entry in entries(CONFIG):
        if entry.kind in (Kind.REGISTER, Kind.COMMAND) and entry.name not in (*LIVE, "control"):
            with pytest.raises(Refused):
                bus.write(entry.address, [1])
    assert device.state().busy
    found = device.result(3, device.wait(lambda state: bus.idle(300)))
    scenarios.same(found, scenarios.golden(config))
    assert [device.get(r.name) for r in registers(config)] == [r.value for r in registers(config)]


def test_a_register_written_during_a_run(device: ExternalDevice, bus: Bus) -> None:
    """It holds from the step in which it is written, or the next one, on."""
    device.start()
    while device.state().step < 20:
        pass
    first = device.state().step
    device.put("tau_theta", 5)
    last = device.state().step + 1
    found = device.result(3, device.wait(lambda state: bus.idle(300)))
    possible = [
        ExternalTrainer(CONFIG, [3], writes={n: {"tau_theta": 5}}).run()[0].theta.tolist()
        for n in range(first, last + 1)
    ]
    assert found.theta.tolist() in possible
    assert found.theta.tolist() != scenarios.golden(CONFIG).theta.tolist()


@pytest.mark.parametrize(
    ("plant", "keys", "said"),
    [
        ({}, {"perturbation": "cm"}, "same sizes, but other formats"),
        ({"timeout": 31}, {}, "same sizes, but other formats"),
        ({"samples": 3, "options": {"samples": 3}}, {}, "its samples is 2, that of the config"),
        ({"options": {"parameters": 6}}, {}, "its parameters is 5, that of the config is 6"),
    ],
)
def test_another_config(
    plant: dict, keys: dict, said: str, bus: Bus, refusal: Callable[..., str]
) -> None:
    """It is refused, and nothing is written."""
    writes = []

    class Heard:
        read = staticmethod(bus.read)

        def write(self, *words: object) -> None:
            writes.append(words)

    assert said in refusal(ExternalDevice, Heard(), config_of(plant, **keys))
    assert writes == []


def test_costs_wider_than_a_word(refusal: Callable[..., str]) -> None:
    """They can be exported, but not read over a link."""
    wide = config_of({"cost_width": 24, "average": 7, "timeout": 999})
    assert "plant.cost_width = 24" in refusal(registers_spec, wide, CLOCK_HZ)
    fits = config_of({"cost_width": 24, "average": 6, "timeout": 999})
    assert registers_spec(fits, CLOCK_HZ).sum_bits == 31


def test_theta_is_loaded_without_a_model(device: ExternalDevice, bus: Bus, tmp_path: Path) -> None:
    """A board has the plant itself."""
    bare = config_of({"model": "", "parameters": 5, "samples": 2})
    assert (HERE / "distance.py").is_file()
    theta = scenarios.drawn(bare)
    other = ExternalDevice(bus, bare)
    other.load_initial(3, theta)
    other.put("steps", 20)
    other.resume()
    found = other.result(3, other.wait(lambda state: bus.idle(200)))
    scenarios.same(found, scenarios.golden(config_of(steps=20), theta))
