"""Mutants of the netlist, broken by yosys in many places: the lockstep sees all but those named.

All are in one netlist, behind an input that chooses one (0 is the original), so that one build of
the simulator runs them all against one golden trace.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from boards import tools
from hdl.trainer import Trainer
from model.trace import Trace
from sim import simulators, stimulus
from sim.bench import Bench
from sim.packing import pack
from sim.simulation import Simulation
from sim.simulators import TOP, Simulator, to_verilog
from spec import probe
from tests.configs import xor
from tests.conftest import need

MUTANTS = 100
WIDTH = 8
CONFIG = xor(steps=60, check_every=20, tau_x=2, tau_theta=3, tau_p=2, seed=5)
SETS = [
    CONFIG,
    CONFIG.with_training(eta=2, tau_theta=4, steps=400, seed=1),
    CONFIG.with_training(tau_x=1, tau_theta=1, tau_p=1, steps=400, check_every=37, seed=2),
    CONFIG.with_training(eta=-1, tau_x=1, tau_theta=1, tau_p=1, steps=400, seed=7),
    CONFIG.with_training(eta=3, tau_x=40, tau_theta=30, tau_p=40, steps=900, seed=3),
    CONFIG.with_training(eta=3, tau_x=60, tau_theta=50, tau_p=60, steps=900, seed=11),
    CONFIG.with_training(eta=3, tau_x=1, tau_theta=1, tau_p=1, steps=900, seed=4),
]
"""Registers that differ, of one gateware: what one does not show another may."""

NOT_JUDGED = {1, 4, 22, 50, 65, 68, 86, 98}
"""Mutants that survive, where nobody has found out whether any run could show them.

Their numbers are those of this gateware's netlist: a change of it makes others.
"""


def mutated(folder: Path) -> str:
    """Return XOR's netlist with all mutants in it, and the input `mutant`."""
    (folder / "rtl.v").write_text(to_verilog(Trainer(CONFIG, probe=True)), encoding="utf-8")
    script = f"""
read_verilog rtl.v
hierarchy -top {TOP}
proc
flatten
setattr -unset init w:*
opt -full
memory_map
techmap
opt -full
mutate -list {MUTANTS} -seed 1 -ctrl mutant {WIDTH} 1 -o mutants.ys
script mutants.ys
opt_clean
write_verilog -noattr netlist.v
"""
    (folder / "top.ys").write_text(script, encoding="utf-8")
    status, said = tools.run([tools.find("yosys"), "-q", "top.ys"], folder)
    assert status == 0, said
    return (folder / "netlist.v").read_text(encoding="utf-8")


def caught(source: str, simulator: Simulator, folder: Path) -> dict[int, int]:
    """Return the first clock that differs, by mutant; those that never do are left out."""
    bench = Bench.of(CONFIG)
    wider = Bench((*bench.inputs, ("mutant", WIDTH)), bench.probe_bits)
    build = simulators.build(source, wider, simulator, folder)
    record = np.dtype(("<u4", (bench.probe_words,)))
    found: dict[int, int] = {}
    for config in SETS:
        parts = [pack(probe.fields(config), part) for part in Trace(config).chunks()]
        golden = np.concatenate(parts)
        rows = list(stimulus.lockstep(config, {}, stop_when_solved=False))
        for mutant in set(range(MUTANTS + 1)) - set(found):
            chosen = [[*row, mutant] for row in rows]
            with Simulation(build, simulator, chosen, record, every=True) as simulation:
                differs = (simulation.read(len(golden)) != golden).any(axis=1)
            if differs.any():
                found[mutant] = int(differs.argmax())
    return found


@pytest.mark.slow
def test_all_mutants_but_those_named_are_caught(tmp_path: Path) -> None:
    source = mutated(tmp_path)
    assert re.search(rf"input \[{WIDTH - 1}:0\] mutant", source)
    found = caught(source, need(Simulator.VERILATOR), tmp_path)
    assert 0 not in found
    assert set(range(1, MUTANTS + 1)) - set(found) == NOT_JUDGED
    assert len(set(found.values())) > 10  # they differ from each other
