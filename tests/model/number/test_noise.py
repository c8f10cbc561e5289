"""The noise is near-Gaussian, of the deviation that was asked for, and unrelated across sources.

Bounds are five standard errors of the statistic of so many independent draws.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from model.number.noise import NoiseLine, NoiseSource
from spec.lfsr import seed_register
from spec.noise import BYTES, COST_NOISE, DEFECTS, UPDATE_NOISE, WARM_UP, Gaussian, Registers

SOURCES = {"cost": COST_NOISE, "update": UPDATE_NOISE, "defects": DEFECTS}
SEEDS = [seed_register(seed) for seed in range(1, 101)]
DRAWS = 1000
COUNT = DRAWS * len(SEEDS)
KURTOSIS = -1.2 / BYTES
"""Excess kurtosis of a sum of uniform numbers."""


def draws(registers: Registers, sigma: float, count: int = DRAWS) -> np.ndarray:
    """Draw after the warm-up; of shape (count, seeds)."""
    source = NoiseSource(Gaussian.of(sigma, 0, "sigma"), registers, SEEDS)
    seen = [source.advance() for _ in range(WARM_UP + count)]
    return np.array(seen[WARM_UP:], dtype=np.float64)


@pytest.mark.parametrize("sigma", [0.25, 0.5, 1, 3, 40, 1000])
@pytest.mark.parametrize("registers", SOURCES.values(), ids=SOURCES)
def test_mean_and_deviation(registers: Registers, sigma: float) -> None:
    """σ² = that of the formula, rounded to integers; 1 % of σ is what a factor can be off."""
    seen = draws(registers, sigma)
    # What rounding to integers makes of a normal number; the density is within 0.02/σ of it.
    k = np.arange(-50, 51)
    normal = np.array([math.erf((v + 0.5) / (sigma * 2**0.5)) for v in k])
    expected = sigma if sigma > 2 else math.sqrt((np.diff(normal, prepend=-1) / 2 * k**2).sum())
    spread = seen.std()
    assert abs(seen.mean()) < 5 * spread / math.sqrt(COUNT)
    fourth = ((seen / spread) ** 4).mean()
    error = 5 * math.sqrt((fourth - 1) / COUNT) / 2  # of σ, relatively
    rough = 0.01 if sigma >= 1 else 0.1  # below an LSB, the shape of the tails counts
    assert abs(spread / expected - 1) < error + rough


@pytest.mark.parametrize("registers", SOURCES.values(), ids=SOURCES)
def test_shape(registers: Registers) -> None:
    """Symmetric, with the kurtosis of a sum of four uniform numbers, within its ends."""
    scaled = draws(registers, 1000) / 1000
    assert abs((scaled**3).mean()) < 5 * math.sqrt(15 / COUNT)
    assert abs((scaled**4).mean() / (scaled**2).mean() ** 2 - 3 - KURTOSIS) < 5 * math.sqrt(
        24 / COUNT
    )
    assert np.abs(scaled).max() < 3.47


@pytest.mark.parametrize("registers", SOURCES.values(), ids=SOURCES)
def test_seeds_and_times_are_unrelated(registers: Registers) -> None:
    """All 4,950 pairs of seeds, and each seed with its own past."""
    seen = draws(registers, 1000) / 1000
    correlation = seen.T @ seen / DRAWS
    np.fill_diagonal(correlation, 0)
    assert np.abs(correlation).max() < 6 / math.sqrt(DRAWS)
    for lag in range(1, 9):
        past = (seen[lag:] * seen[:-lag]).mean()
        assert abs(past) < 5 / math.sqrt(COUNT)


def test_sources_are_unrelated() -> None:
    """Of the same seed, at any distance of up to 8 draws."""
    found = {name: draws(registers, 1000) / 1000 for name, registers in SOURCES.items()}
    for one, other in (("cost", "update"), ("update", "defects"), ("defects", "cost")):
        for lag in range(9):
            product = found[one][lag:] * found[other][: DRAWS - lag]
            assert abs(product.mean()) < 5 / math.sqrt(COUNT)


def test_first_draw_is_zero_and_seeds_repeat() -> None:
    gaussian = Gaussian.of(10, 0, "sigma")
    first, again = (NoiseSource(gaussian, COST_NOISE, SEEDS[:5]) for _ in range(2))
    assert not first.advance().any()
    again.advance()
    for _ in range(50):
        assert first.advance().tolist() == again.advance().tolist()


def test_a_line_moves_by_a_place() -> None:
    gaussian = Gaussian.of(10, 0, "sigma")
    line = NoiseLine(NoiseSource(gaussian, UPDATE_NOISE, SEEDS[:3]), 5)
    alone = NoiseSource(gaussian, UPDATE_NOISE, SEEDS[:3])
    for _ in range(20):
        before = line.line
        line.shift()
        assert line.line[:, 1:].tolist() == before[:, :-1].tolist()
        assert line.line[:, 0].tolist() == alone.advance().tolist()


def test_keep_goes_on_with_the_chosen_runs() -> None:
    gaussian = Gaussian.of(10, 0, "sigma")
    line = NoiseLine(NoiseSource(gaussian, UPDATE_NOISE, SEEDS[:3]), 4)
    alone = NoiseLine(NoiseSource(gaussian, UPDATE_NOISE, SEEDS[1:2]), 4)
    for k in range(20):
        if k == 9:
            line.keep(np.array([False, True, False]))
        line.shift()
        alone.shift()
    assert line.line.tolist() == alone.line.tolist()
