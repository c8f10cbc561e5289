"""The cost unit of the model, against fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from model.optimizer.change import ChangeInCost
from model.plant.cost import cost_of
from spec import derive
from spec.config import Config
from tests.configs import xor
from tests.strategies import networks


def exact(y: list[int], t: list[int], config: Config) -> int:
    """Mean of the squared errors, towards zero, in LSBs of the cost."""
    lsb = Fraction(1, 1 << config.formats.activation_bits)
    mean = sum(((a - b) * lsb) ** 2 for a, b in zip(y, t, strict=True)) / len(y)
    return math.floor(mean * (1 << config.formats.cost_bits))


@settings(max_examples=60)
@given(networks(max_layers=1, max_width=9))
def test_mean_squared_error_is_exact(config: Config) -> None:
    """For any number of outputs and any format, up to the largest error there is."""
    low, high = config.network.output.range(config.formats.activation_bits)
    rng = np.random.default_rng(1)
    y = rng.integers(low, high, (50, config.data.outputs), endpoint=True)
    t = rng.integers(low, high, y.shape, endpoint=True)
    y[0], t[0], y[1], t[1], y[2] = low, high, high, low, t[2]
    found = cost_of(derive.cost(config), y, t)
    assert found.tolist() == [
        exact(a, b, config) for a, b in zip(y.tolist(), t.tolist(), strict=True)
    ]
    assert found[2] == 0
    assert found[0] == found[1] == found.max()
    assert int(found[0]).bit_length() == derive.cost(config).width


@pytest.mark.parametrize("eta_shift", range(16))
def test_u_is_rounded_once_and_saturates(eta_shift: int) -> None:
    """u = sat(RNE(C̃ · 2**(4 - eta_shift))) for all C̃."""
    config = xor(bus_bits=6, cost_bits=8)
    lowest = config.eta + derive.eta_shift(config) - 15
    config = config.with_training(eta=lowest + 15 - eta_shift)
    assert derive.eta_shift(config) == eta_shift
    C0, C = np.meshgrid(np.arange(257), np.arange(257))
    unit = ChangeInCost(derive.change(config), C.size, derive.eta_shift(config))
    unit.baseline(C0.ravel())
    unit.perturbed(C.ravel())
    np.testing.assert_array_equal(unit.C_tilde, (C - C0).ravel())
    for C_tilde, u in set(zip(unit.C_tilde.tolist(), unit.u.tolist(), strict=True)):
        assert u == min(max(round(C_tilde * Fraction(2) ** (4 - eta_shift)), -32), 31)


def test_u_is_the_change_in_cost_times_eta_over_amplitude() -> None:
    """In LSBs of θ, in real units: the register means what the config says."""
    config = xor(theta="Q2.10", cost_bits=12, bus_bits=16, gradient_bits=20, eta=-1, amplitude=-4)
    unit = ChangeInCost(derive.change(config), 1, derive.eta_shift(config))
    unit.baseline(np.array([1000]))
    unit.perturbed(np.array([1400]))
    C_tilde = 400 / 2**12
    assert unit.u[0] / 2**10 == C_tilde * 2**-1 / 2**-4


def test_c0_is_held_until_the_next_baseline() -> None:
    unit = ChangeInCost(derive.change(xor()), 1, derive.eta_shift(xor()))
    unit.baseline(np.array([10]))
    for cost in (12, 3, 300):
        unit.perturbed(np.array([cost]))
        assert (unit.C[0], unit.C0[0], unit.C_tilde[0]) == (cost, 10, cost - 10)
    unit.baseline(np.array([7]))
    assert (unit.C[0], unit.C0[0], unit.C_tilde[0]) == (7, 7, 290)


def test_keep_goes_on_with_the_chosen_runs() -> None:
    unit = ChangeInCost(derive.change(xor()), 3, derive.eta_shift(xor()))
    unit.baseline(np.array([1, 2, 3]))
    unit.perturbed(np.array([4, 6, 8]))
    unit.keep(np.array([False, True, True]))
    assert (unit.C.tolist(), unit.C0.tolist(), unit.C_tilde.tolist()) == ([6, 8], [2, 3], [4, 5])
    assert len(unit.u) == 2
