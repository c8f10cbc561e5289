"""Registers written while busy hold from the next step on, in gateware and golden model alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hdl.trainer import Trainer
from sim.simulators import Simulator, to_verilog
from sim.verify import verify
from tests.configs import xor
from tests.conftest import SLOW_VERILATOR, need

LONG = {"tau_p": 7, "tau_x": 9, "tau_theta": 8}
SHORTER_AND_LONGER = {
    2: {"tau_x": 5},  # not yet as long as that
    5: {"tau_theta": 3, "tau_p": 4},  # longer than that already
    6: {"eta": 0},
    7: {"tau_theta": 12},
    15: {"tau_x": 1, "tau_p": 1, "tau_theta": 1},
    16: {"tau_x": 4, "eta": -5},
    30: {"tau_p": 3, "tau_theta": 2, "tau_x": 65535},
    50: LONG,
}
CHANGES = [{"step": 20, "tau_theta": 2, "eta": -4}, {"step": 31, "tau_x": 2}]

CASES: dict[str, dict[str, Any]] = {
    "discrete": {},
    "antithetic": {"estimator": "antithetic", "perturbation": "cm"},
    "with a schedule": {"schedule": CHANGES},
    "overlapped": {"update_delay": "auto"},
    "overlapped, two rails": {"update_delay": "auto", "rails": 2, "schedule": CHANGES},
}


@pytest.mark.parametrize("keys", CASES.values(), ids=CASES)
def test_shorter_and_longer_periods(keys: dict[str, Any], icarus: Simulator, builds: Path) -> None:
    fixed = {"tau_p": 1} if "update_delay" in keys else {}
    config = xor(steps=90, **LONG | fixed | keys)
    writes = {step: row | fixed for step, row in SHORTER_AND_LONGER.items()}
    source = to_verilog(Trainer(config, probe=True))
    result = verify(config, icarus, builds, source=source, writes=writes)
    assert result.mismatches == []
    assert result.steps == 90
    quiet = verify(config, icarus, builds, source=source)
    assert quiet.mismatches == []
    assert quiet.theta_digest != result.theta_digest


@pytest.mark.parametrize("simulator", [Simulator.ICARUS, SLOW_VERILATOR])
def test_an_analog_loop(simulator: Simulator, builds: Path) -> None:
    """Its τ_θ is built in; the others can be written."""
    config = xor(steps=90, loop="analog", tau_theta=4, tau_x=6, tau_p=5)
    simulator = need(simulator)
    writes = {3: {"tau_x": 2}, 9: {"tau_p": 2, "eta": 0}, 21: {"tau_x": 7}, 24: {"tau_x": 3}}
    source = to_verilog(Trainer(config, probe=True))
    result = verify(config, simulator, builds, source=source, writes=writes)
    assert result.mismatches == []
    quiet = verify(config, simulator, builds, source=source)
    assert result.theta_digest != quiet.theta_digest


@pytest.mark.parametrize("keys", [{}, {"update_delay": "auto", "rails": 2}], ids=["D = 0", "D > 0"])
def test_without_g_every_step_updates(
    keys: dict[str, Any], icarus: Simulator, builds: Path
) -> None:
    """Nothing is kept for a later update: τ_θ is not read."""
    config = xor(steps=60, accumulate=False, **keys)
    source = to_verilog(Trainer(config, probe=True))
    writes = {5: {"tau_theta": 3}, 30: {"tau_theta": 65535}}
    result = verify(config, icarus, builds, source=source, writes=writes)
    assert result.mismatches == []
    quiet = verify(config, icarus, builds, source=source)
    assert result.theta_digest == quiet.theta_digest
