"""Faults of folded engines."""

from __future__ import annotations

from pathlib import Path

from spec.phase import Phase
from tests.sim.faults.fault import Fault, Tables

FOLDED: Tables = {"build": {"engine": "folded", "accumulate": False}}


def folded(lanes: int = 1, **tables: dict[str, object]) -> Tables:
    """Return keys of a folded engine and others."""
    build = FOLDED["build"] | {"lanes": lanes} | tables.pop("build", {})
    return {**tables, "build": build}


HIDDEN: dict[str, object] = {"layers": [2, 2, 1]}
WIDE: dict[str, object] = {"layers": [2, 7, 1]}
NODE: dict[str, object] = {"estimator": "node"}
FRESH: dict[str, object] = {"perturbation": "fresh"}

SQUARE: list[dict[str, object]] = [
    {"kind": "conv", "channels": 1}, {"kind": "pool"}, {"kind": "dense", "neurons": 2},
]  # fmt: skip
COPIES: Tables = folded(
    4,
    task={"name": "file", "path": str(Path(__file__).with_name("images.csv")), "inputs": "fixed"},
    network={"shape": [4, 6, 1], "layer": SQUARE},
    training=FRESH,
)
"""A convolution at four places at a time, which have lanes of their own, and a dense layer."""

ONE_PORT: Tables = folded(build={"word_ports": 1}, network=HIDDEN)
SMALL: Tables = COPIES | {
    "build": COPIES["build"] | {"word_ports": 1, "serial_cost": True, "lane_multipliers": 2},
    "training": FRESH | {"cost": "cross_entropy", "init": 0},
}
"""The least logic: one port, weights that are perturbed, one output after the other."""

FAULTS = [
    Fault(
        "a word moves the other way",
        "folded/engine.py",
        "signs.before[k] if spec.node else «lane.stored»",
        "~lane.stored",
        "theta",
        Phase.WAIT,
        folded(),
    ),
    Fault(
        "a word wraps",
        "folded/lane.py",
        "kept.theta.eq(«saturating.add(m, theta, addend, carry)»)",
        "theta.as_value() + addend.as_value().as_signed() + carry",
        "theta",
        Phase.WAIT,
        folded(training={"eta": 2}),
    ),
    Fault(
        "every sample of a check updates",
        "folded/schedule.py",
        "self.update.eq(«0»), self.address",
        "self.update",
        "theta",
        Phase.CHECK,
        folded(),
    ),
    Fault(
        "a check is perturbed",
        "folded/schedule.py",
        "self.perturb.eq(«0»), self.draw",
        "self.perturb",
        "C",
        Phase.CHECK,
        folded(),
    ),
    Fault(
        "a check draws bits",
        "folded/schedule.py",
        "self.perturb.eq(0), self.draw.eq(«0»)",
        "1",
        "perturbation",
        Phase.CHECK,
        folded(),
    ),
    Fault(
        "every step draws bits",
        "folded/schedule.py",
        "self.draw.eq(«perturb_due»)",
        "1",
        "perturbation",
        Phase.WAIT,
        folded(training={"tau_p": 3}),
    ),
    Fault(
        "a neuron's line begins with its own bit",
        "folded/engine.py",
        "«Mux(here.first, signs.above[k], before)»",
        "before",
        "perturbation",
        Phase.WAIT,
        folded(network=HIDDEN),
    ),
    Fault(
        "the line goes on from the bit of this step",
        "folded/signs.py",
        "«held[number - 1] if number else self.entering»",
        "bits[number - 1] if number else self.entering",
        "perturbation",
        Phase.WAIT,
        folded(network=HIDDEN),
    ),
    Fault(
        "lanes draw in the other order",
        "folded/trainer.py",
        "«fresh.state[-1 - k]»",
        "fresh.state[-engine.spec.drawn + k]",
        "perturbation",
        Phase.WAIT,
        folded(2, network=HIDDEN, training=FRESH),
    ),
    Fault(
        "neurons keep their first bits",
        "folded/signs.py",
        "m.If(«self.clear | self.renew»)",
        "self.clear",
        "C",
        Phase.WAIT,
        folded(network=HIDDEN, training=NODE | FRESH),
    ),
    Fault(
        "sums go on from neuron to neuron",
        "folded/lane.py",
        "«fixed.mux(first, fixed.constant(total.shape(), 0), total)»",
        "total",
        "C0",
        Phase.WAIT,
        folded(4, network={"layers": [2, 4, 1]}),  # as many words as a lane has addresses
    ),
    Fault(
        "both evaluations see unperturbed inputs",
        "folded/lane.py",
        "«fixed.mux(self.turn.rail, self.x[1], self.x[0])»",
        "self.x[0]",
        "C",
        Phase.WAIT,
        folded(network=HIDDEN),
    ),
    Fault(
        "a group does not wait for the one before it",
        "folded/sequencer.py",
        "self._rest.eq(«Mux(self._writing, first_gap, gap)»)",
        "0",
        "written",
        Phase.WAIT,
        folded(5, network=WIDE),
    ),
    Fault(
        "a layer does not wait for its last input",
        "folded/drain.py",
        "tag.final.eq(«left == 0»)",
        "left == 1",
        "written",
        Phase.WAIT,
        folded(2, network=HIDDEN),
    ),
    Fault(
        "neurons that don't exist are written",
        "folded/orders.py",
        "first = «Const((1 << layer.last_group) - 1, layer.lanes)»",
        "Const(-1, layer.lanes)",
        "written",
        Phase.WAIT,
        folded(3),
    ),
    Fault(
        "u meets the inputs of this step",
        "folded/inputs.py",
        "«half ^ self.keep»",
        "half",
        "theta",
        Phase.WAIT,
        folded(training=NODE),
    ),
    Fault(
        "the inputs of a check are kept",
        "folded/engine.py",
        "operands.keep.eq(«self.perturb»)",
        "1",
        "theta",
        Phase.CHECK,
        folded(training=NODE),
    ),
    Fault(
        "u·x is cut off",
        "folded/orders.py",
        "«exact.reshape(spec.bus.fraction_bits, Rounding.NEAREST_EVEN)»",
        "exact.reshape(spec.bus.fraction_bits, Rounding.TRUNCATE)",
        "theta",
        Phase.WAIT,
        folded(network=HIDDEN, training=NODE),
    ),
    Fault(
        "a bit of the initial θ is the one before",
        "folded/schedule.py",
        "self.bit_of_theta.eq(«self.bit_of_theta + 1»)",
        "self.bit_of_theta + (self.bit_of_theta != 3)",
        "theta",
        Phase.INIT_SHIFT,
        folded(),
    ),
    Fault(
        "a sample stays for τ_x - 1 steps",
        "folded/schedule.py",
        "sample_due = self._every(m, «self.tau_x», 1, self.restart)",
        "self.tau_x - 1",
        "sample",
        Phase.PERTURBED,
        folded(training={"tau_x": 3}),
    ),
    Fault(
        "copies see the first one's place",
        "folded/window.py",
        "self.offsets[bank].eq(«layer.offsets[copy]»)",
        "layer.offsets[0]",
        "C",
        Phase.WAIT,
        COPIES,
    ),
    Fault(
        "the last copy's place counts for nothing",
        "folded/drain.py",
        "«(other > one) & (copies >= needed)»",
        "(other > one) & (copies > needed)",
        "C",
        Phase.WAIT,
        COPIES,
    ),
    Fault(
        "lanes of a layer without copies are compared",
        "folded/drain.py",
        "«(other > one) & (copies >= needed)»",
        "other > one",
        "C",
        Phase.WAIT,
        COPIES,
    ),
    Fault(
        "copies have bits of their own",
        "folded/engine.py",
        "«self.drawn[lane % count]»",
        "self.drawn[lane]",
        "perturbation",
        Phase.WAIT,
        COPIES,
    ),
    Fault(
        "copies begin with nothing",
        "folded/orders.py",
        "«one[: layer.lanes].replicate(layer.copies)»",
        "one[: layer.lanes]",
        "written",
        Phase.INIT_SHIFT,
        COPIES,
    ),
    Fault(
        "the next square is the next place",
        "folded/window.py",
        "forward = «side * step - corners[last]»",
        "step - corners[last]",
        "C",
        Phase.WAIT,
        COPIES,
    ),
    Fault(
        "a word does not wait until it is written",
        "folded/lane.py",
        'm.If(«delay(m, orders.take, 1, 1, "taken") if one_port else Const(1)»)',
        "1",
        "theta",
        Phase.INIT_SHIFT,
        ONE_PORT,
    ),
    Fault(
        "a word is written where another is read",
        "folded/engine.py",
        "Mux(«written», late.address, address)",
        "0",
        "theta",
        Phase.INIT_SHIFT,
        ONE_PORT,
    ),
    Fault(
        "products count in a clock between visits",
        "folded/engine.py",
        "turn.counts.eq(«met.valid if spec.word_ports == 1 else Const(1)»)",
        "1",
        "C",
        Phase.WAIT,
        ONE_PORT,
    ),
    Fault(
        "a visit does not wait for a word to be written",
        "folded/sequencer.py",
        "«now.rail == (wide | self._writing)»",
        "now.rail == wide",
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
