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

MIXED: Tables = folded(
    2,
    network={
        "shape": [2],
        "layer": [
            {"kind": "dense", "neurons": 2},
            {"kind": "dense", "neurons": 3, "estimator": "node"},
            {"kind": "dense", "neurons": 1, "activation": "identity"},
        ],
    },
    training=FRESH,
)
"""A layer by node, whose last group has fewer neurons than lanes, between two by weight."""

FAULTS = [
    Fault(
        "a word moves the other way",
        "folded/engine.py",
        "either(node, signs.before[k], «lane.stored»)",
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
        "fresh.state[-len(engine.drawn) + k]",
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
        "goes_on = copy(m, «its & ~first», 1",
        "its",
        "C0",
        Phase.WAIT,
        folded(4, network={"layers": [2, 4, 1]}),  # as many words as a lane has addresses
    ),
    Fault(
        "both evaluations see unperturbed inputs",
        "folded/engine.py",
        "«fixed.mux(turn.rail, x[1], x[0])»",
        "x[0]",
        "C",
        Phase.WAIT,
        folded(network=HIDDEN),
    ),
    Fault(
        "a group does not wait for the one before it",
        "folded/sequencer.py",
        "Mux(layer_ends, any_pause, «any_gap»)",
        "0",
        "written",
        Phase.WAIT,
        folded(5, network=WIDE),
    ),
    Fault(
        "a layer does not wait for its first input",
        "folded/sequencer.py",
        "Mux(layer_ends, «any_pause», any_gap)",
        "0",
        "written",
        Phase.WAIT,
        folded(2, network=HIDDEN),
    ),
    Fault(
        "the last neuron does not leave",
        "folded/drain.py",
        "tag.final.eq(«left == 0»)",
        "left == 1",
        "C",
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
        "delay(m, «copies >= needed», 1",
        "copies > needed",
        "C",
        Phase.WAIT,
        COPIES,
    ),
    Fault(
        "lanes of a layer without copies are compared",
        "folded/drain.py",
        "fixed.mux(larger & «counts», held[1], held[0])",
        "1",
        "C",
        Phase.WAIT,
        COPIES,
    ),
    Fault(
        "copies have bits of their own",
        "folded/fresh.py",
        "«drawn[lane % count]»",
        "drawn[lane]",
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
        "words by node move by their own bits",
        "folded/engine.py",
        "either(node, «signs.before[k]», lane.stored)",
        "lane.stored",
        "theta",
        Phase.WAIT,
        MIXED,
    ),
    Fault(
        "words by weight move by their neurons' bits",
        "folded/engine.py",
        "either(node, signs.before[k], «lane.stored»)",
        "signs.before[k]",
        "theta",
        Phase.WAIT,
        MIXED,
    ),
    Fault(
        "words by weight move by u·x",
        "folded/orders.py",
        "either(node, before.bias, «Const(1)»)",
        "before.bias",
        "theta",
        Phase.WAIT,
        MIXED,
    ),
    Fault(
        "words by node have bits",
        "folded/engine.py",
        "either(node, «Const(0)», bit)",
        "bit",
        "perturbation",
        Phase.INIT_SHIFT,
        MIXED,
    ),
    Fault(
        "every word by node draws",
        "folded/fresh.py",
        "takes & («bias | ~node»)",
        "Const(1)",
        "perturbation",
        Phase.WAIT,
        MIXED,
    ),
    Fault(
        "a last group by node draws for all lanes",
        "folded/fresh.py",
        "«Cat(~fewer.any(), fewer)»",
        "Const(1, len(spec.leaps))",
        "perturbation",
        Phase.WAIT,
        MIXED,
    ),
    Fault(
        "inputs behind the layers by node are kept",
        "folded/inputs.py",
        "keep &= «self.write_address < kept.stop»",
        "self.keep",
        "theta",
        Phase.WAIT,
        MIXED,
    ),
    Fault(
        "a layer by node is moved by Σ ±x",
        "folded/drain.py",
        "moved.eq(«move.scaled(times)»)",
        "moves[0].scaled(times)",
        "C",
        Phase.WAIT,
        MIXED,
    ),
    Fault(
        "a layer by weight is moved by its neurons' signs",
        "folded/drain.py",
        "moved.eq(«move.scaled(times)»)",
        "moves[1].scaled(times)",
        "C",
        Phase.WAIT,
        MIXED,
    ),
]
