"""Planted faults: the lockstep catches every one of them, so that its zero means something."""

from __future__ import annotations

import dataclasses
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import hdl
from sim.simulators import Simulator
from sim.verify import verify, waveform
from spec.config import Config
from tests.sim.faults import CONFIGS, FAULTS, Fault, Tables

HDL = Path(hdl.__file__).parent


def config_of(fault: Fault) -> Config:
    """XOR, 67 steps, with the fault's keys."""
    tables: Tables = {
        "task": {"name": "xor"},
        "network": {"layers": [2, 2, 1]},
        "training": {"steps": 67, "check_every": 20},
    }
    for name, keys in fault.config.items():
        tables[name] = tables.get(name, {}) | keys
    return Config.from_dict(tables)


def verilog(config: Config, gateware: Path) -> str:
    """Verilog of a config from another copy of the gateware, made in a process of its own."""
    program = (
        "import pickle, sys; from hdl.trainer import Trainer; from sim.simulators import "
        "to_verilog; config = pickle.load(sys.stdin.buffer); "
        "sys.stdout.write(to_verilog(Trainer(config, probe=True)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=pickle.dumps(config),
        capture_output=True,
        cwd=gateware,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def plant(fault: Fault, folder: Path) -> None:
    """Copy the gateware with the fault in it."""
    shutil.copytree(HDL, folder / "hdl", ignore=shutil.ignore_patterns("__pycache__"))
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
