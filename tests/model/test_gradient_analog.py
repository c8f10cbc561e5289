"""The analog loop with sines: what it correlates points down the gradient."""

from __future__ import annotations

import numpy as np
import pytest

from model.optimizer import perturbation
from model.optimizer.cells import SynapseCells
from model.optimizer.change import ChangeInCost
from model.plant.cost import cost_of
from model.plant.network import Network
from model.reference import Reference, angle
from spec import derive
from spec.config import Config
from spec.lfsr import seed_register
from tests.configs import xor

RUNS = 40
PERIODS = 8


def angles(config: Config, *, wrong: bool = False) -> list[float]:
    """Correlate at a fixed θ and sample, by the parts of the golden model; τ_p = 1.

    All runs have the bandwidth of the paper, 1/(2·τ_p), and differ in θ and phases. `wrong` gives
    every cell the perturbation of its neighbour.
    """
    rng = np.random.default_rng(1)
    code = perturbation.of(derive.bank(config), [seed_register(k) for k in range(RUNS)])
    for _ in range(config.parameters):
        code.fill()
    cells = SynapseCells(derive.bank(config), RUNS)
    cost = ChangeInCost(derive.change(config), RUNS, derive.eta_shift(config))
    network = Network(derive.network(config))
    lsb = 2.0 ** -derive.theta(config).fraction_bits
    cells.theta = np.rint(rng.uniform(-0.5, 0.5, cells.theta.shape) / lsb).astype(np.int64)
    x = np.array(config.data.x)[np.arange(RUNS) % 4][:, None]
    t = np.array(config.data.t)[np.arange(RUNS) % 4]
    found = np.zeros(cells.theta.shape)
    sines = derive.code(config)
    assert sines
    for n in range((PERIODS + 1) * sines.period):
        code.perturb()
        y = network.evaluate(cells.weights(code.theta_tilde), x)
        C = cost_of(derive.cost(config), y[:, 0], t)
        cost.high_pass(C, new_sample=n == 0)
        if n >= sines.period:  # the filter has settled
            tilde = np.roll(code.theta_tilde, 1, axis=1) if wrong else code.theta_tilde
            found += cost.u[:, None] * tilde
    reference = Reference(config, rng)
    result = []
    for k in range(RUNS):
        reference.theta = cells.theta[k] * lsb
        result.append(angle(found[k], reference.gradient_backpropagation(k % 4)))
    return result


def config(perturbation: str, tau_hp: int) -> Config:
    """Formats that limit the estimate little."""
    return xor(
        loop="analog", perturbation=perturbation, tau_hp=tau_hp, tau_x=3, tau_theta=1,
        theta="Q2.14", weight_bits=12, activation_bits=12, cost_bits=18, bus_bits=20,
        gradient_bits=24, amplitude=-5, eta=-3, hidden="tanh", output="sigmoid",
    )  # fmt: skip


@pytest.mark.parametrize("perturbation", ["fm", "fm_square"])
@pytest.mark.parametrize("tau_hp", [2, 4])
def test_sines_find_the_gradient(perturbation: str, tau_hp: int) -> None:
    """Below 45°, though the high-pass weakens slow sines and delays them."""
    assert max(angles(config(perturbation, tau_hp))) < 45


def test_a_wrong_perturbation_finds_nothing() -> None:
    assert min(angles(config("fm", 2), wrong=True)) > 45
