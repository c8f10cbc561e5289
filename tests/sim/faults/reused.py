"""Planted faults of cells that weights share."""

from __future__ import annotations

from tests.sim.faults.kinds import REUSE, Fault

REUSED = [
    Fault(
        "the inputs of other turns",
        "neuron.py",
        "in reversed(parameters)",
        "in parameters",
        "C",
        "WAIT",
        REUSE,
    ),
    Fault(
        "an idle turn counts",
        "synapse.py",
        "m.If(~self.turn)",
        "m.If(0)",
        "C",
        "WAIT",
        REUSE,
    ),
    Fault(
        "an idle turn learns",
        "synapse.py",
        "bus.accumulate & self.turn",
        "bus.accumulate",
        "G",
        "INIT_UPDATE",
        REUSE,
    ),
    Fault(
        "a sum begins anew in the last turn",
        "rail.py",
        "fixed.mux(first,",
        "fixed.mux(last,",
        "C",
        "WAIT",
        REUSE,
    ),
    Fault(
        "a sum without its last turn",
        "rail.py",
        'delay(m, self.last, 1, late, "last")',
        'delay(m, self.last, 1, late - 1, "last")',
        "C",
        "WAIT",
        REUSE,
    ),
    Fault(
        "learns in the first turn only",
        "turns.py",
        '("accumulate", "update", "initialise")',
        '("accumulate", "initialise")',
        "theta",
        "INIT_SHIFT",
        REUSE,
    ),
    Fault(
        "the ring stands still",
        "synapse.py",
        "self._shift(m, ring, ring[-1])",
        "self._shift(m, ring[1:], ring[-1])",
        "perturbation",
        "INIT_ACCUMULATE",
        REUSE,
    ),
]
