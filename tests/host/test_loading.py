"""Cells that only know θ ← sat(θ ∓ u) arrive at any θ, wherever they began."""

from __future__ import annotations

from collections.abc import Iterable

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from host import loading
from host.loading import Loader, Pass, learnings, only_pass, passes, words
from model.number.fixed import Ints
from spec.map import LARGEST_LEARN, LINE_BITS
from tests.configs import xor
from tests.host.cells import Cells

ENDS = (-1.0, -0.3, 0.0, 0.7, 1.0)
"""Where cells begin, between both ends of the format."""


def arrive(start: Ints, steps: Iterable[Pass], bits: int, largest: int) -> Ints:
    """Do as cells do: u at most `largest`, saturating each time."""
    half = 1 << bits - 1
    theta = start.copy()
    for step in steps:
        for u, times in learnings(step.amount, largest):
            assert 0 < u <= largest
            for _ in range(times):
                theta = np.clip(theta + np.where(step.up, u, -u), -half, half - 1)
    return theta


def away(bits: int, largest: int) -> int:
    """Count the values of a format at which cells do not arrive, from any of `ENDS`."""
    half = 1 << bits - 1
    theta = np.arange(-half, half)
    found = [
        arrive(
            np.full(2 * half, round(end * half) - (end == 1)), passes(theta, bits), bits, largest
        )
        for end in ENDS
    ]
    return sum(int((end != theta).sum()) for end in found)


@pytest.mark.parametrize("bits", range(2, 9))
@pytest.mark.parametrize("largest", [1, 2, 8, 64])
def test_all_values_of_small_formats(bits: int, largest: int) -> None:
    assert away(bits, largest) == 0


@settings(deadline=None, max_examples=30)
@given(
    bits=st.integers(9, 18),
    log=st.integers(6, 16),
    values=st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=30),
)
def test_values_of_large_formats(bits: int, log: int, values: list[float]) -> None:
    half = 1 << bits - 1
    theta = np.array([int(value * 2 * half) - half for value in values])
    start = np.roll(theta, 1)
    assert list(arrive(start, passes(theta, bits), bits, 1 << log)) == list(theta)


def test_cells_that_do_not_saturate_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted fault: parity is had by saturation only."""
    monkeypatch.setattr(np, "clip", lambda theta, low, high: theta)
    assert away(4, 8) > 0


def test_a_wrong_rail_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted fault: the first pass takes all cells to one rail."""

    def planted(theta: Ints, bits: int) -> Iterable[Pass]:
        first, *rest = loading.passes(theta, bits)
        return [Pass(np.zeros_like(first.up), first.amount), *rest]

    monkeypatch.setitem(globals(), "passes", planted)
    assert away(4, 8) > 0


@given(places=st.lists(st.integers(0, 3), min_size=1, max_size=50), width=st.sampled_from([1, 2]))
def test_words_fill_the_line(places: list[int], width: int) -> None:
    """Moved in from the lowest bits on, each place ends in the cell that it is for."""
    places = [place % (1 << width) for place in places]
    line = [9] * len(places)
    for word in words(places, width):
        assert 0 <= word < 1 << LINE_BITS
        for k in range(LINE_BITS // width):
            line = [word >> width * k & (1 << width) - 1, *line[:-1]]
    assert line == places


def test_learnings_add_up() -> None:
    for amount in range(1, 300):
        for largest in (1, 2, 16, 64):
            assert sum(u * times for u, times in learnings(amount, largest)) == amount


def test_what_learn_takes_fits_its_counter() -> None:
    assert LARGEST_LEARN == 255


@given(data=st.data(), bits=st.integers(2, 10), parameters=st.integers(1, 12))
def test_the_only_pass_is_one_and_is_found_if_there_is_one(
    data: st.DataObject, bits: int, parameters: int
) -> None:
    half = 1 << bits - 1
    values = st.lists(st.integers(-half, half - 1), min_size=parameters, max_size=parameters)
    before = np.array(data.draw(values))
    signs = np.array(data.draw(st.lists(st.booleans(), min_size=parameters, max_size=parameters)))
    amount = data.draw(st.integers(0, half))
    theta = np.clip(before + np.where(signs, amount, -amount), -half, half - 1)
    found = only_pass(before, theta, bits)
    assert found is not None
    assert list(arrive(before, [found], bits, half)) == list(theta)
    any_other = np.array(data.draw(values))
    found = only_pass(before, any_other, bits)
    assert found is None or list(arrive(before, [found], bits, half)) == list(any_other)


@settings(max_examples=40)
@given(data=st.data(), perturbation=st.sampled_from(["rcm", "ternary", "cm"]))
def test_a_loader_leads_from_one_theta_to_the_next(data: st.DataObject, perturbation: str) -> None:
    """Whatever comes; an update by the code in the line is a single write, all others are right."""
    config = xor(perturbation=perturbation)
    loader, cells, P = Loader(config), Cells(config), config.parameters
    theta = np.zeros(P, dtype=int)
    for kind in ["fill", *data.draw(st.lists(st.sampled_from(KINDS), max_size=12))]:
        if kind == "fill":
            places = data.draw(st.lists(st.integers(0, 2**cells.width - 1), min_size=P, max_size=P))
            cells.write_all(loader.load(theta) + loader.fill(places))
            assert cells.line == places
        elif kind == "any":
            theta = np.array(data.draw(st.lists(st.integers(-128, 127), min_size=P, max_size=P)))
        else:
            code = (
                cells.line
                if kind == "update"
                else data.draw(st.lists(BITS, min_size=P, max_size=P))
            )
            u = data.draw(st.integers(-100, 100))
            signs = np.where([place & 1 for place in code], -1, 1)
            theta = np.clip(theta + u * signs, -128, 127)
            writes = loader.load(theta)
            if kind == "update":
                assert len(writes) <= 1
            cells.write_all(writes)
        cells.write_all(loader.load(theta))
        assert list(cells.theta) == list(theta)
        assert loader.load(theta) == []


BITS = st.integers(0, 1)
KINDS = ("fill", "any", "update", "another code")
