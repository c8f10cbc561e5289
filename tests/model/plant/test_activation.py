"""Activations on integers, against the real functions they stand for."""

from __future__ import annotations

import numpy as np
import pytest

from model.plant.activation import ActivationUnit, activate
from model.reference import FUNCTIONS
from spec.activation import TABLED, Activation
from spec.plant import ActivationSpec


def spec(kind: Activation, fraction: int, amplitude: int = -3) -> ActivationSpec:
    return ActivationSpec(kind, fraction, amplitude)


def sums(fraction: int) -> np.ndarray:
    """All z within ±16."""
    return np.arange(-16 << fraction, 16 << fraction)


@pytest.mark.parametrize("fraction", [3, 8, 11])
@pytest.mark.parametrize("kind", Activation)
def test_close_to_the_real_function(kind: Activation, fraction: int) -> None:
    """Within what truncation, and a table's bins, cost."""
    lsb = 2.0**-fraction
    z = sums(fraction)
    found = activate(spec(kind, fraction), z) * lsb
    expected = FUNCTIONS[kind][0](z * lsb)
    steepest = {Activation.SIGMOID: 1 / 4, Activation.TANH: 1}
    if kind in TABLED:  # half a bin along the steepest slope, half an LSB, and the table's end
        bound = steepest[kind] * 2.0**-3 / 2 + lsb / 2 + 1 / 1000
    elif kind is Activation.PLAN:
        bound = 2 * lsb + 2.0**-4 * (fraction < 5)  # its offsets need 5 fraction bits
    else:
        bound = lsb
    assert np.abs(found - expected).max() <= bound


@pytest.mark.parametrize("kind", Activation)
def test_range_is_reached_and_kept(kind: Activation) -> None:
    low, high = kind.range(8)
    found = activate(spec(kind, 8), np.array([-(2**30), *sums(8), 2**30]))
    assert (found.min(), found.max()) == (low, high)


@pytest.mark.parametrize("kind", [kind for kind in Activation if kind is not Activation.PLAN])
def test_never_falls(kind: Activation) -> None:
    assert np.diff(activate(spec(kind, 8), sums(8))).min() >= 0


def test_plan_falls_only_where_published() -> None:
    """By one 256th at |z| = 2.375: 8 LSBs here, one of which truncation has taken before."""
    z = sums(11)
    steps = np.diff(activate(spec(Activation.PLAN, 11), z))
    top = round(2.375 * 2**11)
    assert z[1:][steps < 0].tolist() == [1 - top, top]
    assert steps.min() == -7


@pytest.mark.parametrize("kind", [Activation.PLAN, Activation.SIGMOID, Activation.TANH])
def test_symmetric_about_zero(kind: Activation) -> None:
    z = sums(8)[1:]
    total = activate(spec(kind, 8), z) + activate(spec(kind, 8), -z)
    np.testing.assert_array_equal(total[z != 0], 0 if kind is Activation.TANH else 256)


@pytest.mark.parametrize("amplitude", [-6, -4, -2])
@pytest.mark.parametrize("kind", TABLED)
def test_a_perturbation_is_always_seen_where_the_function_moves(
    kind: Activation, amplitude: int
) -> None:
    """A bin is no wider than 2·Δθ: z ± Δθ lie in different bins."""
    unit = spec(kind, 12, amplitude)
    delta = round(2.0**amplitude * 2**12)
    z = sums(12)[::13]
    z = z[np.abs(z) < 2 << 12]
    assert (activate(unit, z + delta) > activate(unit, z - delta)).all()


@pytest.mark.parametrize("fraction", [3, 8, 14])
@pytest.mark.parametrize("kind", Activation)
def test_what_is_looked_up_is_what_was_computed(kind: Activation, fraction: int) -> None:
    """Also far beyond the ends of what is kept."""
    z = np.array([-(2**40), -(2**30), *sums(fraction), 2**30, 2**40])
    found = ActivationUnit(spec(kind, fraction))(z)
    np.testing.assert_array_equal(found, activate(spec(kind, fraction), z))
