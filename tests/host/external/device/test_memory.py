"""A device whose cells are words of memory does what one with cells in flip-flops does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hdl.external import device as gateware
from host.external.device import ExternalDevice
from sim.simulators import Simulator
from spec.map import LARGEST_LEARN
from spec.optimizer import MemoryBankSpec
from tests.bus import CLOCK_HZ, Bus, Refused
from tests.host.external.device import scenarios
from tests.host.external.device.bench import failing, simulated
from tests.host.external.device.plant import IN_MEMORY, config_of

CONFIG = config_of(IN_MEMORY)

ALL = (scenarios.power_up, scenarios.train, scenarios.load, scenarios.resume, scenarios.look_on)


@pytest.fixture(scope="module")
def bus(builds: Path) -> Iterator[Bus]:
    """The device, and the plant in gateware at its pins."""
    with simulated(CONFIG, builds) as bus:
        yield bus


@pytest.mark.parametrize("scenario", ALL)
def test_it_is_the_golden_model(scenario: Callable[..., None], bus: Bus) -> None:
    scenario(ExternalDevice(bus, CONFIG), bus)


def test_a_read_takes_a_word(bus: Bus) -> None:
    """θ and G of all parameters, and no word beside them."""
    device = ExternalDevice(bus, CONFIG)
    device.stop()
    for address in (0x4000 + CONFIG.parameters, 0x5000 + CONFIG.parameters, 0x3FFF, 0x6000):
        with pytest.raises(Refused):
            bus.read(address)
    assert device.theta().shape == device.G().shape == (CONFIG.parameters,)


def test_an_order_takes_no_longer_than_it_says(bus: Bus) -> None:
    """The longest one is that of the most updates."""
    device, longest = ExternalDevice(bus, CONFIG), gateware.ExternalDevice(CONFIG, CLOCK_HZ)
    device.stop()
    device.put("learn", LARGEST_LEARN)
    bank = longest.trainer.optimizer.spec.bank
    assert isinstance(bank, MemoryBankSpec)
    assert LARGEST_LEARN * bank.sweep < bus.waited < longest.longest_access


PLANTED = [
    ("external/device.py", "trainer", "trainer", None),
    ("external/device.py", 'address_of("G")', 'address_of("theta")', "train"),
    ("optimizer/memory/bank.py", "_fresh.eq(1)", "_fresh.eq(0)", "resume"),
    ("link/by_hand.py", "self.swept | ~learns | ~left[0]", "1", "load"),
    ("optimizer/memory/bank.py", "m.If(granted):  #", "m.If(0):  #", "look_on"),
    ("optimizer/memory/bank.py", "words.blocked.eq(grants | granted)", "words.blocked.eq(0)",
     "look_on"),
]  # fmt: skip
"""File, right, wrong, and the scenario that fails; the first is no fault."""


@pytest.mark.parametrize(("file", "right", "wrong", "scenario"), PLANTED)
def test_every_fault_is_found(
    file: str, right: str, wrong: str, scenario: str | None, icarus: Simulator, tmp_path: Path
) -> None:
    assert failing(CONFIG, ALL, (file, right, wrong), tmp_path) == scenario
