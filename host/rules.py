"""The rules for data of one's own: what is chosen where the user says nothing.

`mgd new` writes it into a config, and `mgd.Config.from_arrays` takes it. The rules are in
docs/new.md, with what was measured.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

from model.eta import chosen
from spec.activation import Activation
from spec.config import Config
from spec.keys import AUTO

HIDDEN = Activation.HARD_TANH
"""Of hidden neurons: it needs the least logic."""

AMPLITUDE = -6
"""log2 Δθ."""

FEWEST_STEPS, MOST_STEPS, STEPS_EACH = 300_000, 1_000_000, 1_000
"""Of a run: so many for each parameter that is perturbed."""

STEPS_A_SAMPLE = 50
"""Most steps for each sample and cell: there is little to be learnt of few."""

CHECKS = 100
"""In a run."""

INTEGER_BITS, FRACTION_BITS, MOST_BITS = 3, 13, 24
"""Of θ; more fraction bits where η is small, up to so many in all."""

LEAST_UPDATE = 3
"""log2 of the last η in LSBs of θ: a smaller one would round most u to 0."""

STAGES = 5
"""Equal parts of the steps, in each of which η is half of what it was before."""

SETTLED = 100
"""Steps for each parameter perturbed, from which on η falls: shorter runs have not arrived."""

MOST_WEIGHTS = 436
"""Cells up to which weights are perturbed, which needs few gates: more were never built."""

Tables = dict[str, dict[str, Any]]
"""Keys by their tables, as a config has them."""


def formats(fraction_bits: int = FRACTION_BITS) -> dict[str, Any]:
    """Return keys of [formats] in which nothing that matters is rounded away."""
    return {
        "theta": f"Q{INTEGER_BITS}.{fraction_bits}",
        "weight_bits": INTEGER_BITS + 9,
        "activation_bits": 10,
        "cost_bits": 16,
        "bus_bits": fraction_bits + 1,
        "gradient_bits": fraction_bits + 5,
    }


def rule(
    layers: Sequence[int],
    output: Activation,
    steps: int,
    fraction_bits: int = FRACTION_BITS,
    eta: int | None = None,
) -> Tables:
    """Choose the keys of [network], [formats] and [training].

    Parameters
    ----------
    layers : sequence of int
        Inputs, and neurons of each layer.
    output : Activation
    steps : int
        As `steps_for` has them.
    fraction_bits, eta : int
        As `settle` finds them; without η it is "auto", and does not fall.
    """
    node = cells(layers) > MOST_WEIGHTS
    settles = steps >= SETTLED * perturbed(layers)
    return {
        "network": {"layers": list(layers), "hidden": HIDDEN.value, "output": output.value},
        "formats": formats(fraction_bits),
        "training": {
            "estimator": "node" if node else "weight",
            "amplitude": AMPLITUDE,
            "eta": AUTO if eta is None else eta,
            "steps": steps,
            "check_every": min(max(1, steps // CHECKS), 65_535),
            "init": initial(layers[0]),
            "schedule": cooling(steps, eta) if eta is not None and settles else [],
        },
    }


def settle(make: Callable[[int], Config]) -> tuple[int, int]:
    """Find the fraction bits of θ and η, which depend on each other.

    Parameters
    ----------
    make : callable
        Makes the config with so many fraction bits, of η = "auto".

    Returns
    -------
    fraction_bits, eta : int
        The last η, after all `STAGES`, is 2**`LEAST_UPDATE` LSBs of θ at least.

    Raises
    ------
    InputError
        If nothing can be learnt by a network of these formats.
    """
    fraction_bits = FRACTION_BITS
    while True:
        eta = chosen(make(fraction_bits)).eta
        wanted = min(LEAST_UPDATE + STAGES - 1 - eta, MOST_BITS - INTEGER_BITS)
        if wanted <= fraction_bits:
            return fraction_bits, eta
        fraction_bits = wanted


def cells(layers: Sequence[int]) -> int:
    """Return P."""
    return sum((a + 1) * b for a, b in itertools.pairwise(layers))


def perturbed(layers: Sequence[int]) -> int:
    """Return how many parameters perturb themselves: weights and biases, or neurons."""
    return sum(layers[1:]) if cells(layers) > MOST_WEIGHTS else cells(layers)


def steps_for(layers: Sequence[int], samples: int, part: int = 1) -> int:
    """Return how many steps.

    Parameters
    ----------
    layers : sequence of int
    samples : int
        Of training.
    part : int
        Divides what is right where nobody waits.
    """
    steps = min(max(STEPS_EACH * perturbed(layers), FEWEST_STEPS), MOST_STEPS)
    return max(1, min(steps, STEPS_A_SAMPLE * samples * cells(layers)) // part)


def cooling(steps: int, eta: int) -> list[dict[str, int]]:
    """Return the changes of a schedule by which η falls, so that θ comes to rest."""
    return [{"step": steps * k // STAGES, "eta": eta - k} for k in range(1, STAGES)]


def initial(fan_in: int) -> int:
    """Return log2 of the range of the initial θ: about 1/√fan-in, from 2^-3 to 2^-1."""
    return min(max(-math.isqrt(fan_in).bit_length() + 1, -3), -1)
