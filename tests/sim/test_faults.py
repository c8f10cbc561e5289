"""Planted faults: the lockstep catches every one of them, so that its zero means something."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from sim.simulators import Simulator
from sim.verify import verify, waveform
from spec.config import Config
from tests.planted import plant
from tests.planted import verilog as copy_of
from tests.sim.faults import CONFIGS, FAULTS, Fault, Tables


def config_of(fault: Fault) -> Config:
    """XOR on one neuron, 67 steps, with the fault's keys."""
    tables: Tables = {
        "task": {"name": "xor"},
        "network": {"layers": [2, 1]},
        "training": {"steps": 67, "check_every": 20},
    }
    for name, keys in fault.config.items():
        tables[name] = tables.get(name, {}) | keys
    if "layer" in tables["network"]:  # which says what `layers` does
        del tables["network"]["layers"]
    return Config.from_dict(tables)


def verilog(fault: Fault, config: Config, folder: Path) -> str:
    """Verilog of a trainer with the fault in it, from a copy in a folder."""
    plant(folder, fault.file, fault.right, fault.wrong)
    return copy_of(folder, "hdl.trainers", lambda copy: copy.trainer_of(config, probe=True))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_is_caught(fault: Fault, icarus: Simulator, tmp_path: Path) -> None:
    """Where it must first show, and not somewhere else for another reason."""
    config = config_of(fault)
    source = verilog(fault, config, tmp_path)
    result = verify(config, icarus, tmp_path, source=source, writes=fault.writes)
    assert result.mismatches, "the lockstep did not notice"
    for found in result.mismatches:
        assert found.gateware != found.golden
    assert fault.signal in {found.signal.partition("[")[0] for found in result.mismatches}
    assert result.history[-1][1]["phase"] == [fault.phase]
    text = waveform(result, config)
    assert "$scope module gateware" in text
    assert "$scope module golden" in text
    assert f"#{10 * result.clocks}" in text


def sound() -> dict[str, Fault]:
    """Every fault's config and writes, once each, with nothing planted; and all of CONFIGS."""
    nothing = {"file": "trainer.py", "right": "optimizer", "wrong": "optimizer"}
    faults = {
        name: dataclasses.replace(FAULTS[0], config=config, writes={}, **nothing)
        for name, config in CONFIGS.items()
    }
    met = [(fault.config, fault.writes) for fault in faults.values()]
    for fault in FAULTS:
        if (fault.config, fault.writes) not in met:
            met.append((fault.config, fault.writes))
            faults[f"of {fault.name}"] = dataclasses.replace(fault, **nothing)
    return faults


@pytest.mark.parametrize("fault", sound().values(), ids=sound())
def test_without_a_fault_the_same_path_finds_none(
    fault: Fault, icarus: Simulator, tmp_path: Path
) -> None:
    config = config_of(fault)
    source = verilog(fault, config, tmp_path)
    result = verify(config, icarus, tmp_path, source=source, writes=fault.writes)
    assert result.mismatches == []
    assert result.steps == 67


def test_names_are_distinct() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
