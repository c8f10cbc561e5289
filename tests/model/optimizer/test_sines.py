"""Sines and square waves as perturbations."""

from __future__ import annotations

import numpy as np
import pytest

from model.optimizer.perturbation.sine import SineWaves, SquareWaves
from spec import derive
from spec.code import SINE_BITS, Sines
from spec.lfsr import seed_register
from tests.configs import perceptron

SEEDS = [seed_register(seed) for seed in range(1, 6)]


def period(cells: int, kind: str) -> tuple[np.ndarray, Sines]:
    """θ̃/Δθ of a whole period, from random phases; of shape (slots, runs, cells)."""
    config = perceptron(cells - 1, 1, perturbation=kind, theta="Q2.8", weight_bits=10)
    source = (SineWaves if kind == "fm" else SquareWaves)(derive.bank(config), SEEDS)
    code = derive.code(config)
    assert isinstance(code, Sines)
    for _ in range(40 * cells):
        source.fill()
    seen = []
    for _ in range(code.period):
        source.perturb()
        seen.append(source.theta_tilde * 2.0 ** -derive.perturbation(config).fraction_bits)
    return np.array(seen), code


@pytest.mark.parametrize("cells", [2, 3, 9, 25, 100])
def test_every_value_is_that_of_a_sine(cells: int) -> None:
    """√2·sin at the middle of one of 64 places, rounded to 1/16; and a period is one."""
    config = perceptron(cells - 1, 1, perturbation="fm", theta="Q2.8", weight_bits=10)
    source = SineWaves(derive.bank(config), SEEDS)
    for _ in range(10 * cells):
        source.fill()
    first = source.line.copy()
    code = derive.code(config)
    assert isinstance(code, Sines)
    lsb = 2.0 ** -derive.perturbation(config).fraction_bits
    for _ in range(code.period):
        source.perturb()
        place = np.floor(source.line / code.period * 2**SINE_BITS) + 0.5
        # The highest bit is +: the upper half of the phases is the first half wave.
        expected = -np.sqrt(2) * np.sin(2 * np.pi * place / 2**SINE_BITS)
        assert np.abs(source.theta_tilde * lsb - expected).max() <= 1 / 32 + 1e-9
    assert (source.line == first).all()


@pytest.mark.parametrize("cells", [2, 3, 9, 25])
def test_sines_are_orthogonal_over_a_period(cells: int) -> None:
    """But for the places of a phase, and for rounding: both are errors of θ̃, of known size."""
    seen, code = period(cells, "fm")
    products = np.einsum("nri,nrj->rij", seen, seen) / code.period
    # |θ̃ - sine| ≤ √2·(half a place, plus what the rest of a phase is) and half of 1/16.
    error = np.sqrt(2) * np.pi / 2**SINE_BITS + 1 / 32
    bound = 2 * error + error**2  # against sines of mean square 1
    square = np.diagonal(products, axis1=1, axis2=2)
    assert np.abs(square - 1).max() < bound
    off = products * (1 - np.eye(cells))
    assert np.abs(off).max() < bound
    assert np.abs(seen.mean(axis=0)).max() < error


@pytest.mark.parametrize("cells", [2, 9, 25])
def test_square_waves_are_the_signs_of_sines(cells: int) -> None:
    sines, _ = period(cells, "fm")
    squares, _ = period(cells, "fm_square")
    assert (squares == np.sign(sines)).all()


def test_keep_goes_on_with_the_chosen_runs() -> None:
    config = perceptron(4, 1, perturbation="fm")
    code, alone = SineWaves(derive.bank(config), SEEDS), SineWaves(derive.bank(config), SEEDS[1:2])
    for k in range(60):
        if k == 22:
            code.keep(np.array([False, True, False, False, False]))
        for source in (code, alone):
            source.fill() if k < 20 else source.perturb()
    assert code.theta_tilde.tolist() == alone.theta_tilde.tolist()
