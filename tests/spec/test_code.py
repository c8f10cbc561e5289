"""Periodic codes: every column once, every cell once, and no resonance."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spec.code import (
    MAX_SINE_FRACTION,
    SINE_BITS,
    STRIDES,
    TAPS,
    Sines,
    Turns,
    Walsh,
    resonates,
    sine_levels,
)  # fmt: skip
from spec.config import Config
from spec.errors import InputError
from spec.lfsr import MASK


@pytest.mark.parametrize("width", TAPS)
def test_columns_visit_every_state(width: int) -> None:
    state, seen = 1, 0
    while True:
        state = (state << 1 | sum(state >> tap - 1 for tap in TAPS[width]) & 1) % (1 << width)
        seen += 1
        if state == 1:
            break
    assert seen == (1 << width) - 1


@given(st.integers(1, 3000))
def test_every_cell_has_a_row(cells: int) -> None:
    code = Walsh(cells)
    assert cells <= code.period
    assert code.period == 2 or code.period < 2 * cells


@given(st.integers(1, 300), st.integers(0, MASK))
def test_every_cell_has_its_turn(cells: int, seed: int) -> None:
    turns = Turns(cells)
    stride = turns.strides[seed % STRIDES]
    order = [(turns.start(seed) + k * stride) % cells for k in range(cells)]
    assert sorted(order) == list(range(cells))
    assert 1 <= stride <= max(1, cells - 1)


def test_every_cell_has_a_frequency() -> None:
    """For all P up to 300: distinct, above 0 and below half a cycle a slot."""
    for cells in range(1, 301):
        code = Sines(cells)
        found = [code.frequency(cell) for cell in range(cells)]
        assert len(set(found)) == cells
        assert 0 < min(found) <= max(found) < code.period // 2
        assert code.period == 1 << code.phase_bits >= 1 << SINE_BITS
        assert code.period == 1 << SINE_BITS or code.period < 4 * (cells + 1)


@pytest.mark.parametrize("fraction", range(MAX_SINE_FRACTION + 1))
def test_levels_are_a_quarter_of_a_sine(fraction: int) -> None:
    """Rising, within half an LSB of √2·sin; the mean square is Δθ² but for that."""
    levels = sine_levels(fraction)
    assert len(levels) == 1 << SINE_BITS - 2
    assert list(levels) == sorted(levels)
    for k, level in enumerate(levels):
        exact = math.sqrt(2) * math.sin(math.pi / 2 * (k + 0.5) / len(levels))
        assert abs(level / (1 << fraction) - exact) <= 0.5 / (1 << fraction)
    mean = sum(level**2 for level in levels) / len(levels) / 4**fraction
    half = 0.5 / (1 << fraction)
    assert abs(mean - 1) <= 2 * half + half**2  # the mean of √2·sin is below 1


def meets_unevenly(samples: int, tau_x: int, period: int, tau_p: int) -> bool:
    """Count by brute force how often each sample meets each slot."""
    met = dict.fromkeys(itertools.product(range(samples), range(period)), 0)
    for n in range(math.lcm(samples * tau_x, period * tau_p)):
        met[n // tau_x % samples, n // tau_p % period] += 1
    return len(set(met.values())) > 1


@given(st.integers(1, 7), st.integers(1, 9), st.integers(1, 9), st.integers(1, 6))
def test_resonance_is_found(samples: int, tau_x: int, period: int, tau_p: int) -> None:
    found = resonates(samples, tau_x, period, tau_p)
    assert found == (samples > 1 and period > 1 and meets_unevenly(samples, tau_x, period, tau_p))


@pytest.mark.parametrize(
    ("perturbation", "order", "tau_x", "refused"),
    [
        ("cm", "sequential", 1, True),  # 16 columns, 4 samples
        ("cm", "sequential", 16, False),
        ("cm", "random", 1, False),
        ("tm", "sequential", 1, False),  # 9 turns, 4 samples
        ("tm", "sequential", 3, False),  # each stay covers a third of the turns, in turn
        ("rcm", "sequential", 1, False),
    ],
)
def test_a_resonating_config_is_refused(
    perturbation: str, order: str, tau_x: int, refused: bool, tmp_path: Path
) -> None:
    tables = {
        "task": {"name": "xor", "order": order},
        "network": {"layers": [2, 2, 1]},
        "training": {"perturbation": perturbation, "tau_x": tau_x},
    }
    if refused:
        with pytest.raises(InputError, match=r"training\.perturbation.*resonates.*random"):
            Config.from_dict(tables)
    else:
        assert Config.from_dict(tables).training.tau_x == tau_x
