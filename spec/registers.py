"""Run-time registers of the trainer: what can change without a new bitstream."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from spec import derive
from spec.config import Config
from spec.lfsr import SEED_BITS, seed_register
from spec.map import ENTRIES, Entry, Kind, has
from spec.optimizer import ETA_SHIFT_BITS
from spec.plant import Engine
from spec.trained import Trained

UNSOLVABLE = (1 << 17) - 1
"""A value of `solved_correct` that no run reaches: training goes on to the last step."""


@dataclass(frozen=True)
class Register:
    """One register: an input port of the trainer.

    Parameters
    ----------
    name : str
        Port name.
    width : int
        Bits, unsigned.
    value : int
        Its value for the config it was made from.
    doc : str
        Meaning, with its unit.
    """

    name: str
    width: int
    value: int
    doc: str


def of_the_optimizer(config: Trained) -> tuple[Register, ...]:
    """List the registers that say how a run goes, whatever is trained."""
    training = config.training
    tau_theta, eta_shift = derive.update_period(config, training), derive.eta_shift(config)
    return (
        Register("tau_p", 16, training.tau_p, "steps between perturbations, at least 1"),
        Register("tau_x", 16, training.tau_x, "steps between samples, at least 1"),
        Register("tau_theta", 16, tau_theta, "steps between updates, at least 1"),
        Register("eta_shift", ETA_SHIFT_BITS, eta_shift, "η/Δθ: u = RNE(C̃·2**(4 - this))"),
        Register(
            "seed",
            SEED_BITS,
            seed_register(training.seed),
            "state of the random sources; mixed, see docs/verilog.md",
        ),
        Register("steps", 32, training.steps, "steps to run, at least 1"),
        Register("check_every", 16, training.check_every, "steps between checks, at least 1"),
    )


def cost_limit(config: Trained, samples: int, width: int) -> int:
    """Return the largest sum of costs, of so many bits, at which a run is solved; -1: at none."""
    if not config.training.has_goal:
        return -1
    limit = math.floor(config.training.solved_cost * samples * 2**config.formats.cost_bits)
    return min(limit, (1 << width) - 1)


def registers(config: Config) -> tuple[Register, ...]:
    """List the registers with the values the config asks for."""
    training, held = config.training, derive.samples(config)
    samples = held.count
    correct = math.ceil(training.solved_accuracy * samples)
    if (correct - 1) / samples >= training.solved_accuracy:
        correct -= 1  # the product was rounded up
    if not training.has_goal:
        correct = UNSOLVABLE
    width = derive.score(config).sum_width
    limit = max(0, cost_limit(config, samples, width))
    adjustable = Register(
        "samples_in_use",
        held.depth.bit_length(),
        samples,
        "samples in use, the first so many, at least 1",
    )
    return (
        *of_the_optimizer(config),
        Register("solved_correct", 17, correct, "solved: at least so many correct samples …"),
        Register("solved_cost", width, limit, "… and at most this sum of costs"),
        *([adjustable] if held.adjustable else []),
    )


def entries_with(kept: Sequence[Register], **kind: bool) -> tuple[Entry, ...]:
    """Return what of the map a device has: registers, and what its kind has, as for `map.has`."""
    names = {register.name for register in kept}
    return tuple(
        e
        for e in ENTRIES
        if has(e.name, **kind) and (e.kind is not Kind.REGISTER or e.name in names)
    )


def entries(config: Config) -> tuple[Entry, ...]:
    """Return what of the map the device of a config has."""
    folded, ring = config.build.engine is Engine.FOLDED, bool(derive.ring(config))
    return entries_with(registers(config), folded=folded, ring=ring)


def register_values(config: Config) -> dict[str, int]:
    """Return the values that the config asks for, by name."""
    return {register.name: register.value for register in registers(config)}


def register_of(config: Trained, key: str, value: int) -> tuple[str, int]:
    """Return name and value of the register that holds a key of [training]."""
    return ("eta_shift", derive.eta_shift(config, value)) if key == "eta" else (key, value)
