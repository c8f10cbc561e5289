"""Planted faults: the lockstep catches every one of them, so that its zero means something."""

from __future__ import annotations

import dataclasses
import importlib
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

import hdl
from sim.simulators import Simulator, to_verilog
from sim.verify import verify, waveform
from spec.config import Config
from tests.sim.faults import CONFIGS, FAULTS, Fault, Tables

HDL = Path(hdl.__file__).parent


def config_of(fault: Fault) -> Config:
    """XOR on one neuron, 67 steps, with the fault's keys."""
    tables: Tables = {
        "task": {"name": "xor"},
        "network": {"layers": [2, 1]},
        "training": {"steps": 67, "check_every": 20},
    }
    for name, keys in fault.config.items():
        tables[name] = tables.get(name, {}) | keys
    return Config.from_dict(tables)


def verilog(config: Config, gateware: Path) -> str:
    """Verilog of a config from another copy of the gateware, imported in place of ours."""

    def ours() -> dict[str, ModuleType]:
        return {name: sys.modules[name] for name in sys.modules if name.partition(".")[0] == "hdl"}

    kept = ours()
    for name in kept:
        del sys.modules[name]
    sys.path.insert(0, str(gateware))
    try:
        importlib.invalidate_caches()
        copy = importlib.import_module("hdl.trainer")
        assert copy.__file__ == str(gateware / "hdl" / "trainer.py")
        return to_verilog(copy.Trainer(config, probe=True))
    finally:
        sys.path.remove(str(gateware))
        for name in ours():
            del sys.modules[name]
        sys.modules.update(kept)


def plant(fault: Fault, folder: Path) -> None:
    """Copy the gateware with the fault in it."""
    shutil.copytree(HDL, folder / "hdl")  # with what is compiled of it, for the files left alone
    path = folder / "hdl" / fault.file
    text = path.read_text()
    assert fault.right in text, f"{fault.file} no longer has {fault.right!r}"
    path.write_text(text.replace(fault.right, fault.wrong))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_every_fault_is_caught(fault: Fault, icarus: Simulator, tmp_path: Path) -> None:
    """Where it must first show, and not somewhere else for another reason."""
    config = config_of(fault)
    plant(fault, tmp_path)
    source = verilog(config, tmp_path)
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
    plant(fault, tmp_path)
    config = config_of(fault)
    source = verilog(config, tmp_path)
    result = verify(config, icarus, tmp_path, source=source, writes=fault.writes)
    assert result.mismatches == []
    assert result.steps == 67


def test_names_are_distinct() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
