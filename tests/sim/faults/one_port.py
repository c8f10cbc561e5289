"""Faults of folded engines whose memory of words has one port, and of what else spares logic."""

from __future__ import annotations

from spec.phase import Phase
from tests.sim.faults.fault import Fault, Tables
from tests.sim.faults.folded import COPIES, FRESH, HIDDEN, NODE, folded

ONE_PORT: Tables = folded(build={"word_ports": 1}, network=HIDDEN)
SMALL: Tables = COPIES | {
    "build": COPIES["build"] | {"word_ports": 1, "serial_cost": True, "lane_multipliers": 2},
    "training": FRESH | {"cost": "cross_entropy", "init": 0},
}
"""The least logic: one port, weights that are perturbed, one output after the other."""
HALVES: Tables = folded(
    2, build={"word_ports": 1, "lane_multipliers": 2, "multipliers": "registered"},
    network=HIDDEN, training=FRESH | NODE, task={"inputs": "fixed"},
)  # fmt: skip
"""By node, where lanes have all multiplier blocks."""

FAULTS = [
    Fault(
        "a word does not wait until it is written",
        "folded/lane.py",
        'm.If(«delay(m, orders.take, 1, 1, "taken")»)',
        "1",
        "theta",
        Phase.INIT_SHIFT,
        ONE_PORT,
    ),
    Fault(
        "a word is written where another is read",
        "folded/words.py",
        "Mux(«written», late.address, address)",
        "0",
        "theta",
        Phase.INIT_SHIFT,
        ONE_PORT,
    ),
    Fault(
        "products count in a clock between visits",
        "folded/engine.py",
        "turn.counts.eq(«met.valid»)",
        "1",
        "C",
        Phase.WAIT,
        ONE_PORT,
    ),
    Fault(
        "a visit does not wait for a word to be written",
        "folded/sequencer.py",
        "now.rail == («wide | self._writing if one_port else wide»)",
        "wide",
        "theta",
        Phase.WAIT,
        ONE_PORT,
    ),
    Fault(
        "weights are perturbed where the evaluation is not",
        "folded/engine.py",
        "Mux(«self.perturb», doubled, 0)",
        "1",
        "C",
        Phase.CHECK,
        SMALL,
    ),
    Fault(
        "weights are perturbed the other way",
        "folded/lane.py",
        "fixed.mux(«bit», self.move, -self.move)",
        "~bit",
        "C",
        Phase.WAIT,
        SMALL,
    ),
    Fault(
        "sums begin with what the initial θ left",
        "folded/engine.py",
        "lane.clear.eq(«drain.emptied | self._start»)",
        "drain.emptied",
        "C",
        Phase.WAIT,
        SMALL,
    ),
    Fault(
        "sums go on from place to place",
        "folded/engine.py",
        "lane.clear.eq(«drain.emptied | self._start»)",
        "self._start",
        "C",
        Phase.WAIT,
        SMALL,
    ),
    Fault(
        "the first lane's sum leaves for all",
        "folded/columns.py",
        "for value in values)[«place»]",
        "0",
        "C",
        Phase.WAIT,
        SMALL,
    ),
    Fault(
        "u is multiplied by the lower half of an input, twice",
        "folded/orders.py",
        "x, «before.rail»)",
        "Const(0)",
        "theta",
        Phase.WAIT,
        HALVES,
    ),
    Fault(
        "the sum goes on from cost to cost",
        "plant/cost/serial.py",
        "«Mux(begins, 0, s)» + power",
        "s",
        "C",
        Phase.WAIT,
        SMALL,
    ),
    Fault(
        "the cost of another class",
        "plant/cost/serial.py",
        "«index == self.label»",
        "index == 0",
        "C",
        Phase.WAIT,
        SMALL,
    ),
    Fault(
        "both evaluations have one cost",
        "plant/cost/serial.py",
        "m.If(«begins & second»)",
        "1",
        "C0",
        Phase.WAIT,
        SMALL,
    ),
    Fault(
        "counts another output",
        "plant/cost/serial.py",
        "self.largest.eq(«index»)",
        "0",
        "correct",
        Phase.CHECK,
        SMALL,
    ),
]
