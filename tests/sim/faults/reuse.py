"""Faults of cells that serve several parameters."""

from __future__ import annotations

from spec.phase import Phase
from tests.sim.faults.fault import REUSE, Fault

FAULTS = [
    Fault(
        "the inputs of other turns",
        "plant/layer/dense.py",
        "in reversed(parameters)",
        "in parameters",
        "C",
        Phase.WAIT,
        REUSE,
    ),
    Fault(
        "an idle turn counts",
        "optimizer/cell.py",
        "m.If(~turn)",
        "m.If(0)",
        "C",
        Phase.WAIT,
        REUSE,
    ),
    Fault(
        "an idle turn learns",
        "optimizer/hearing.py",
        "strobes.accumulate & turn",
        "strobes.accumulate",
        "G",
        Phase.INIT_UPDATE,
        REUSE,
    ),
    Fault(
        "a sum begins anew in the last turn",
        "plant/layer/neuron.py",
        "fixed.mux(first,",
        "fixed.mux(last,",
        "C",
        Phase.WAIT,
        REUSE,
    ),
    Fault(
        "a sum without its last turn",
        "plant/layer/neuron.py",
        'delay(m, self.last, 1, clocks, "last")',
        'delay(m, self.last, 1, clocks - 1, "last")',
        "C",
        Phase.WAIT,
        REUSE,
    ),
    Fault(
        "learns in the first turn only",
        "optimizer/turns.py",
        '("accumulate", "update", "initialise")',
        '("accumulate", "initialise")',
        "G",
        Phase.INIT_SHIFT,
        REUSE,
    ),
    Fault(
        "the ring stands still",
        "optimizer/ring.py",
        "m.d.sync += self.shift(self.registers[-1])",
        "m.d.sync += self.shift(self.registers[-1])[1:]",
        "perturbation",
        Phase.INIT_ACCUMULATE,
        REUSE,
    ),
]
