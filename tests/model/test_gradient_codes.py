"""Periodic codes give the gradient itself after each period, but for Δθ and the formats.

With N slots of perturbations Δθ·s_n, and θ and the sample as they are, each cell k holds

    G_k/η = Σ_n s_nk·(c_n/Δθ + r_n),   c_n = C(θ + Δθ·s_n) - C(θ) = Δθ·s_n·g + T_n

where g is the gradient, T_n what Taylor's series has beyond it, and r_n what the formats do:
`resolution` bounds it. Both bounds come from the float reference, not from the model under test.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from model.reference import Array
from spec import derive
from spec.code import Walsh
from tests.configs import perceptron
from tests.model.bench import FINE, FIXED, Bench

FINE = FINE | {"amplitude": -5}
COARSE = FINE | {"theta": "Q2.12", "weight_bits": 10, "activation_bits": 12, "eta": -6}
LINEAR = {"hidden": "identity", "output": "identity"}
CLAMPED = {"hidden": "hard_tanh", "output": "hard_sigmoid"}
KINDS = {
    "linear": FINE | LINEAR,
    "clamped": FINE | CLAMPED,
    "coarse": COARSE | LINEAR,
}
LAYERS = [(2, 2, 1), (4, 4, 1), (3, 4, 2)]
RUNS = 20


@dataclass
class Record:
    """What a bench did: the signs of each slot, and G/η after so many slots, 0 among them."""

    bench: Bench
    sign: Array  # (slots, runs, P)
    G: Array  # (slots + 1, runs, P)

    @property
    def gradient(self) -> Array:
        """The true gradient of each run, of shape (runs, P)."""
        return self.bench.gradient[: self.sign.shape[1]]

    @property
    def delta(self) -> float:
        """Δθ."""
        return 2.0**self.bench.config.training.amplitude


def record(code: str, layers: tuple[int, ...], slots: int, **keys: Any) -> Record:
    """Run so many slots of a code, each run in a network of its own."""
    given = FIXED | keys | {"perturbation": code, "steps": slots}
    config = perceptron(*layers, binary_targets=True, **given)
    bench = Bench(config, 4 * RUNS, RUNS)
    sign, G = [], [np.zeros_like(bench.cells.G, dtype=float)]
    for _ in bench.slots():
        sign.append(bench.trainer.code.theta_tilde)
        G.append(bench.estimate(1))
    return Record(bench, np.array(sign)[:, :RUNS], np.array(G)[:, :RUNS])


def beyond(found: Record, run: int, delta: float, odd: bool) -> Array:
    """T_n/Δθ in each slot; its odd part is half the difference of opposite perturbations."""
    step = delta * found.sign[:, run]
    opposite = found.bench.cost(run, -step if odd else 0 * step)
    c = (found.bench.cost(run, step) - opposite) / (2 if odd else 1)
    return (c - step @ found.gradient[run]) / delta


def resolution(found: Record, run: int, evaluations: int) -> float:
    """Bound r_n: errors of so many evaluations over Δθ, and half an LSB of u over η.

    A layer's z is truncated by less than an LSB, and its activation by another; what came in wrong
    is multiplied by the weights, at most |θ| + Δθ, and a slope of at most 1. An output that is off
    by e moves the mean of (y - t)² by at most 2·e·√C + e². C is truncated twice: to its LSB, and
    when it is divided by the outputs.
    """
    bench, config = found.bench, found.bench.config
    e = 0.0
    for w in bench.reference.layers(bench.networks[bench.turn[run]].theta):
        e *= (np.abs(w[:, :-1]) + found.delta).sum(axis=1).max()
        e += 2 * 2.0**-config.formats.activation_bits
    C = bench.cost(run, found.delta * np.vstack([0 * found.sign[0, run], found.sign[:, run]])).max()
    in_cost = 2 * e * np.sqrt(C) + e**2 + 2 * 2.0**-config.formats.cost_bits
    in_u = 2.0 ** -derive.theta(config).fraction_bits / 2
    return evaluations * in_cost / found.delta + in_u / 2.0**config.eta


def rms(values: Array) -> float:
    return float(np.sqrt(np.mean(values**2)))


def walsh_bound(found: Record, periods: int) -> Array:
    """Bound |G/(N·η) - g| of each run after one period of a Walsh code, or two.

    The rows of the code, over √N, are orthonormal. So Σ s_nk·(s_n·g) = N·g_k: what is linear is
    exact; and by Bessel's inequality the rest, projected on the rows, is at most as long as it is
    itself: √N·rms(T_n/Δθ + r_n). In the second period all signs are opposite: what is even in Δθ
    (T_n's larger part, of order Δθ, and the error of C0) adds once with either sign, and is gone;
    T_n's odd part, of order Δθ², is left.
    """
    both = periods == 2
    slots = len(found.sign) // 2 * periods
    return np.array(
        [
            rms(beyond(found, run, found.delta, both)[:slots]) + resolution(found, run, 3 - periods)
            for run in range(RUNS)
        ]
    )


def check_norm(estimate: Array, gradient: Array, bound: Array) -> None:
    assert (np.linalg.norm(estimate - gradient, axis=1) <= bound).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layers", LAYERS)
def test_walsh_codes_give_the_gradient_at_each_period(layers: tuple[int, ...], kind: str) -> None:
    cells = sum((a + 1) * b for a, b in itertools.pairwise(layers))
    period = Walsh(cells).period
    found = record("cm", layers, 2 * period, **KINDS[kind])
    gradient, length = found.gradient, np.linalg.norm(found.gradient, axis=1)
    one, two = walsh_bound(found, 1), walsh_bound(found, 2)
    estimate, estimate_of_two = found.G[period] / period, found.G[-1] / (2 * period)
    check_norm(estimate, gradient, one)
    check_norm(estimate_of_two, gradient, two)
    assert np.median(one / length) < 0.2
    assert np.median(two / length) < 0.05

    flip = np.where(np.arange(cells) == cells - 1, -1, 1)
    for fault, bound in (
        (estimate * flip, one),  # the last cell has the wrong sign
        (found.G[period - 1] / (period - 1), one),  # a slot too early
        (estimate_of_two * flip, two),
        (found.G[-2] / (2 * period - 1), two),
        (estimate, two),  # signs that do not alternate
    ):
        with pytest.raises(AssertionError):
            check_norm(fault, gradient, bound)


def turns_bound(found: Record, gradient_too: bool) -> Array:
    """Bound each cell's |G/η - g| after P slots of time multiplexing, or its distance to c_n/Δθ.

    Each cell had one slot, and s_n is 0 for the others: G_k/η is c_n/Δθ + r_n of that slot, the
    one-sided finite difference. T_n/Δθ is its curvature, Δθ/2·∂²C/∂θ_k², of order Δθ.
    """
    bounds = []
    for run in range(RUNS):
        curvature = found.sign[:, run].T @ beyond(found, run, found.delta, odd=False)
        bounds.append(gradient_too * np.abs(curvature) + resolution(found, run, 2))
    return np.array(bounds)


def check_cells(estimate: Array, gradient: Array, bound: Array) -> None:
    assert (np.abs(estimate - gradient) <= bound).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layers", LAYERS)
def test_time_multiplexing_gives_the_finite_difference(layers: tuple[int, ...], kind: str) -> None:
    cells = sum((a + 1) * b for a, b in itertools.pairwise(layers))
    found = record("tm", layers, cells, **KINDS[kind])
    theta_tilde = found.delta * np.eye(cells)
    rest = np.zeros((1, cells))
    difference = [
        (found.bench.cost(run, theta_tilde) - found.bench.cost(run, rest)) / found.delta
        for run in range(RUNS)
    ]
    resolved, bound = turns_bound(found, False), turns_bound(found, True)
    check_cells(found.G[-1], np.array(difference), resolved)
    check_cells(found.G[-1], found.gradient, bound)
    steepest = np.abs(found.gradient).max(axis=1)
    assert np.median(bound.max(axis=1) / steepest) < 0.2

    flip = np.where(np.arange(cells) == cells - 1, -1, 1)
    for fault in (found.G[-1] * flip, found.G[-2], 2 * found.G[-1]):
        with pytest.raises(AssertionError):
            check_cells(fault, np.array(difference), resolved)
        with pytest.raises(AssertionError):
            check_cells(fault, found.gradient, bound)


@pytest.mark.parametrize(
    ("code", "odd", "order"), [("cm", False, 1), ("cm", True, 2), ("tm", False, 1)]
)
def test_what_is_not_linear_shrinks_with_the_amplitude(code: str, odd: bool, order: int) -> None:
    """Halving Δθ halves the curvature of one period, and quarters what two periods leave."""
    found = record(code, (2, 2, 1), 32, **KINDS["linear"])
    for run in range(RUNS):
        whole, half = (rms(beyond(found, run, delta, odd)) for delta in (2**-7, 2**-8))
        assert whole / half == pytest.approx(2**order, rel=0.1)
