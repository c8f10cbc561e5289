"""Planted faults: the lockstep catches every one of them, so that its zero means something.

Those of a config are in one netlist, behind an input that chooses one (0 is none), so that there is
one elaboration of them all; but for some that are no matter of values.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.simulators import Simulator
from sim.verify import Verification, verify, waveform
from spec.config import Config
from tests.chosen import FAULT
from tests.planted import plant, plant_choice, verilog
from tests.sim.faults import CONFIGS, FAULTS, Fault, Tables

SOON = 100
"""Clocks to compare at once: most faults show in the first steps, and nothing after that counts."""

ALONE = [fault for fault in FAULTS if fault.alone]


def by_config() -> dict[str, tuple[Tables, list[Fault]]]:
    """Each config by a name, and all faults that are chosen there; of CONFIGS, some have none."""
    groups: dict[str, tuple[Tables, list[Fault]]] = {
        name: (config, []) for name, config in CONFIGS.items()
    }
    for fault in FAULTS:
        names = [name for name, (config, _) in groups.items() if config == fault.config]
        name = names[0] if names else f"of {fault.name}"
        _, faults = groups.setdefault(name, (fault.config, []))
        if not fault.alone:
            faults.append(fault)
    return groups


GROUPS = by_config()


def config_of(keys: Tables) -> Config:
    """XOR on one neuron, 67 steps, with these keys."""
    tables: Tables = {
        "task": {"name": "xor"},
        "network": {"layers": [2, 1]},
        "training": {"steps": 67, "check_every": 20},
    }
    for name, table in keys.items():
        tables[name] = tables.get(name, {}) | table
    if "layer" in tables["network"]:  # which says what `layers` does
        del tables["network"]["layers"]
    return Config.from_dict(tables)


def assert_caught(fault: Fault, result: Verification, config: Config) -> None:
    """Where it must first show, and not somewhere else for another reason."""
    assert result.mismatches, f"{fault.name}: the lockstep did not notice"
    for found in result.mismatches:
        assert found.gateware != found.golden
    signals = {found.signal.partition("[")[0] for found in result.mismatches}
    assert fault.signal in signals, fault.name
    assert result.history[-1][1]["phase"] == [fault.phase], fault.name
    text = waveform(result, config)
    assert "$scope module gateware" in text
    assert "$scope module golden" in text
    assert f"#{10 * result.clocks}" in text


@pytest.mark.parametrize(("keys", "faults"), GROUPS.values(), ids=GROUPS)
def test_every_fault_is_caught(
    keys: Tables, faults: list[Fault], icarus: Simulator, tmp_path: Path
) -> None:
    """And where none is chosen, the same path finds none."""
    config, numbered = config_of(keys), dict(enumerate(faults, 1))
    plant_choice(tmp_path, numbered)
    source = verilog(
        tmp_path, "hdl.trainers", lambda copy: copy.trainer_of(config, probe=True), choice=True
    )

    def lockstep(number: int, writes: dict[int, dict[str, int]]) -> Verification:
        held = {FAULT.name: number}
        return verify(
            config, icarus, tmp_path, source=source, writes=writes, held=held, at_once=SOON
        )

    written = [{}, *(fault.writes for fault in faults)]
    for k, writes in enumerate(written):
        if writes not in written[:k]:
            result = lockstep(0, writes)
            assert result.mismatches == []
            assert result.steps == 67
    for number, fault in numbered.items():
        assert_caught(fault, lockstep(number, fault.writes), config)


@pytest.mark.parametrize("fault", ALONE, ids=lambda fault: fault.name)
def test_every_fault_of_its_own_netlist_is_caught(
    fault: Fault, icarus: Simulator, tmp_path: Path
) -> None:
    config = config_of(fault.config)
    plant(tmp_path, fault.file, fault.right, fault.wrong)
    source = verilog(tmp_path, "hdl.trainers", lambda copy: copy.trainer_of(config, probe=True))
    result = verify(config, icarus, tmp_path, source=source, writes=fault.writes, at_once=SOON)
    assert_caught(fault, result, config)


def test_each_is_there_once() -> None:
    chosen = [fault.name for _, faults in GROUPS.values() for fault in faults]
    names = {fault.name for fault in FAULTS}
    assert len(chosen) + len(ALONE) == len(FAULTS) == len(names)
    assert {*chosen, *(fault.name for fault in ALONE)} == names
