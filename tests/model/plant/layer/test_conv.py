"""A convolution's sums and a pool's choice, place by place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.number.fixed import Ints
from model.plant.layer.conv import Conv
from model.plant.layer.pool import Pool
from spec.activation import Activation
from spec.numbers import Format
from spec.plant import ActivationSpec, ConvSpec, PoolSpec, SignalSpec

FRACTION, DROPPED = 5, 7
SIGNAL = SignalSpec(-64, 63, FRACTION)
WEIGHT = Format(2, DROPPED)
SHAPES = st.tuples(st.integers(3, 6), st.integers(3, 6), st.integers(1, 3))


def conv(shape: tuple[int, ...], channels: int, *, planar: bool) -> ConvSpec:
    activation = ActivationSpec(Activation.IDENTITY, FRACTION, -3)
    weights = 9 * shape[2] + 1
    return ConvSpec(channels, weights, SIGNAL, WEIGHT, activation, shape=shape, planar=planar)


@given(SHAPES, st.integers(1, 4), st.booleans(), st.integers(0, 99))
def test_a_sum_is_that_of_the_documented_order(
    shape: tuple[int, ...], channels: int, planar: bool, seed: int
) -> None:
    rng, spec = np.random.default_rng(seed), conv(shape, channels, planar=planar)
    rows, columns, deep = shape
    weights = rng.integers(WEIGHT.minimum, WEIGHT.maximum, (2, channels * spec.fan_in))
    x = rng.integers(-64, 64, (2, 3, spec.inputs))
    found = Conv(spec).sums(weights, x)
    assert found.shape == (2, 3, spec.signals) == (2, 3, (rows - 2) * (columns - 2) * channels)
    places = [
        (r, c, k) for r in range(rows - 2) for c in range(columns - 2) for k in range(channels)
    ]
    for run, sample in np.ndindex(2, 3):
        for number, (row, column, channel) in enumerate(places):
            w = weights[run, channel * spec.fan_in :]
            total, place = int(w[9 * deep]) << FRACTION, 0
            for r in range(row, row + 3):
                for c in range(column, column + 3):
                    for k in range(deep):
                        at = (
                            (k * rows + r) * columns + c if planar else (r * columns + c) * deep + k
                        )
                        total += int(w[place]) * int(x[run, sample, at])
                        place += 1
            assert found[run, sample, number] == total >> DROPPED


@given(st.tuples(st.integers(2, 7), st.integers(2, 7), st.integers(1, 3)), st.integers(0, 99))
def test_a_pool_takes_the_largest_and_drops_what_is_odd(shape: tuple[int, ...], seed: int) -> None:
    rows, columns, channels = shape
    activation = ActivationSpec(Activation.RELU, FRACTION, -3)
    spec = PoolSpec(0, 0, SIGNAL, WEIGHT, activation, shape=shape)
    x: Ints = np.random.default_rng(seed).integers(-64, 64, (2, 3, rows * columns * channels))
    image, expected = x.reshape(2, 3, *shape), []
    for row in range(0, rows - 1, 2):
        for column in range(0, columns - 1, 2):
            for k in range(channels):
                expected.append(image[:, :, row : row + 2, column : column + 2, k].max(axis=(2, 3)))
    np.testing.assert_array_equal(Pool(spec)(x), np.moveaxis(np.array(expected), 0, -1))
    assert spec.signals == len(expected)
    assert spec.output == SIGNAL


@pytest.mark.parametrize("wrong", [(0, 1, 2), (2, 1, 0)])
def test_another_order_of_weights_would_be_seen(wrong: tuple[int, int, int]) -> None:
    """The planted faults of test_trajectories_folded.py find columns in place of rows."""
    rng, spec = np.random.default_rng(0), conv((4, 4, 2), 2, planar=False)
    weights = rng.integers(-99, 99, (1, 2 * spec.fan_in))
    turned = weights.reshape(2, spec.fan_in).copy()
    windows = turned[:, :-1].reshape(2, 3, 3, 2).transpose(0, *(k + 1 for k in wrong))
    turned[:, :-1] = windows.reshape(2, -1)
    x = rng.integers(-64, 64, (1, 5, spec.inputs))
    layer = Conv(spec)
    same = np.array_equal(layer.sums(weights, x), layer.sums(turned.reshape(1, -1), x))
    assert same == (wrong == (0, 1, 2))
