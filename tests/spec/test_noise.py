"""The constants of the noise: its deviation, its ends, its sources."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec.code import TAPS
from spec.lfsr import ORDER, PERTURBATION
from spec.noise import (
    BYTES,
    CENTRE,
    COST_NOISE,
    DEFECTS,
    DEVIATION,
    DRAW_BITS,
    UPDATE_NOISE,
    Gaussian,
)  # fmt: skip


def test_the_sum_of_bytes() -> None:
    """Mean and deviation by enumeration, of a byte."""
    mean = sum(range(256)) / 256
    variance = sum((byte - mean) ** 2 for byte in range(256)) / 256
    assert BYTES * mean == CENTRE
    assert math.isclose(DEVIATION, math.sqrt(BYTES * variance))


@given(st.floats(0.25, 1 << 15), st.integers(0, 24))
def test_deviation_within_a_percent(lsbs: float, fraction: int) -> None:
    """Of any σ and format: the factor has eight bits."""
    found = Gaussian.of(math.ldexp(lsbs, -fraction), fraction, "sigma")
    assert 128 <= found.factor <= 256
    assert found.shift >= 0
    assert abs(math.ldexp(DEVIATION * found.factor, -found.shift) / lsbs - 1) < 0.01
    assert found.maximum >= math.ldexp(CENTRE * found.factor, -found.shift)
    assert found.maximum < 1 << found.bits - 1


@pytest.mark.parametrize("lsbs", [0.2499, 32769.0, math.inf])
def test_what_is_refused(lsbs: float, refusal: Callable[..., str]) -> None:
    text = refusal(Gaussian.of, lsbs / 2, 1, "hardware.cost_noise")
    assert text == (
        f"hardware.cost_noise = {lsbs / 2}: must be 0, or from 0.125 (a quarter of an LSB) to "
        "16384, in these formats"
    )


def test_sources_are_of_different_polynomials() -> None:
    """And hold the bits of a draw; each is shifted by as many, so that draws share none."""
    registers = (*COST_NOISE, *UPDATE_NOISE, *DEFECTS)
    assert len({r.width for r in (*registers, PERTURBATION, ORDER)} | set(TAPS)) == 8 + len(TAPS)
    assert 2 * DRAW_BITS == 8 * BYTES
    assert all(min(register.taps) >= DRAW_BITS for register in registers)  # one XOR a shift
