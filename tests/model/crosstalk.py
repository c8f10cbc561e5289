"""How much of one cell's gradient the rule gives to another cell, for a linear cost.

C = g·θ̃ with the gradient of one cell at a time, learning switched off: what each cell would learn,
over what the cell itself would.
"""

from __future__ import annotations

import math

import numpy as np

from model.optimizer import perturbation
from model.optimizer.change import ChangeInCost
from model.optimizer.perturbation import numbers
from spec import derive
from spec.code import Walsh
from spec.config import Config
from spec.lfsr import seed_register

SCALE = 1 << 18
"""Cost of θ̃ = Δθ, in LSBs; what the high-pass rounds is nothing to that."""

FINE = {"activation_bits": 14, "cost_bits": 24, "tau_theta": 1, "eta": 0, "theta": "Q2.14"}


def repeats(config: Config) -> int:
    """Count the steps after which a periodic code meets samples as it did before."""
    code = derive.code(config)
    assert code
    slots = code.period * (2 if isinstance(code, Walsh) else 1)
    return math.lcm(slots * config.training.tau_p, config.training.tau_x)


def crosstalk(config: Config, seed: int, steps: int, settle: int) -> np.ndarray:
    """Return what cell k (a column) learns of cell j's gradient (a row), after a time to settle.

    The mean of the diagonal is 1. With node perturbation, a cell stands for each neuron.
    """
    training, P = config.training, config.parameters
    cells = np.unique(numbers(derive.bank(config)), return_index=True)[1]
    register = seed_register(seed)
    code = perturbation.of(derive.bank(config), [register] * P)  # run j has cell j's gradient
    for _ in range(derive.init_bits(config) * P):
        code.fill()
    cost = ChangeInCost(derive.change(config), P, derive.eta_shift(config))
    cost.baseline(np.zeros(P, dtype=np.int64))
    G, learnt = np.zeros((P, P)), np.zeros((P, P))
    for n in range(settle + steps):
        if n % training.tau_p == 0:
            for _ in range(derive.shifts(config)):
                code.perturb()
        tilde = code.theta_tilde
        C = np.diagonal(tilde) * (SCALE >> derive.perturbation(config).fraction_bits)
        if config.training.analog:
            cost.high_pass(C, new_sample=n % training.tau_x == 0)
        else:
            if config.training.antithetic:
                cost.opposite(-C)
            cost.perturbed(C)
        G += np.outer(cost.C_tilde, tilde[0])
        if n >= settle:
            learnt += G
        G -= G / (1 << training.momentum)
    learnt = learnt[np.ix_(cells, cells)]
    return learnt / np.diagonal(learnt).mean()


def others(matrix: np.ndarray) -> np.ndarray:
    """Take what is off the diagonal."""
    return matrix[~np.eye(len(matrix), dtype=bool)]
