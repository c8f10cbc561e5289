"""Planted faults: the lockstep with a plant catches every one, and finds none where none is."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.external.plant import ExternalPlant
from model.external.trainer import ExternalTrainer
from sim.external import verify as lockstep
from sim.external.verify import verify
from sim.simulators import Simulator
from spec.external.config import ExternalConfig
from tests.conftest import need
from tests.planted import plant
from tests.planted import verilog as copy_of
from tests.plants import external
from tests.sim.external.faults import FAULTS, WAITED, Fault, late


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a gateware that waits to hang, soon."""
    need(Simulator.VERILATOR)
    monkeypatch.setattr(lockstep, "PATIENCE", 20_000)


def config_of(fault: Fault) -> ExternalConfig:
    """A quadratic plant of three samples, 20 steps."""
    few = 12 if "adc" in fault.config else 30
    keys = {"parameters": 2, "samples": 3, "steps": few, "check_every": 7, "spread": 0.25}
    return external(**keys | fault.config)


def found(fault: Fault, folder: Path, builds: Path) -> lockstep.Verification:
    """Verify a copy of the gateware with the fault in it."""
    config = config_of(fault)
    plant(folder, fault.file, fault.right, fault.wrong)
    module = "hdl.external.trainer"
    source = copy_of(folder, module, lambda copy: copy.ExternalTrainer(config, probe=True))
    return verify(config, builds, source=source, plant=fault.plant(config))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_is_caught(fault: Fault, tmp_path: Path, builds: Path) -> None:
    """Where it must first show."""
    result = found(fault, tmp_path, builds)
    assert result.mismatches, "the lockstep did not notice"
    assert fault.signal in {each.signal.partition("[")[0] for each in result.mismatches}


def sound() -> list[Fault]:
    """Every fault's config and plant, once each, with nothing planted."""
    nothing = {"file": "external/trainer.py", "right": "exchange", "wrong": "exchange"}
    met: list[Any] = []
    for fault in FAULTS:
        if (fault.config, fault.plant) not in met:
            met.append((fault.config, fault.plant))
    assert len(FAULTS) > len(met)
    return [
        dataclasses.replace(FAULTS[0], config=config, plant=make, **nothing) for config, make in met
    ]


@pytest.mark.parametrize("fault", sound())
def test_without_a_fault_there_is_none(fault: Fault, tmp_path: Path, builds: Path) -> None:
    assert found(fault, tmp_path, builds).mismatches == []


def test_names_are_distinct() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_gateware_that_waits_is_told(tmp_path: Path, builds: Path) -> None:
    """Where nothing else is wrong."""
    right, wrong = "(clocks <= 1) & rose", "(clocks <= 1) & rose & (self.round != 5)"
    fault = dataclasses.replace(FAULTS[0], right=right, wrong=wrong, config=WAITED, plant=late)
    with pytest.raises(RuntimeError, match=r"^no evaluation is answered after clock \d+: the gate"):
        found(fault, tmp_path, builds)


GOLDEN = {
    "cost": (ExternalPlant, "evaluate", lambda right: lambda s, w: right(s, w) + 1, "C"),
    "check": (ExternalPlant, "check", lambda right: lambda s, w: right(s, w + 8), "C"),
    "weights": (
        *(ExternalPlant, "evaluate"),
        *(lambda right: lambda s, w: right(s, np.roll(w, 1, axis=1)), "C"),
    ),
    "step": (ExternalTrainer, "_next_step", lambda right: lambda s: (right(s), right(s)), "step"),
}
"""What is wrong, how, and where it shows."""


@pytest.mark.parametrize("name", GOLDEN)
def test_a_fault_of_the_golden_model_is_caught(
    name: str, builds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, method, fault, signal = GOLDEN[name]
    monkeypatch.setattr(kind, method, fault(getattr(kind, method)))
    result = verify(config_of(FAULTS[2]), builds)
    assert signal in {each.signal for each in result.mismatches}
