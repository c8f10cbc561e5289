"""What a planted fault is, and the configs that show faults: XOR with some keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Tables = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Fault:
    """What to write in place of what, and where it must first be seen.

    Attributes
    ----------
    name : str
    file : str
        The file of the gateware, by its name alone.
    right, wrong : str
        Every place where `right` stands gets `wrong`.
    signal, phase : str
        Field of the probe that is the first to differ, and the phase in which it does: so that a
        fault is not caught by something else that it breaks.
    config : Tables
        Keys of XOR's config that show it.
    writes : dict
        Registers written while busy, as `sim.verify.verify`.
    """

    name: str
    file: str
    right: str
    wrong: str
    signal: str
    phase: str
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
