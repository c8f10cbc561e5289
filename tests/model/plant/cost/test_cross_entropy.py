"""The cross-entropy against fractions, and against the curve that its lines stand for."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.plant.cost import cost_of
from model.reference.costs import cross_entropy, cross_entropy_slope
from spec import derive
from spec.config import Config
from spec.errors import InputError
from spec.plant import CrossEntropySpec
from tests.configs import perceptron

LINES = 0.0861
"""By which 1 + f exceeds 2**f, and log2(1 + f) exceeds f, at most."""


def configure(outputs: int = 3, **keys: Any) -> Config:
    eta = keys.get("cost_bits", 8) - 7  # in the middle of its range
    return perceptron(1, outputs, cost="cross_entropy", **{"output": "identity", "eta": eta} | keys)


def exact(spec: CrossEntropySpec, y: list[int], right: int) -> int:
    """The cost in fractions: each term of the sum towards zero, and so the cost."""
    one, fine = 1 << spec.output.fraction_bits, 1 << spec.sum_fraction
    s = Fraction(0)
    for value in y:
        exponent, rest = divmod(value - max(y), one)
        term = (1 + Fraction(rest, one)) * Fraction(2) ** exponent
        s += Fraction(math.floor(term * fine), fine)
    exponent = math.floor(math.log2(s))
    log = exponent + s / Fraction(2) ** exponent - 1
    log = Fraction(math.floor(log * fine), fine)
    return math.floor((log + Fraction(max(y) - y[right], one)) * (1 << spec.fraction_bits))


def costs(config: Config, rows: list[tuple[list[int], int]]) -> list[int]:
    """What the golden model makes of outputs and right classes."""
    y, right = np.array([row[0] for row in rows]), [row[1] for row in rows]
    return cost_of(derive.cost(config), y, np.eye(y.shape[1], dtype=int)[right]).tolist()


OUTPUT = st.sampled_from(["identity", "relu", "hard_tanh", "plan"])


@settings(max_examples=40)
@given(outputs=st.integers(2, 9), output=OUTPUT, fraction=st.integers(3, 9), data=st.data())
def test_it_is_exact(outputs: int, output: str, fraction: int, data: st.DataObject) -> None:
    """For any number of outputs and any format, up to the largest cost, which fits its width."""
    cost_bits = data.draw(st.integers(2, 2 * fraction))
    config = configure(outputs, output=output, activation_bits=fraction, cost_bits=cost_bits)
    spec: Any = derive.cost(config)
    low, high = spec.output.low, spec.output.high
    rng = np.random.default_rng(1)
    rows = [
        (rng.integers(low, high, outputs, endpoint=True).tolist(), int(rng.integers(outputs)))
        for _ in range(50)
    ]
    largest = [low] + [high] * (outputs - 1)
    rows += [(largest, 0), (largest, 1), ([low] * outputs, 0), ([high] * outputs, 1)]
    found = costs(config, rows)
    assert found == [exact(spec, y, right) for y, right in rows]
    assert max(found) == found[50]
    assert 0 <= spec.width - found[50].bit_length() <= 1


def test_it_follows_the_curve_and_never_turns_back() -> None:
    """Within the lines' errors; more y of the right class never costs more, of another never less.

    All pairs of outputs of a small format, a third one at three places.
    """
    config = configure(activation_bits=3, cost_bits=6)
    span = range(-64, 64, 1)
    for third in (-64, 0, 63):
        rows = [([a, b, third], 0) for a, b in product(span, span)]
        found = np.array(costs(config, rows)).reshape(128, 128) / 64
        y = np.array([row[0] for row in rows]) / 8
        curve = (np.log2((2**y).sum(axis=1)) - y[:, 0]).reshape(128, 128)
        assert np.all(found <= curve + LINES + 1 / 64)
        assert np.all(found >= curve - LINES - 4 / 64)
        assert np.all(np.diff(found, axis=0) <= 0)
        assert np.all(np.diff(found, axis=1) >= 0)


def test_the_reference_is_the_same_without_rounding() -> None:
    """On whole LSBs of a fine format, to the last of them."""
    config = configure(activation_bits=10, cost_bits=20)
    rng = np.random.default_rng(3)
    y = rng.integers(-8 << 10, 8 << 10, (500, 3))
    t = np.eye(3, dtype=int)[rng.integers(3, size=500)]
    found = cost_of(derive.cost(config), y, t) / 2**20
    wanted = cross_entropy(y / 2**10, t)
    assert np.all(found <= wanted)
    assert np.all(found >= wanted - 5 / 2**20)


def test_the_references_slope() -> None:
    """By differences, off the corners."""
    rng = np.random.default_rng(4)
    y, t = rng.uniform(-3, 3, (300, 4)), np.eye(4)[rng.integers(4, size=300)]
    h = 1e-7
    for k in range(4):
        step = h * np.eye(4)[k]
        slope = (cross_entropy(y + step, t) - cross_entropy(y - step, t)) / (2 * h)
        np.testing.assert_allclose(cross_entropy_slope(y, t)[:, k], slope, atol=1e-6)


@pytest.mark.parametrize(("outputs", "one_of"), [(1, True), (3, False)])
def test_it_needs_classes(outputs: int, one_of: bool) -> None:
    keys: dict[str, Any] = {"output": "identity", "binary_targets": not one_of}
    config = perceptron(1, outputs, samples=9, **keys)
    with pytest.raises(InputError, match=r"training\.cost = 'cross_entropy': needs two or more"):
        config.with_training(cost="cross_entropy")
