"""A device does what the golden model does, whatever config it is of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import assume, given, settings

from host.device import Device
from sim.simulators import Simulator
from spec import derive
from spec.config import Config
from spec.training import Loop, Perturbation
from tests.bus import Bus
from tests.configs import OPTIMISERS, Optimiser, xor
from tests.conftest import FRESH
from tests.host import scenarios
from tests.host.scenarios import XOR
from tests.strategies import configs


def agree(config: Config, folder: Path) -> None:
    """All that can be done with any device."""
    with Bus(config, folder) as bus:
        device = Device(bus, config)
        scenarios.power_up(device, bus)
        scenarios.train(device, bus)
        scenarios.load(device, bus)
        scenarios.evaluate(device, bus)
        if not config.update_delay:
            scenarios.resume(device, bus)
        if config.training.perturbation is not Perturbation.FM and not config.training.node:
            scenarios.loop(device, bus)


def test_xor(device: Device, bus: Bus) -> None:
    scenarios.train(device, bus)
    scenarios.load(device, bus)
    scenarios.evaluate(device, bus)
    assert scenarios.golden(XOR).steps > 7  # or there is nothing to resume
    scenarios.resume(device, bus)
    scenarios.loop(device, bus)


def test_overlapped(icarus: Simulator, builds: Path) -> None:
    agree(xor(steps=60, check_every=20, update_delay="auto", rails=2), builds)


OPTIMISERS_OF_ALL_KINDS = [
    *(o for o in OPTIMISERS if o[0] in (Perturbation.FM, Perturbation.TERNARY)),
    *(o for o in OPTIMISERS if o[1] is Loop.ANALOG),
    *(o for o in OPTIMISERS if o[0] in (Perturbation.RCM, Perturbation.CM, Perturbation.TM)),
]


@st.composite
def devices(draw: st.DrawFn, *arguments: Any, **keys: Any) -> Config:
    """Draw a small config; its bus is not much narrower than θ, which takes long to load."""
    config = draw(configs(*arguments, clocks=150, max_width=2, **keys))
    assume(derive.cell(config).theta.bits - config.formats.bus_bits <= 2)
    return config


@pytest.mark.parametrize(
    "optimiser",
    [
        pytest.param(
            optimiser,
            id="-".join(kind.value for kind in optimiser),
            marks=[pytest.mark.slow] if k % 3 else [],
        )
        for k, optimiser in enumerate(dict.fromkeys(OPTIMISERS_OF_ALL_KINDS))
    ],
)
@settings(max_examples=2)
@given(data=st.data())
def test_random_configs(
    optimiser: Optimiser, data: st.DataObject, icarus: Simulator, builds: Path
) -> None:
    agree(data.draw(devices([optimiser])), builds)


@settings(max_examples=3)
@given(data=st.data())
def test_random_overlapped_configs(data: st.DataObject, icarus: Simulator, builds: Path) -> None:
    agree(data.draw(devices(overlap=True)), builds)


@pytest.mark.slow
@settings(FRESH, max_examples=40)
@given(data=st.data())
def test_fresh_configs(data: st.DataObject, icarus: Simulator, builds: Path) -> None:
    """Others each time."""
    agree(data.draw(configs(overlap=data.draw(st.booleans()), clocks=150)), builds)
