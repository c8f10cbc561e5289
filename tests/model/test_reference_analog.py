"""Algorithm 2, the analog loop: filters in closed form, the published formulae, training."""

from __future__ import annotations

import math
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from model.reference import AnalogReference, Array
from spec.config import Config
from tests.configs import xor

FOREVER = {"tau_x": 65535}


def config(**keys: Any) -> Config:
    """Configure XOR with samples in order."""
    return xor(order="sequential", **keys)


class Scripted(AnalogReference):
    """Its costs are given, one a step, whatever θ is."""

    def __init__(self, keys: dict[str, Any], costs: Array, tau_hp: float) -> None:
        super().__init__(config(**keys), np.random.default_rng(1), tau_hp, clip=False)
        self.costs = iter(costs)

    def cost(self, theta: Array, x: Array, t: Array) -> Array:
        return np.asarray(next(self.costs))


@pytest.mark.parametrize("tau_hp", [1.5, 2.6, 40])
def test_high_pass_has_the_impulse_response_of_its_closed_form(tau_hp: float) -> None:
    """With a = 1 - 1/τ: a, then -(1 - a)·a, -(1 - a)·a², …; a step in cost leaves a, a², …"""
    a = 1 - 1 / tau_hp
    k = np.arange(1, 30)
    for shape, expected in (
        (np.eye(1, 29)[0], np.concatenate([[a], -(1 - a) * a ** k[:-1]])),
        (np.ones(29), a**k),
    ):
        loop = Scripted(FOREVER, np.concatenate([[0.0, 0.0], shape]), tau_hp)
        loop.run(2)
        found = []
        for _ in k:
            loop.step()
            found.append(loop.C_tilde)
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("tau_theta", [1, 2, 30])
def test_low_pass_is_a_mean_with_exponential_weights(tau_theta: int) -> None:
    """G = 1/τ Σ_k (1 - 1/τ)^k·e_(n-k), e = C̃·θ̃/Δθ²; and θ has gone by the sum of all η·G."""
    costs = np.random.default_rng(2).random(50)
    loop = Scripted(FOREVER | {"tau_theta": tau_theta}, costs, 2.6)
    start, errors, gone = loop.theta, [], np.zeros(9)
    for n in range(50):
        loop.step()
        errors.append(loop.C_tilde * loop.theta_tilde * 2.0**6)
        weights = (1 - 1 / tau_theta) ** np.arange(n, -1, -1) / tau_theta
        np.testing.assert_allclose(loop.G, weights @ np.array(errors), rtol=1e-9, atol=1e-12)
        gone += loop.G / 4
        np.testing.assert_allclose(loop.theta, start - gone, rtol=1e-9, atol=1e-12)


class Unmasked(AnalogReference):
    """The step in cost that a new sample makes passes the high-pass."""

    def step(self) -> None:
        before, C_tilde, G, theta = self.C, self.C_tilde, self.G, self.theta
        super().step()
        self.C_tilde = (1 - 1 / self.tau_hp) * (C_tilde + self.C - before)
        error = self.C_tilde * self.theta_tilde / self.amplitude**2
        self.G = (1 - 1 / self.tau_theta) * G + error / self.tau_theta
        self.theta = np.clip(theta - self.eta * self.G, *self.bounds)


def check_samples_are_masked(loop: AnalogReference) -> None:
    """A cost that only the sample changes, and no perturbation, never moves θ."""
    loop.amplitude, loop.theta_tilde = 1.0, np.zeros(9)
    loop.perturbation = lambda: np.zeros(9)
    start = loop.theta
    costs = set()
    for _ in range(40):
        loop.step()
        costs.add(loop.C)
        assert loop.C_tilde == 0
    assert len(costs) == 4
    np.testing.assert_array_equal(loop.theta, start)


def test_a_new_sample_does_not_pass_the_high_pass() -> None:
    check_samples_are_masked(AnalogReference(config(tau_x=3), np.random.default_rng(3), 2.6))
    with pytest.raises(AssertionError):
        check_samples_are_masked(Unmasked(config(tau_x=3), np.random.default_rng(3), 2.6))


def parity(**taus: int) -> Config:
    """Configure 4-bit parity, with so many cells that no perturbation comes twice."""
    task = {"name": "parity", "bits": 4, "order": "sequential"}
    return Config.from_dict({"task": task, "network": {"layers": [4, 8, 1]}, "training": taus})


def check_loop(loop: AnalogReference, steps: int) -> None:
    """Hold every step against the published formulae, with dt = 1 and time constants less dt."""
    training = loop.config.training
    dt, amplitude, eta = 1.0, 2.0**training.amplitude, 2.0**loop.config.eta
    tau_hp, tau_theta = 2.6 - dt, training.tau_theta - dt
    theta = loop.theta
    G, theta_tilde = np.zeros_like(theta), np.zeros_like(theta)
    C_tilde = C_before = 0.0
    for n in range(steps):
        loop.step()
        assert (loop.theta_tilde != theta_tilde).any() == (n % training.tau_p == 0)
        theta_tilde = loop.theta_tilde
        assert set(np.abs(theta_tilde)) == {amplitude}
        sample = n // training.tau_x % len(loop.x)
        C = float(loop.cost(theta + theta_tilde, loop.x[sample], loop.t[sample]))
        if n % training.tau_x == 0:
            C_before = C
        C_tilde = tau_hp / (tau_hp + dt) * (C_tilde + (C - C_before))
        C_before = C
        e = C_tilde * theta_tilde / amplitude**2
        G = (e * dt + tau_theta * G) / (tau_theta + dt)
        theta = np.clip(theta - eta * G, -2, 2 - 2**-6)
        assert pytest.approx(C, abs=1e-12) == loop.C
        assert pytest.approx(C_tilde, abs=1e-12) == loop.C_tilde
        np.testing.assert_allclose(loop.G, G, rtol=0, atol=1e-11)
        np.testing.assert_allclose(loop.theta, theta, rtol=0, atol=1e-11)


@settings(max_examples=40)
@given(
    st.fixed_dictionaries({tau: st.integers(1, 7) for tau in ("tau_p", "tau_x", "tau_theta")}),
    st.integers(0, 2**32 - 1),
)
def test_loop_does_what_was_published(taus: dict[str, int], seed: int) -> None:
    check_loop(AnalogReference(parity(**taus), np.random.default_rng(seed), 2.6), 60)


class Reset(AnalogReference):
    """G starts anew every τ_θ steps."""

    def step(self) -> None:
        if self.n % self.tau_theta == 0:
            self.G = np.zeros_like(self.theta)
        super().step()


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (Unmasked, {}),
        (Reset, {}),
        (AnalogReference, {"eta": -0.25}),
        (AnalogReference, {"tau_hp": 1.6}),
        (AnalogReference, {"tau_theta": 3}),
        (AnalogReference, {"tau_p": 1}),
        (AnalogReference, {"tau_x": 8}),
        (AnalogReference, {"bounds": (-math.inf, math.inf)}),
    ],
)
def test_a_fault_in_the_loop_is_caught(kind: type[AnalogReference], fault: dict[str, Any]) -> None:
    keys = parity(eta=2, init=1, tau_p=2, tau_x=4, tau_theta=2)
    check_loop(AnalogReference(keys, np.random.default_rng(1), 2.6), 200)
    faulty = kind(keys, np.random.default_rng(1), 2.6)
    vars(faulty).update(fault)
    with pytest.raises(AssertionError):
        check_loop(faulty, 200)


@pytest.mark.parametrize("tau_hp", [1.5, 2.6])
def test_a_white_perturbation_finds_the_gradient_less_what_the_high_pass_takes(
    tau_hp: float,
) -> None:
    """E[C̃·θ̃] = (1 - 1/τ_hp)·g·Δθ²: of the costs in C̃, only the newest knows θ̃.

    Five standard errors, of which a gradient that lacks the factor is far away.
    """
    keys = config(hidden="tanh", output="sigmoid", **FOREVER)
    loop = AnalogReference(keys, np.random.default_rng(4), tau_hp)
    loop.amplitude, loop.eta = 2.0**-8, 0.0
    loop.run(200)
    gradient = loop.gradient_backpropagation(loop.sample)
    products = []
    for _ in range(20_000):
        loop.step()
        products.append(loop.C_tilde * loop.theta_tilde / loop.amplitude**2)
    found = np.array(products)
    error = 5 * found.std(axis=0) / math.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - (1 - 1 / tau_hp) * gradient) < error).all()
    assert (np.abs(found.mean(axis=0) - gradient) > error).any()


def test_xor_is_solved() -> None:
    """Within 10,000 steps, with samples at random."""
    keys = xor(tau_x=4, tau_theta=2, steps=10_000)
    loops = [AnalogReference(keys, np.random.default_rng(seed), 2.6) for seed in range(10)]
    assert sum(loop.train() is not None for loop in loops) >= 9


def test_nothing_is_learnt_when_every_step_has_a_new_sample() -> None:
    loop = AnalogReference(config(tau_x=1), np.random.default_rng(1), 2.6)
    start = loop.theta
    loop.run(100)
    np.testing.assert_array_equal(loop.theta, start)
