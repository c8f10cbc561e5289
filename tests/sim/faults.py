"""The planted faults: changes to the text of one file of the gateware, and configs that show them.

Each config is XOR with some keys; see `tests/sim/test_faults.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Tables = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Fault:
    """What to write in place of what, and what shows it."""

    name: str
    file: str
    right: str
    wrong: str
    config: Tables = field(default_factory=dict)
    writes: dict[int, dict[str, int]] = field(default_factory=dict)


STRONG: Tables = {"training": {"eta": 2, "tau_theta": 4}}  # drives everything into saturation
SLOW: Tables = {"training": {"tau_x": 3, "tau_theta": 2, "tau_p": 2}}
MOMENTUM: Tables = {"training": {"momentum": 2}}
ANTITHETIC: Tables = {"training": {"estimator": "antithetic"}}
WALSH: Tables = {"training": {"perturbation": "cm"}}
CHANGES = [{"step": 7, "eta": -1, "tau_theta": 3}, {"step": 20, "tau_x": 2}]
PLAN: Tables = {"training": {"schedule": CHANGES}}
TURNS: Tables = {"training": {"perturbation": "tm"}}
SINES: Tables = {"training": {"perturbation": "fm"}}
SQUARES: Tables = {"training": {"perturbation": "fm_square"}}
ANALOG: Tables = {"training": {"loop": "analog", "tau_theta": 4, "tau_x": 3, "tau_hp": 4}}
NODE: Tables = {"training": {"estimator": "node"}}
COST_NOISE: Tables = {"hardware": {"cost_noise": 2**-6}}
UPDATE_NOISE: Tables = {"hardware": {"update_noise": 2**-6}}
DEFECTS: Tables = {"hardware": {"defects": 0.2}, "formats": {"theta": "Q2.8", "weight_bits": 8}}
LONG: Tables = {"training": {"tau_p": 7, "tau_x": 9, "tau_theta": 8}}
OVERLAP: Tables = {"training": {"update_delay": "auto", "tau_theta": 2}}
OVERLAP_MORE: Tables = {"training": {"update_delay": 14}}
OVERLAP_PLAN: Tables = {
    "training": {
        "update_delay": "auto",
        "schedule": [{"step": 9, "eta": -4}, {"step": 20, "eta": 0}],
    }
}
RAILS: Tables = {"training": {"update_delay": "auto"}, "build": {"rails": 2}}
NO_G: Tables = {"training": {"update_delay": "auto"}, "build": {"accumulate": False}}
REUSE: Tables = {"build": {"reuse": 2}}
WRITES = {5: {"tau_theta": 3, "eta": -1}, 12: {"tau_x": 2}, 15: {"tau_p": 3}}

CONFIGS = {
    "plain": {}, "strong": STRONG, "slow": SLOW, "momentum": MOMENTUM, "antithetic": ANTITHETIC,
    "walsh": WALSH, "plan": PLAN, "turns": TURNS, "sines": SINES, "squares": SQUARES,
    "analog": ANALOG, "node": NODE, "cost noise": COST_NOISE, "update noise": UPDATE_NOISE,
    "defects": DEFECTS, "long": LONG, "overlap": OVERLAP, "more delay": OVERLAP_MORE,
    "overlap, plan": OVERLAP_PLAN, "rails": RAILS, "no G": NO_G,
    "reuse": REUSE,
}  # fmt: skip
"""All of them must pass in sound gateware."""

CELL = [
    Fault("sign of the perturbation flipped", "synapse.py", "amount, ~plus", "amount, plus"),
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
        "G wraps",
        "synapse.py",
        "saturating.add_or_subtract(G, amount, ~plus)",
        "fixed.Value(G.shape(), fixed.mux(plus, G + amount, G - amount)"
        ".as_value()[: len(G.as_value())])",
        STRONG | {"formats": {"gradient_bits": 8}},
    ),
    Fault(
        "saturates at the wrong end",
        "saturating.py",
        "outside & below",
        "outside & ~below",
        STRONG,
    ),
    Fault("G kept after an update", "synapse.py", "Gs[0].eq(kept)", "Gs[0].eq(G)"),
    Fault(
        "update a clock late",
        "synapse.py",
        "with m.If(self._writes):\n            m.d.sync += thetas[0].eq(updated)",
        "late = Signal()\n        m.d.sync += late.eq(bus.update)\n"
        "        with m.If(bus.clear | late):\n            m.d.sync += thetas[0].eq(updated)",
    ),
    Fault(
        "momentum decays too little", "synapse.py", "Rounding.AWAY", "Rounding.TRUNCATE", MOMENTUM
    ),
    Fault("momentum forgotten", "synapse.py", "G.scaled(-self.config.leak)", "G", MOMENTUM),
    Fault(
        "opposite perturbation is not opposite",
        "synapse.py",
        "plus ^ self.opposite",
        "plus",
        ANTITHETIC,
    ),
    Fault(
        "cells learn out of turn",
        "synapse.py",
        "bus.accumulate & self._listening(plus)",
        "bus.accumulate",
        TURNS,
    ),
    Fault("wrong quadrant of a sine", "synapse.py", "place ^ falling.", "place ^ ~falling.", SINES),
    Fault(
        "a sine's half wave is not negative",
        "synapse.py",
        "tilde, ~(plus ^ self.opposite)",
        "tilde, self.opposite",
        SINES,
    ),
    Fault("u times a sine is truncated", "synapse.py", "Rounding.NEAREST_EVEN", "Rounding.TRUNCATE",
          SINES),
    Fault(
        "frequency off by one",
        "synapse.py",
        "code.frequency(self.number)",
        "(code.frequency(self.number) + 1)",
        SQUARES,
    ),
    Fault(
        "phases do not move on while filled",
        "synapse.py",
        "Cat(perturbation[1:], self.chain_i)",
        "Cat(perturbation[:-1], self.chain_i)",
        SQUARES,
    ),
    Fault("G leaks half as much", "synapse.py", "-self.config.leak)", "-self.config.leak - 1)",
          ANALOG),
    Fault(
        "a cell shares u by its own perturbation",
        "synapse.py",
        "product(self.share_i,",
        "product(self._share(plus),",
        NODE,
    ),
    Fault(
        "noise line not shifted by updates",
        "synapse.py",
        "bus.fill | (bus.update & ~bus.initialise)",
        "bus.fill",
        UPDATE_NOISE,
    ),
    Fault(
        "noise in the initial theta",
        "synapse.py",
        "fixed.mux(bus.initialise, fixed.constant(noise.shape(), 0), noise)",
        "noise",
        UPDATE_NOISE,
    ),
]  # fmt: skip

COST = [
    Fault(
        "floor for round",
        "saturating.py",
        "rounded = kept[:width] + up",
        "rounded = kept[:width] + (up & 0)",
    ),
    Fault("u wraps", "saturating.py", "outside = (", "outside = 0 & (", STRONG),
    Fault(
        "C0 of perturbed costs too",
        "cost.py",
        "kind == Kind.BASELINE",
        "kind != Kind.NONE",
    ),
    Fault(
        "opposite cost not held",
        "cost.py",
        "(kind == Kind.BASELINE) | (kind == Kind.OPPOSITE)",
        "kind == Kind.BASELINE",
        ANTITHETIC,
    ),
    Fault(
        "high-pass passes the step of a new sample",
        "cost.py",
        "kind == Kind.FIRST",
        "kind == Kind.NONE",
        ANALOG,
    ),
    Fault(
        "high-pass decays too little",
        "cost.py",
        "Rounding.AWAY",
        "Rounding.TRUNCATE",
        ANALOG,
    ),
    Fault(
        "a place short",
        "drained.py",
        "wait(self.config.shifts,",
        "wait(self.config.shifts - 1,",
        ANALOG,
    ),
    Fault(
        "a sample with each shift",
        "drained.py",
        "due.sample & (self._count == 0)",
        "due.sample",
        ANALOG,
    ),
    Fault("high-pass forgets", "cost.py", "total = C_tilde + step", "total = step", ANALOG),
    Fault("cost before not held", "cost.py", "[C0.eq(C), C_tilde", "[C_tilde", ANALOG),
    Fault(
        "noise on the baseline",
        "cost.py",
        "self.draw.eq(layouts.perturbed(kind, self.config))",
        "self.draw.eq(layouts.perturbed(kind, self.config) | (kind == Kind.BASELINE))",
        COST_NOISE,
    ),
    Fault(
        "noise twice the same",
        "trainer.py",
        "source.advance.eq(advance)",
        "source.advance.eq(self.schedule.fill)",
        COST_NOISE,
    ),
    Fault(
        "noise of another centre",
        "noise.py",
        "total - CENTRE",
        "total - CENTRE - 1",
        {"hardware": {"cost_noise": 1.0}},
    ),
]

NETWORK = [
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
        "layouts.perturbed(purpose, config)",
        "layouts.perturbed(purpose, config) & (index == 0)",
    ),
    Fault(
        "dropped carry",
        "tree.py",
        "lambda a, b: a + b",
        "lambda a, b: fixed.Value((a + b).shape(), (a - b).as_value())",
    ),
    Fault(
        "PLAN takes the wrong segment",
        "activation.py",
        "in reversed(plan_segments",
        "in (plan_segments",
    ),
    Fault("code of the wrong cell", "neuron.py", "self.first_cell + k", "self.first_cell", WALSH),
    Fault("sign of the period kept", "perturb.py", "negative ^ place.all()", "negative", WALSH),
    Fault("column 0 left out", "perturb.py", "Mux(place == 0, 0, lfsr.state)", "lfsr.state", WALSH),
    Fault(
        "turns run over", "perturb.py", "following >= code.cells", "following > code.cells", TURNS
    ),
    Fault(
        "inputs of the perturbed evaluation not held",
        "neuron.py",
        "m.If(self.perturbed)",
        "m.If(self.perturbed | 1)",
        NODE,
    ),
    Fault("no share for the other cells", "neuron.py", "share_i.eq(cells[-1].share_o)",
          "share_i.eq(fixed.constant(cell.share_i.shape(), 0))", NODE),
    Fault("cells share noise", "neuron.py", "noise = cell.noise_o", "pass", UPDATE_NOISE),
    Fault("k and L swapped", "defects.py", "place in (0, 2)", "place in (2, 0)", DEFECTS),
    Fault("offset of the input added", "defects.py", "difference.eq(z - x0)",
          "difference.eq((z + x0).reshape(difference.shape().f_bits))", DEFECTS),
    Fault("neurons share a draw", "defects.py", "line_o.eq(places[-1])", "line_o.eq(places[-2])",
          DEFECTS),
]  # fmt: skip

SCHEDULE = [
    Fault(
        "C0 stale after an update",
        "drained.py",
        "m.If(due.sample | due.update)",
        "m.If(due.sample)",
        SLOW,
    ),
    Fault(
        "accumulates a clock early",
        "drained.py",
        "drained - self.reuse, Phase",
        "drained - self.reuse - 1, Phase",
    ),
    Fault(
        "tau_p ignored",
        "drained.py",
        "self.perturb.eq(due.perturb)",
        "self.perturb.eq(1)",
        SLOW,
    ),
    Fault(
        "the next sample is skipped",
        "samples.py",
        "draw = self._random(m)",
        "draw = self._random(m) ^ 1",
    ),
    Fault("labels ignored", "score.py", "found == label", "found"),
    Fault(
        "the last check is forgotten",
        "drained.py",
        "check_due | last, last",
        "check_due, last",
    ),
    Fault(
        "change a step late",
        "plan.py",
        "changes[k].step - 1",
        "changes[k].step",
        PLAN,
    ),
    Fault(
        "periods go on after a change",
        "drained.py",
        "(count >= period - 1) | restart",
        "count >= period - 1",
        PLAN,
    ),
    Fault(
        "a period that became shorter is overrun",
        "drained.py",
        "count >= period - 1",
        "count == period - 1",
        LONG,
        WRITES,
    ),
    Fault(
        "registers not held",
        "trainer.py",
        "~self.schedule.busy | self.schedule.next_step",
        "~self.schedule.next_step",
        LONG,
        WRITES,
    ),
    Fault(
        "eta not held",
        "trainer.py",
        'delay(m, held["eta_shift"]',
        "delay(m, self.eta_shift",
        LONG,
        WRITES,
    ),
]

OVERLAPPED = [
    Fault("the bit of the step after", "network.py", "build.accumulate) - 1",
          "build.accumulate) - 2", OVERLAP),
    Fault("no spare flip-flops", "network.py", "spare.eq(Cat(chain, spare))", "spare.eq(0)",
          OVERLAP),
    Fault(
        "the line stands still in a check",
        "overlapped.py",
        "self.perturb.eq(~slot)",
        "self.perturb.eq(0)",
        OVERLAP,
    ),
    Fault(
        "update a step late",
        "overlapped.py",
        'self._flight - 1, "ended")',
        'self._flight - 1 + self.clocks_per_step, "ended")',
        OVERLAP,
    ),
    Fault(
        "accumulates a step early",
        "overlapped.py",
        'self._flight - 2, "found")',
        'self._flight - 2 - self.clocks_per_step, "found")',
        OVERLAP,
    ),
    Fault("a check does not wait", "overlapped.py", "wait(self._flight,", "wait(2,", OVERLAP),
    Fault("u is not delayed", "trainer.py",
          "range(Timing.of(self.config).spare - self.network.broadcast)",
          "range(0)", OVERLAP_MORE),
    Fault("a neuron has no copy of the bus", "network.py",
          'heard = copy(m, bus, bus.shape(), f"bus_of_{index}_{k}")', "heard = bus", OVERLAP_MORE),
    Fault("an update at twice the right clock", "synapse.py", "self._writes.eq(writes)",
          "self._writes.eq(writes | self._writes)", NO_G),
    Fault("eta of another step", "trainer.py", "late = self.schedule", "late = 0 * self.schedule",
          OVERLAP_PLAN),
    Fault("rails exchanged", "cost.py", "C0.eq(self.errors[0].cost)",
          "C0.eq(self.errors[1].cost)", RAILS),
    Fault("a rail of the other's inputs", "neuron.py", "self.x_perturbed, weights",
          "self.x, weights",
          RAILS),
    Fault(
        "what is kept is not added to",
        "synapse.py",
        "fixed.mux(bus.update, kept, G)",
        "fixed.mux(bus.update, G, G)",
        RAILS,
    ),
    Fault(
        "learns without G by the wrong sign",
        "synapse.py",
        "~sign if config.build.accumulate else sign",
        "~sign",
        NO_G,
    ),
    Fault("the strobe of another u", "synapse.py", "self._strobes.eq(bus)]",
          "self._strobes.eq(self._strobes)]", OVERLAP),
    Fault("negated but for the carry", "synapse.py", "carry.eq(negative)", "carry.eq(0)", RAILS),
]  # fmt: skip

REUSED = [
    Fault("the inputs of other turns", "neuron.py", "in reversed(parameters)", "in parameters",
          REUSE),
    Fault("an idle turn counts", "synapse.py", "m.If(~self.turn)", "m.If(0)", REUSE),
    Fault("an idle turn learns", "synapse.py", "bus.accumulate & self.turn", "bus.accumulate",
          REUSE),
    Fault("a sum begins anew in the last turn", "rail.py", "fixed.mux(first,", "fixed.mux(last,",
          REUSE),
    Fault("a sum without its last turn", "rail.py", 'delay(m, self.last, 1, late, "last")',
          'delay(m, self.last, 1, late - 1, "last")', REUSE),
    Fault("learns in the first turn only", "turns.py", '("accumulate", "update", "initialise")',
          '("accumulate", "initialise")', REUSE),
    Fault("the ring stands still", "synapse.py", "self._shift(m, ring, ring[-1])",
          "self._shift(m, ring[1:], ring[-1])", REUSE),
]  # fmt: skip

FAULTS = [*CELL, *COST, *NETWORK, *SCHEDULE, *OVERLAPPED, *REUSED]
