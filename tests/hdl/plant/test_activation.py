"""Activations, value by value against the model."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from amaranth import hdl

from hdl.number.fixed import SQ, Shape
from hdl.plant.activation import ActivationUnit
from model.number.fixed import shift_right
from model.plant.activation import activate
from spec.activation import Activation
from spec.config import Config
from spec.numbers import Rounding
from spec.plant import ActivationSpec
from tests.configs import xor
from tests.hdl.helpers import Row, raws, stream


def check(kind: Activation, shape: Shape, values: Sequence[int], config: Config) -> None:
    """Send sums through the unit, one a clock, and compare each with the model's."""
    spec = ActivationSpec(kind, config.formats.activation_bits, config.training.amplitude)
    check_unit(spec, shape, values, config)
    check_unit(replace(spec, deep=True), shape, values, config)


def check_unit(spec: ActivationSpec, shape: Shape, values: Sequence[int], config: Config) -> None:
    """Send them through one of them."""
    unit: Any = ActivationUnit(spec, shape)
    rows: list[Row] = [{"z": z} for z in values] + [{}] * unit.latency
    found = [row["a"] for row in stream(unit, rows, ["a"])][unit.latency :]
    z = np.array(values, dtype=np.int64)
    dropped = shape.f_bits - config.formats.activation_bits
    expected = activate(spec, shift_right(z, dropped, Rounding.TRUNCATE))
    np.testing.assert_array_equal(found, expected)
    low, high = spec.kind.range(config.formats.activation_bits)
    assert unit.a.shape().min_raw <= low
    assert unit.a.shape().max_raw >= high


def settings(kind: Activation, fraction: int, amplitude: int = -3) -> Config:
    """Configure formats; the units of a network's layers are the same."""
    return xor(
        output=kind.value,
        activation_bits=fraction,
        cost_bits=6,
        theta="Q2.10",
        weight_bits=12,
        amplitude=amplitude,
        eta=amplitude,
    )


@pytest.mark.parametrize("fraction", [3, 4, 6, 8])
@pytest.mark.parametrize("kind", Activation)
def test_every_sum(kind: Activation, fraction: int) -> None:
    """All z of a format that reaches twice as far as any function does."""
    shape = SQ(5, fraction)
    check(kind, shape, raws(shape), settings(kind, fraction))


@pytest.mark.parametrize("fraction", [9, 11, 12, 14])
@pytest.mark.parametrize("kind", Activation)
def test_fine_formats_where_it_matters(kind: Activation, fraction: int) -> None:
    """Around every multiple of 1/8 up to the format's ends, breakpoints and bins among them."""
    shape = SQ(5, fraction)
    near = {
        z
        for eighth in range(-128, 129)
        for z in range((eighth << fraction >> 3) - 2, (eighth << fraction >> 3) + 3)
    }
    values = sorted(z for z in near if z in raws(shape))
    check(kind, shape, values, settings(kind, fraction))


@pytest.mark.parametrize("kind", Activation)
@pytest.mark.parametrize(
    "shape",
    [SQ(5, 11), SQ(5, 6), SQ(3, -1), SQ(12, 8), SQ(1, 8), SQ(1, 0), SQ(-4, 8), SQ(-8, 10)],
    ids=repr,
)
def test_sums_of_any_shape(kind: Activation, shape: Shape) -> None:
    """Finer than the result (truncated), coarser, wide, and narrower than the function's range."""
    values = raws(shape)
    if len(values) > 1000:
        values = [shape.min_raw, shape.max_raw, *random.Random(1).sample(values, 1000)]
    check(kind, shape, values, settings(kind, 8))


@pytest.mark.parametrize("amplitude", [-8, -6, -4, -2, 0])
@pytest.mark.parametrize("kind", [Activation.SIGMOID, Activation.TANH])
@pytest.mark.parametrize("fraction", [6, 11])
def test_bins_of_any_width(kind: Activation, amplitude: int, fraction: int) -> None:
    """A bin is Δθ, at least an LSB and at most 1/8; its halves round up."""
    shape = SQ(5, fraction)
    values = raws(shape)[:: 31 if fraction == 11 else 1]
    check(kind, shape, values, settings(kind, fraction, amplitude))


def test_unsigned_sums_are_positive() -> None:
    """A sum's top bit is its sign only in a signed shape."""
    shape = Shape(hdl.unsigned(12), 8)
    for kind in Activation:
        check(kind, shape, raws(shape)[::5], settings(kind, 8))
