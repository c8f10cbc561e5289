"""Planted faults: the lockstep catches every one of them, so that its zero means something."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import hdl
from sim.simulators import Simulator
from sim.verify import verify, write_waveform
from spec.config import Config

HDL = Path(hdl.__file__).parent


@dataclass(frozen=True)
class Fault:
    """A change to the text of one file of the gateware, and a config that shows it."""

    name: str
    file: str
    right: str
    wrong: str
    config: dict[str, dict[str, Any]] = field(default_factory=dict)


def wrapping(
    name: str, file: str, value: str, register: str, config: dict[str, dict[str, Any]]
) -> Fault:
    """Let a register take the low bits of a value that should saturate."""
    low = f"{value}.as_value()[: len({register}.as_value())]"
    right = f"{value}.saturate({register}.shape())"
    return Fault(name, file, right, f"fixed.Value({register}.shape(), {low})", config)


STRONG = {"training": {"eta": 2, "tau_theta": 4}}  # drives everything into saturation
SLOW = {"training": {"tau_x": 3, "tau_theta": 2, "tau_p": 2}}
MOMENTUM = {"training": {"momentum": 2}}
ANTITHETIC = {"training": {"estimator": "antithetic"}}
WALSH = {"training": {"perturbation": "cm"}}
CHANGES = [{"step": 7, "eta": -1, "tau_theta": 3}, {"step": 20, "tau_x": 2}]
PLAN = {"training": {"schedule": CHANGES}}
TURNS = {"training": {"perturbation": "tm"}}

FAULTS = [
    Fault(
        "sign of the perturbation flipped",
        "synapse.py",
        "bus.u, ~perturbation",
        "bus.u, perturbation",
    ),
    Fault(
        "gradient added instead of subtracted",
        "synapse.py",
        "saturating.subtract(theta, G)",
        "(theta + G).saturate(theta.shape())",
    ),
    Fault(
        "theta wraps",
        "synapse.py",
        "saturating.subtract(theta, G)",
        "fixed.Value(theta.shape(), (theta - G).as_value()[: len(theta.as_value())])",
        STRONG,
    ),
    Fault(
        "saturates at the wrong end",
        "saturating.py",
        "outside & below",
        "outside & ~below",
        STRONG,
    ),
    Fault(
        "G wraps",
        "synapse.py",
        "saturating.add_or_subtract(G, bus.u, ~perturbation)",
        "fixed.Value(G.shape(), fixed.mux(perturbation, G + bus.u, G - bus.u)"
        ".as_value()[: len(G.as_value())])",
        STRONG | {"formats": {"gradient_bits": 8}},
    ),
    Fault(
        "G kept after an update",
        "synapse.py",
        "G.eq(self._kept(G))",
        "G.eq(G)",
    ),
    Fault("floor for round", "cost.py", "Rounding.NEAREST_EVEN", "Rounding.TRUNCATE"),
    wrapping("u wraps", "cost.py", "rounded", "u", STRONG),
    Fault("C0 of perturbed costs too", "cost.py", "kind == Kind.BASELINE", "kind != Kind.NONE"),
    Fault(
        "C0 stale after an update",
        "schedule.py",
        "m.If(sample_due | update_due)",
        "m.If(sample_due)",
        SLOW,
    ),
    Fault(
        "update a clock late",
        "synapse.py",
        "with m.If(bus.clear | bus.update):",
        "late = Signal()\n        m.d.sync += late.eq(bus.update)\n"
        "        with m.If(bus.clear | late):",
    ),
    Fault(
        "accumulates a clock early",
        "schedule.py",
        "self.latencies.bus - 1, Phase",
        "self.latencies.bus - 2, Phase",
    ),
    Fault(
        "tau_p ignored", "schedule.py", "self.perturb.eq(perturb_due)", "self.perturb.eq(1)", SLOW
    ),
    Fault("wrong tap", "lfsr.py", "self.state[tap - 1 - k]", "self.state[tap - 2 - k]"),
    Fault("cells share a bit", "neuron.py", "chain = cell.chain_o", "chain = chain"),
    Fault(
        "layers share a bit",
        "network.py",
        'chain = delay(m, chain, 1, late, f"chain_{index}")',
        "pass",
    ),
    Fault(
        "strobes reach a layer early", "network.py", "bus.shape(), late,", "bus.shape(), late - 1,"
    ),
    Fault(
        "last layer unperturbed",
        "network.py",
        "kind == Kind.PERTURBED",
        "(kind == Kind.PERTURBED) & (index == 0)",
    ),
    Fault(
        "dropped carry",
        "tree.py",
        "terms[k] + terms[k + 1]",
        "fixed.Value((terms[k] + terms[k + 1]).shape(), (terms[k] - terms[k + 1]).as_value())",
    ),
    Fault(
        "PLAN takes the wrong segment",
        "activation.py",
        "in reversed(plan_segments",
        "in (plan_segments",
    ),
    Fault(
        "the next sample is skipped",
        "samples.py",
        "draw = self._random(m)",
        "draw = self._random(m) ^ 1",
    ),
    Fault("labels ignored", "score.py", "found == label", "found"),
    Fault(
        "the last check is forgotten", "schedule.py", "m.If(check_due | last)", "m.If(check_due)"
    ),
    Fault("change a step late", "plan.py", "changes[k].step - 1", "changes[k].step", PLAN),
    Fault(
        "periods go on after a change",
        "schedule.py",
        "(count == period - 1) | restart",
        "count == period - 1",
        PLAN,
    ),
    Fault(
        "momentum decays too little", "synapse.py", "Rounding.AWAY", "Rounding.TRUNCATE", MOMENTUM
    ),
    Fault("momentum forgotten", "synapse.py", "G.scaled(-m)", "G", MOMENTUM),
    Fault(
        "opposite perturbation is not opposite",
        "synapse.py",
        "perturbation ^ self.opposite",
        "perturbation",
        ANTITHETIC,
    ),
    Fault(
        "opposite cost not held",
        "cost.py",
        "(kind == Kind.BASELINE) | (kind == Kind.OPPOSITE)",
        "kind == Kind.BASELINE",
        ANTITHETIC,
    ),
    Fault("code of the wrong cell", "neuron.py", "self.first + k", "self.first", WALSH),
    Fault("sign of the period kept", "perturb.py", "negative ^ place.all()", "negative", WALSH),
    Fault("column 0 left out", "perturb.py", "Mux(place == 0, 0, lfsr.state)", "lfsr.state", WALSH),
    Fault(
        "turns run over", "perturb.py", "following >= code.cells", "following > code.cells", TURNS
    ),
    Fault(
        "cells learn out of turn",
        "synapse.py",
        "bus.accumulate & listening",
        "bus.accumulate",
        TURNS,
    ),
]


def config_of(fault: Fault) -> Config:
    """XOR, 60 steps, with the fault's keys."""
    tables: dict[str, dict[str, Any]] = {
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
    config = config_of(fault)
    plant(fault, tmp_path)
    result = verify(config, icarus, tmp_path, source=verilog(config, tmp_path))
    assert result.mismatches, "the lockstep did not notice"
    for found in result.mismatches:
        assert found.gateware != found.golden
    write_waveform(result, config, tmp_path / "last.vcd")
    text = (tmp_path / "last.vcd").read_text()
    assert "$scope module gateware" in text
    assert "$scope module golden" in text
    assert f"#{10 * result.clocks}" in text


SOUND = {"plain": {}, "strong": STRONG, "slow": SLOW, "momentum": MOMENTUM}
SOUND |= {"antithetic": ANTITHETIC, "walsh": WALSH, "plan": PLAN, "turns": TURNS}


@pytest.mark.parametrize("config", SOUND.values(), ids=SOUND)
def test_without_a_fault_the_same_path_finds_none(
    config: dict[str, dict[str, Any]], icarus: Simulator, tmp_path: Path
) -> None:
    nothing = Fault("none", "synapse.py", "theta", "theta", config)
    plant(nothing, tmp_path)
    tables = config_of(nothing)
    result = verify(tables, icarus, tmp_path, source=verilog(tables, tmp_path))
    assert result.mismatches == []
    assert result.steps == 67
