"""The high-pass of the analog loop, against the filter in float."""

from __future__ import annotations

import numpy as np
import pytest

from model.optimizer.change import ChangeInCost
from spec import derive
from tests.configs import xor


def unit_of(tau_hp: int) -> ChangeInCost:
    config = xor(loop="analog", tau_x=2, tau_hp=tau_hp, cost_bits=12, eta=-4)
    return ChangeInCost(derive.change(config), 1, derive.eta_shift(config))


@pytest.mark.parametrize("tau_hp", [2, 4, 32, 1024])
def test_against_the_filter_in_float(tau_hp: int) -> None:
    """C̃ ← (C̃ + C - C_prev)·(1 - 1/τ): each step rounds by less than an LSB, which decays.

    So that the error stays below Σ (1 - 1/τ)^k = τ LSBs, each of 1/τ of an LSB of C.
    """
    unit, exact, before = unit_of(tau_hp), 0.0, 0.0
    rng = np.random.default_rng(1)
    lsb = 2.0**-unit.guard
    assert lsb == 1 / tau_hp
    for n in range(3000):
        cost = int(rng.integers(0, 300))
        new = n % 37 == 0
        before = cost if new else before
        exact = (exact + cost - before) * (1 - 1 / tau_hp)
        before = cost
        unit.high_pass(np.array([cost]), new_sample=new)
        assert abs(unit.C_tilde[0] * lsb - exact) < tau_hp * lsb
        assert unit.C0[0] == cost


@pytest.mark.parametrize("start", [-4000, -1, 1, 4000])
@pytest.mark.parametrize("tau_hp", [2, 8, 256])
def test_decays_to_zero(tau_hp: int, start: int) -> None:
    """Exactly, from either side, and monotonically."""
    unit = unit_of(tau_hp)
    unit.C_tilde = np.array([start])
    sizes = []
    while unit.C_tilde[0]:
        sizes.append(abs(int(unit.C_tilde[0])))
        unit.high_pass(np.array([100]), new_sample=not sizes[1:])
    assert sizes == sorted(set(sizes), reverse=True)


def test_the_step_of_a_new_sample_does_not_pass() -> None:
    """Whatever the costs, only changes within a sample's stay count."""
    jumping, level = unit_of(4), unit_of(4)
    rng = np.random.default_rng(2)
    for n in range(60):
        change = int(rng.integers(-50, 50))
        for unit, base in ((jumping, 1000 * (n // 5 % 3)), (level, 500)):
            # The level unit sees the first cost of each stay as it was before.
            first = n % 5 == 0
            cost = base + 100 + (0 if first else change)
            unit.high_pass(np.array([cost]), new_sample=first)
        assert jumping.C_tilde[0] == level.C_tilde[0]
        assert jumping.u[0] == level.u[0]
    assert jumping.C_tilde[0] != 0
