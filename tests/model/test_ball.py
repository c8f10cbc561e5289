"""A ball holds all that an operation makes of any values in its operands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from model.reference import plan
from tests.model.ball import Ball

OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "@": lambda a, b: a @ b.T,
    "/": lambda a, b: a / -0.75 + 0 * b,
    "**": lambda a, b: (a - b) ** 2,
    "mean": lambda a, b: (a * b).mean(axis=-1),
    "max": lambda a, b: (a + b * b).max(axis=-1),
    "clip": lambda a, b: (a + b).clip(-0.5, 0.25),
    "parts": lambda a, b: b[1:].reshape(-1) * a[0, 0],
    "plain": lambda a, b: np.ones(3) - 2.0 * a @ np.ones((3, 3)),
}


def check(operation: Callable[[Any, Any], Any], seed: int) -> None:
    """At the ends of the operands, which is where a sum or product is furthest off, and within."""
    rng = np.random.default_rng(seed)
    a, b = (Ball(rng.normal(size=(2, 3)), rng.exponential(0.2, (2, 3))) for _ in range(2))
    result = operation(a, b)
    np.testing.assert_array_equal(result.mid, operation(a.mid, b.mid))
    for _ in range(40):
        at = [rng.choice([-1, 1, 1, rng.uniform(-1, 1)], (2, 3)) for _ in range(2)]
        values = [ball.mid + where * ball.radius for ball, where in zip((a, b), at, strict=True)]
        assert result.holds(operation(*values)).all()


def check_many(operation: Callable[[Any, Any], Any]) -> None:
    for seed in range(50):
        check(operation, seed)


def through(a: Any, b: Any, drop: float = 1 / 256) -> Any:
    """PLAN, at its step down."""
    z = a / 20 + 2.375 + 0 * b
    return z.through(plan, 2 * drop) if isinstance(z, Ball) else plan(z)


@pytest.mark.parametrize("name", OPERATIONS)
@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_holds_every_result(name: str, seed: int) -> None:
    check(OPERATIONS[name], seed)


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_holds_what_a_function_makes(seed: int) -> None:
    check(through, seed)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_radius_too_small_is_caught(name: str) -> None:
    def fault(a: Any, b: Any) -> Any:
        result = OPERATIONS[name](a, b)
        return Ball(result.mid, 0.5 * result.radius) if isinstance(result, Ball) else result

    with pytest.raises(AssertionError):
        check_many(fault)


def test_a_step_left_out_is_caught() -> None:
    with pytest.raises(AssertionError):
        check_many(lambda a, b: through(a, b, drop=0.0))
