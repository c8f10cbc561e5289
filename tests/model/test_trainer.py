"""The golden trainer: independent runs, reproducible digests, the gradient it estimates."""

from __future__ import annotations

import hashlib
import math
import struct
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings

from model.reference import Reference, angle
from model.trainer import Run, Trainer, theta_digest
from spec import derive
from spec.config import Config
from spec.phase import Phase
from tests.configs import perceptron, xor
from tests.conftest import EXAMPLES
from tests.strategies import configs


def facts(run: Run) -> tuple[object, ...]:
    """Return all of a run, comparable."""
    digest = theta_digest(run.theta)
    return run.seed, run.solved, run.steps, run.clocks, run.correct, run.cost_sum, digest


def test_xor_is_solved() -> None:
    """By the example of the README, from 1,000 initialisations."""
    runs = Trainer(Config.load(EXAMPLES / "xor.toml"), range(1, 1001)).run()
    solved = [run for run in runs if run.solved]
    assert len(solved) >= 990
    assert median(run.steps for run in solved) <= 1000
    assert all(run.correct == 4 for run in solved)
    assert len({theta_digest(run.theta) for run in runs}) == 1000


@settings(max_examples=15)
@given(configs())
def test_runs_together_equal_runs_alone(config: Config) -> None:
    """Bit for bit, though others leave earlier: the runs of an array are independent."""
    together = Trainer(config, range(5)).run()
    alone = [Trainer(config, [seed]).run()[0] for seed in range(5)]
    assert [facts(run) for run in together] == [facts(run) for run in alone]


def test_runs_of_xor_together_equal_runs_alone() -> None:
    """With runs that are solved at many different steps."""
    config = xor(steps=1000)
    together = Trainer(config, range(30)).run()
    assert len({run.steps for run in together}) > 10
    for run in together[::3]:
        assert facts(Trainer(config, [run.seed]).run()[0]) == facts(run)


def test_the_same_seed_gives_the_same_run() -> None:
    config = xor(steps=200)
    first, second = (Trainer(config, [7, 8]).run() for _ in range(2))
    assert [facts(run) for run in first] == [facts(run) for run in second]
    assert theta_digest(first[0].theta) != theta_digest(first[1].theta)


def test_the_seed_of_the_config_is_not_used() -> None:
    a, b = (Trainer(xor(steps=50, seed=seed), [3]).run()[0] for seed in (1, 2))
    assert facts(a) == facts(b)


def test_theta_digest_is_sha256_of_little_endian_int32() -> None:
    theta = [0, 1, -1, 127, -128, 2**23 - 1, -(2**23)]
    packed = b"".join(struct.pack("<i", value) for value in theta)
    assert theta_digest(np.array(theta)) == hashlib.sha256(packed).hexdigest()


@pytest.mark.parametrize("init", [-5, -1, 0, 1])
@pytest.mark.parametrize("bus_bits", [2, 8])
def test_initial_theta_is_uniform(init: int, bus_bits: int) -> None:
    """In ±2**init: all odd numbers of LSBs, alike for a bus that is narrow."""
    config = xor(init=init, steps=1, bus_bits=bus_bits)
    trainer = Trainer(config, range(400))
    for phase in trainer.phases():
        if phase is Phase.UPDATE:
            break
    theta = trainer.cells.theta
    limit = 1 << derive.init_bits(config)
    values, counts = np.unique(theta, return_counts=True)
    assert set(values.tolist()) <= set(range(1 - limit, limit, 2))
    assert abs(theta.mean()) < 5 * limit / math.sqrt(3 * theta.size)
    chunks = np.histogram(theta, bins=min(8, limit), range=(-limit, limit))[0]
    expected = theta.size / len(chunks)
    assert np.abs(chunks - expected).max() < 5 * math.sqrt(expected)
    correlation = np.corrcoef(theta.T) - np.eye(9)
    assert np.abs(correlation).max() < 5 / math.sqrt(400)
    assert counts.sum() == 3600


def test_progress_is_called_at_every_check() -> None:
    seen = []
    Trainer(xor(steps=50, check_every=20), [1], stop_when_solved=False).run(
        lambda trainer: seen.append((trainer.n, len(trainer.seeds)))
    )
    assert seen == [(20, 1), (40, 1), (50, 1)]


@pytest.mark.parametrize("layers", [(2, 2, 1), (3, 4, 2)])
@pytest.mark.parametrize("functions", [("identity", "identity"), ("hard_tanh", "plan")])
def test_gradient_at_a_fixed_theta(layers: tuple[int, ...], functions: tuple[str, str]) -> None:
    """After N steps G is off the true gradient by atan(√((P-1)/N)), and N·η times as long."""
    config = perceptron(
        *layers,
        **{"hidden": functions[0], "output": functions[1]},
        **{"theta": "Q2.14", "weight_bits": 16, "activation_bits": 14, "cost_bits": 22},
        **{"bus_bits": 20, "gradient_bits": 32, "amplitude": -6, "eta": -6},
        **dict.fromkeys(("tau_x", "tau_theta", "check_every", "steps"), 4000),
    )
    trainer = Trainer(config, range(10), stop_when_solved=False)
    reference = Reference(config, np.random.default_rng(0))
    for phase in trainer.phases():
        n = trainer.n
        if phase is not Phase.ACCUMULATE or n not in (200, 1000, 4000):
            continue
        angles = []
        for theta, G, sample in zip(
            trainer.cells.theta, trainer.cells.G, trainer.plant.samples.index, strict=True
        ):
            reference.theta = theta * 2.0**-14
            gradient = reference.gradient_backpropagation(int(sample))
            estimate = G * 2.0**-14 / (n * 2.0**config.eta)
            angles.append(angle(estimate, gradient))
            along = estimate @ gradient / (gradient @ gradient)
            assert along == pytest.approx(1, abs=5 * math.sqrt(2 / n))
        expected = math.degrees(math.atan(math.sqrt((config.parameters - 1) / n)))
        assert 0.7 * expected < median(angles) < 1.3 * expected
        assert max(angles) < 2 * expected
