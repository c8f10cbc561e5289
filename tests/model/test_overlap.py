"""Update delay: what a step finds is used D steps later, whatever the hardware looks like."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from model.trainer import Trainer, theta_digest
from spec import derive
from spec.config import Config
from spec.phase import Phase
from spec.timing import Timing
from tests.configs import xor

SEEDS = range(1, 6)


def digests(config: Config) -> list[str]:
    runs = Trainer(config, SEEDS, stop_when_solved=False).run()
    return [theta_digest(run.theta) for run in runs]


@pytest.mark.parametrize("estimator", ["weight", "node"])
@pytest.mark.parametrize("delay", [20, 25])
def test_the_same_theta_for_the_same_delay(delay: int, estimator: str) -> None:
    keys: dict[str, Any] = {"estimator": estimator, "steps": 700, "check_every": 100}
    found = [
        digests(xor(update_delay=delay, rails=r, accumulate=a, **keys))
        for r in (1, 2)
        for a in (True, False)
    ]
    assert found.count(found[0]) == 4
    assert digests(xor(update_delay=delay + 1, **keys)) != found[0]


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"tau_theta": 4},
        {"tau_theta": 3, "tau_x": 2, "momentum": 1},
        {"check_every": 17},
        {"estimator": "node", "inputs": "unipolar", "check_every": 17},
    ],
)
def test_delay_by_definition(keys: dict[str, Any]) -> None:
    """Step n uses exactly what steps up to n - 1 - D found; checks wait for all of it.

    By node perturbation that is u, times the inputs that their perturbed evaluations saw.
    """
    config = xor(**{"update_delay": 12, "steps": 150, "check_every": 1000, **keys})
    trainer = Trainer(config, SEEDS, stop_when_solved=False)
    found: list[np.ndarray] = []  # what each step found for each cell
    tau, leak = config.training.tau_theta, derive.leak(config)
    format_of_theta, gradient = derive.theta(config), derive.gradient(config)
    theta = G = np.zeros(0)
    begun, used = False, 0

    def use(steps: int) -> None:
        nonlocal theta, G, used
        for n in range(used, steps):
            G = np.clip(G + found[n], gradient.minimum, gradient.maximum)
            if (n + 1) % tau == 0:
                theta = np.clip(theta - G, format_of_theta.minimum, format_of_theta.maximum)
                G = G - np.sign(G) * -(-np.abs(G) >> leak) if leak else np.zeros_like(G)
        used = max(used, steps)

    for phase in trainer.phases():
        if phase is Phase.STEP and not begun:
            begun, theta, G = True, trainer.cells.theta, trainer.cells.G
        if phase is Phase.CHECK:
            use(len(found))
        if phase is Phase.BASELINE:
            use(len(found) - config.update_delay)
        if phase in (Phase.BASELINE, Phase.CHECK):
            np.testing.assert_array_equal(trainer.cells.theta, theta)
        if phase is Phase.PERTURBED:
            sign, x = trainer.code.theta_tilde, np.ones(9)
            if config.training.node:
                sign = np.repeat(sign[:, 2::3], 3, axis=1)  # of the biases
                x = trainer.plant.cell_inputs() / 2**config.formats.activation_bits
            found.append(np.rint(trainer.cost.u[:, None] * sign * x).astype(int))
    assert len(found) == used == 150


def test_auto_is_the_least() -> None:
    for keys in ({}, {"rails": 2}, {"accumulate": False}, {"rails": 2, "accumulate": False}):
        config = xor(update_delay="auto", **keys)
        timing = Timing.of(config)
        clocks = timing.interval * (config.update_delay + 1) - (timing.interval - 1)
        needed = timing.loop - timing.entry + 2 + config.build.accumulate
        assert clocks - timing.interval < needed <= clocks


@pytest.mark.parametrize("rails", [1, 2])
def test_xor_is_solved(rails: int) -> None:
    """By a delay of 9 and of 17 steps; `examples/xor-fast.toml` has no G, and 20."""
    config = xor(
        update_delay="auto", rails=rails, order="sequential", check_every=200, cost_bits=10,
        steps=20000,
    )  # fmt: skip
    runs = Trainer(config, range(1, 101)).run()
    assert sum(run.solved for run in runs) >= 98
