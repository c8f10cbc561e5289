"""`mgd export` of an optimizer for an external plant: Verilog, and what its ports mean."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hdl.external.trainer import ExternalTrainer
from sim.simulators import to_verilog
from spec.external.config import ExternalConfig
from spec.external.ports import PORTS
from spec.external.registers import registers
from tests.boards.test_lint import NAMED, lint
from tests.host.conftest import run
from tests.host.external.conftest import Write
from tests.plants import FOLDER, OWN_DAC, external

STREAM: dict[str, Any] = {"weights": "stream", "cost_in": "stream", "handshake": True}

WAYS: dict[str, dict[str, Any]] = {
    "parallel": {"samples": 3},
    "stream": STREAM,
    "spi": {"weights": "spi", "dac": "dac8568", "cost_in": "spi", "adc": "ads8681"},
    "folded": {**STREAM, "engine": "folded", "parameters": 7, "perturbation": "cm"},
    "own": {"weights": "spi", "dac": OWN_DAC, "parameters": 7},
}


@pytest.mark.parametrize("way", WAYS)
def test_export(way: str, write: Write, folder: Path) -> None:
    """It passes all of Verilator's checks; each port is a register or documented, and there."""
    name = write(**WAYS[way], solved_cost=0.5)
    assert run("export", name, "-o", "out", "--name", "chip") == 0
    said = json.loads((folder / "out" / "chip.json").read_text())
    source = (folder / "out" / "chip.v").read_text()
    config = external(**{"parameters": 2, "check_every": 10} | WAYS[way], solved_cost=0.5)
    assert said["module"] == "chip"
    assert said["registers"] == [
        {"name": r.name, "width": r.width, "value": r.value, "doc": r.doc}
        for r in registers(config)
    ]
    assert said["config"] == config.to_dict()
    top = source[source.index("module chip(") :].partition("endmodule")[0]
    found = set(re.findall(r"^  (input|output) (?:\[(\d+):0\] )?(\w+);", top, re.MULTILINE))
    listed = {("input", r["width"], r["name"]) for r in said["registers"]}
    listed |= {(p["direction"], p["width"], p["name"]) for p in said["ports"]}
    listed |= {("input", 1, said["clock"]), ("input", 1, said["reset"])}
    assert {(way, int(high or 0) + 1, name) for way, high, name in found} == listed
    assert all(len(port["doc"]) > 10 for port in said["ports"])
    kinds, errors = lint(source.replace("module chip(", "module trainer("), folder)
    assert errors == []
    assert kinds <= NAMED


def test_every_documented_port_is_one() -> None:
    """Of some way."""
    names = set()
    for config in [*(external(**keys) for keys in WAYS.values()), *map(with_outputs, OUTPUTS)]:
        members = ExternalTrainer(config).signature.members
        names |= set(members) - {r.name for r in registers(config)}
    assert names == set(PORTS)


OUTPUTS = ("parallel", "stream")


def with_outputs(cost: str) -> ExternalConfig:
    plant = {"model": "models.py:Layers", "outputs": True, "cost": cost}
    return ExternalConfig.from_dict({"plant": plant, "task": {"name": "xor"}}, FOLDER)


@pytest.mark.parametrize("cost", OUTPUTS)
def test_outputs(cost: str, folder: Path) -> None:
    """They pass Verilator's checks, too."""
    kinds, errors = lint(to_verilog(ExternalTrainer(with_outputs(cost))), folder)
    assert errors == []
    assert kinds <= NAMED


def test_without_a_model(folder: Path) -> None:
    """There is an optimizer for it all the same."""
    (folder / "own.toml").write_text('[plant]\nparameters = 3\nweights = "stream"\n')
    assert run("export", "own.toml", "-o", "out") == 0
    assert "module trainer(" in (folder / "out" / "trainer.v").read_text()
