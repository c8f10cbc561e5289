"""What a planted fault is, and the configs that show them: XOR on one neuron, with some keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from spec.phase import Phase

Tables = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Fault:
    """What to write in place of what, and where it must first show.

    Parameters
    ----------
    name : str
    file : str
        Under `hdl/`.
    right, wrong : str
        Text of the file, and an expression in place of what stands there between « and »; or, if
        nothing does, a text in place of it, for a netlist of its own.
    signal : str
        A field of the probe that differs in the first clock in which any does.
    phase : Phase
        Of the golden model in that clock.
    config : dict
        Keys that show it.
    writes : dict
        Registers written at given steps.
    """

    name: str
    file: str
    right: str
    wrong: str
    signal: str
    phase: Phase
    config: Tables = field(default_factory=dict)
    writes: dict[int, dict[str, int]] = field(default_factory=dict)

    @property
    def alone(self) -> bool:
        """Whether it is in a netlist of its own."""
        return "«" not in self.right


HIDDEN: Tables = {"network": {"layers": [2, 2, 1]}}  # what one neuron alone cannot show
MANY: Tables = {"task": {"name": "parity", "bits": 5}, "network": {"layers": [5, 1]}}
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
NODE_UNIPOLAR: Tables = NODE | {"task": {"inputs": "unipolar"}}
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
NODE_OVERLAP: Tables = HIDDEN | {"training": {"estimator": "node", "update_delay": "auto"}}
NODE_MORE: Tables = HIDDEN | {"training": {"estimator": "node", "update_delay": 14}}
NODE_RAILS: Tables = NODE_OVERLAP | {"build": {"rails": 2}}
NODE_FIXED: Tables = NODE_RAILS | {"task": {"inputs": "fixed"}}
NODE_REGISTERED: Tables = NODE_OVERLAP | {"build": {"rails": 2, "multipliers": "registered"}}
SHORT: Tables = NODE_OVERLAP | {
    "build": {"rails": 2, "multipliers": "registered", "pipeline": "short"},
    "formats": {"activation_bits": 6},
}
NODE_NO_G: Tables = NODE_OVERLAP | {"build": {"rails": 2, "accumulate": False}}
WRITES = {5: {"tau_theta": 3, "eta": -1}, 12: {"tau_x": 2}, 15: {"tau_p": 3}}
ROOM: Tables = {"build": {"samples": 7}}
TERNARY: Tables = {"training": {"perturbation": "ternary"}}

CONFIGS = {
    "plain": {}, "strong": STRONG, "slow": SLOW, "momentum": MOMENTUM, "antithetic": ANTITHETIC,
    "walsh": WALSH, "plan": PLAN, "turns": TURNS, "sines": SINES, "squares": SQUARES,
    "analog": ANALOG, "node": NODE, "cost noise": COST_NOISE, "update noise": UPDATE_NOISE,
    "defects": DEFECTS, "long": LONG, "overlap": OVERLAP, "more delay": OVERLAP_MORE,
    "overlap, plan": OVERLAP_PLAN, "rails": RAILS, "no G": NO_G,
    "node, unipolar": NODE_UNIPOLAR, "node, overlap": NODE_OVERLAP, "node, more delay": NODE_MORE,
    "node, rails": NODE_RAILS, "node, fixed": NODE_FIXED, "node, registered": NODE_REGISTERED,
    "node, no G": NODE_NO_G, "ternary": TERNARY, "room": ROOM, "short": SHORT,
}  # fmt: skip
"""All of them must pass in sound gateware."""
