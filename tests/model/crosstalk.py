"""How much of one cell's gradient the rule gives to another cell, for a linear cost.

C = g·θ̃ with the gradient of one cell at a time, learning switched off: what each cell would learn,
over what the cell itself would.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

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


def crosstalk(config: Config, seeds: Sequence[int], steps: int, settle: int) -> np.ndarray:
    """Return what cell k (a column) learns of cell j's gradient (a row), after a time to settle.

    Of each seed, shape (seeds, cells, cells). The mean of a diagonal is 1. With node perturbation,
    a cell stands for each neuron.
    """
    training, P = config.training, config.parameters
    cells = np.unique(numbers(derive.bank(config)), return_index=True)[1]
    registers = [seed_register(seed) for seed in seeds for _ in range(P)]
    code = perturbation.of(derive.bank(config), registers)  # of P runs, j has cell j's gradient
    for _ in range(derive.init_bits(config) * P):
        code.fill()
    runs, shape = len(registers), (len(seeds), P, P)
    cost = ChangeInCost(derive.change(config), runs, derive.eta_shift(config))
    cost.baseline(np.zeros(runs, dtype=np.int64))
    G, learnt = np.zeros(shape), np.zeros(shape)
    for n in range(settle + steps):
        if n % training.tau_p == 0:
            for _ in range(derive.schedule(config).shifts):
                code.perturb()
        tilde = code.theta_tilde.reshape(shape)
        C = np.diagonal(tilde, axis1=1, axis2=2).ravel()
        C = C * (SCALE >> derive.perturbation(config).fraction_bits)
        if config.training.analog:
            cost.high_pass(C, new_sample=n % training.tau_x == 0)
        else:
            if config.training.antithetic:
                cost.opposite(-C)
            cost.perturbed(C)
        G += cost.C_tilde.reshape(-1, P, 1) * tilde[:, :1]
        if n >= settle:
            learnt += G
        G -= G / (1 << training.momentum)
    learnt = learnt[:, cells[:, None], cells]
    return learnt / np.diagonal(learnt, axis1=1, axis2=2).mean(axis=1)[:, None, None]


def others(matrices: np.ndarray) -> np.ndarray:
    """Take what is off the diagonals, shape (seeds, pairs)."""
    return matrices[:, ~np.eye(matrices.shape[-1], dtype=bool)]
