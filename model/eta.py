"""How large η may be: what `training.eta = "auto"` chooses.

One step moves all parameters by ±η·g, g the slope along the perturbation, of which C̃ is the
measure. The cost falls by `η·|∇C|²` on average, and rises by `½·η²·|∇C|²·tr H`, as every parameter
also moves by what the others found: H is the cost's curvature. So η·tr H must stay small, whatever
P, the outputs' slope and the targets' span are. H is taken as its Gauss-Newton part,
`Σ c·E[∇y ∇yᵀ]` over the outputs, at the initial θ, where `c = ∂²C/∂y²`. What single samples ask of
θ adds to that, the more the more parameters there are; so η·P is limited too. With node
perturbation, only biases are perturbed: trace and P are theirs.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from model.trainer import Trainer
from spec import derive
from spec.config import Config
from spec.errors import InputError
from spec.keys import AUTO

LARGEST = Fraction(1, 20)
"""Of η·tr H. docs/config.md has what was measured: the best η are at 1/50 to 1/15."""

MOST_TOGETHER = 4
"""Of η·P, P what is perturbed."""

SEEDS = (1, 2, 3, 4)
"""Whose initial θ are looked at: the same for all runs of a config."""

MOST_SAMPLES = 64
"""Samples that are looked at, as evenly spread as can be."""

MOST_AT_A_TIME = 1 << 22
"""Numbers in an array of weights, which are as many as P times the runs."""


def chosen(config: Config) -> Config:
    """Return the config with a number for η where it has "auto".

    Raises
    ------
    InputError
        If no output depends on any weight, or the formats do not hold the η that would be right.
    """
    training = config.training
    if AUTO not in [stage.eta for stage in training.stages]:
        return config
    eta = largest_eta(config)
    low = derive.eta_of_shift(config, 15)
    if not low <= eta <= low + 15:
        raise InputError(
            f'training.eta = "auto": 2^{eta} would be right; amplitude, theta and cost_bits allow '
            f"2^{low} to 2^{low + 15}"
        )
    changes = [
        {"step": change.step, "tau_p": change.tau_p, "tau_x": change.tau_x}
        | {"tau_theta": change.tau_theta, "eta": eta if change.eta == AUTO else change.eta}
        for change in training.schedule
    ]
    return config.with_training(eta=eta, schedule=changes)


def largest_eta(config: Config) -> int:
    """Return the largest e with 2^e · tr H ≤ `LARGEST` and 2^e · P ≤ `MOST_TOGETHER`."""
    trace = curvature(config)
    if not trace:
        raise InputError(
            'training.eta = "auto": no output changes with any weight where training begins; '
            "choose another training.init, or other inputs"
        )
    ratio = min(LARGEST / trace, Fraction(MOST_TOGETHER, len(_perturbed(config))))
    e = ratio.numerator.bit_length() - ratio.denominator.bit_length()
    return e if Fraction(2) ** e <= ratio else e - 1


def curvature(config: Config) -> Fraction:
    """Return tr H of the mean cost at the initial θ, on average over `SEEDS`: exactly.

    Slopes are differences over 2·Δθ, as the perturbation sees them.
    """
    weight = derive.weight(config)
    delta = 1 << config.training.amplitude + weight.fraction_bits
    plain = config.with_training(eta=derive.eta_of_shift(config, 8), schedule=[])
    total, count = 0, min(MOST_SAMPLES, len(config.data))
    for seed in SEEDS:
        trainer = Trainer(plain, [seed])
        for _ in trainer.initialise():
            pass
        weights = trainer.cells.weights()[0]
        numbers = [k * len(config.data) // count for k in range(count)]
        x = np.array(config.data.x, dtype=np.int64)[numbers]
        at_a_time = max(1, MOST_AT_A_TIME // len(weights))
        perturbed = _perturbed(config)
        for first in range(0, len(perturbed), at_a_time):
            cells = perturbed[first : first + at_a_time]
            moved = np.zeros((len(cells), len(weights)), dtype=np.int64)
            moved[np.arange(len(cells)), cells] = delta
            runs = np.broadcast_to(x, (len(cells), *x.shape))
            network = trainer.plant.network
            difference = network.evaluate(weights + moved, runs)
            difference -= network.evaluate(weights - moved, runs)
            total += int((difference**2).sum())
    scale = Fraction(2) ** (2 * (weight.fraction_bits - config.formats.activation_bits))
    return total * scale * derive.cost(config).curvature / (4 * delta**2 * count * len(SEEDS))


def _perturbed(config: Config) -> np.ndarray:
    """Return which parameters are perturbed: with node perturbation, the biases."""
    if not config.training.node:
        return np.arange(config.parameters)
    fan_in = [cells for neurons, cells in config.layer_shapes for _ in range(neurons)]
    return np.cumsum(fan_in) - 1
