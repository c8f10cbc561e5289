"""What random sources give is independent: proved by rank, not by statistics.

Every bit is a linear function over GF(2) of the register's first state, an integer whose bit k says
whether bit k of that state takes part. Over a period all states but 0 come once; so bits are
jointly uniform, but for the one state that is missing, exactly if their functions are linearly
independent.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from spec.lfsr import ORDER, PERTURBATION, SEED_BITS, Lfsr
from spec.noise import COST_NOISE, DEFECTS, DRAW_BITS, UPDATE_NOISE
from spec.numbers import bits_for
from spec.tasks import MAX_SAMPLES

LAGS = 300
"""Draws apart, of pairs."""

WINDOW = 32
"""Draws between the first and the last, of triples."""

TRIPLE_BITS = 17
"""Of each draw of a triple: three of 63 bits' functions that meet in a window of all sizes. Above,
3·b comes too near the width, or exceeds it; the highest bits decide which sample is drawn."""

MOST_BITS = bits_for(MAX_SAMPLES) + 8
"""Of a draw of a sample."""

NOISE = (*COST_NOISE, *UPDATE_NOISE, *DEFECTS)

Basis = dict[int, int]
"""Independent functions by their highest bit."""


def sequence(lfsr: Lfsr, length: int, first: list[int] | None = None) -> list[int]:
    """List the bits that a register shifts through, oldest first; `first` are those it holds."""
    bits = first or [1 << k for k in reversed(range(lfsr.width))]
    while len(bits) < length:
        new = 0
        for tap in lfsr.taps:
            new ^= bits[-tap]
        bits.append(new)
    return bits


def extended(basis: Basis, functions: list[int]) -> Basis | None:
    """Add functions to a basis; None if one depends on the others."""
    basis = dict(basis)
    for function in functions:
        while function and function.bit_length() in basis:
            function ^= basis[function.bit_length()]
        if not function:
            return None
        basis[function.bit_length()] = function
    return basis


def dependent_pair(lfsr: Lfsr, size: int) -> int | None:
    """Return the least lag, up to `LAGS`, at which draws of `size` bits are not independent."""
    bits = sequence(lfsr, size * (LAGS + 1))
    first = extended({}, bits[:size])
    assert first is not None
    for lag in range(1, LAGS + 1):
        if extended(first, bits[size * lag : size * (lag + 1)]) is None:
            return lag
    return None


def dependent_triple(lfsr: Lfsr, size: int, top: int) -> tuple[int, int] | None:
    """Return the least lags of three draws in a `WINDOW` whose highest `top` bits are dependent."""
    bits = sequence(lfsr, size * (WINDOW + 1))
    draws = [bits[size * n : size * n + top] for n in range(WINDOW + 1)]
    first = extended({}, draws[0])
    assert first is not None
    for i in range(1, WINDOW):
        second = extended(first, draws[i])
        if second is None:
            return i, i
        for j in range(i + 1, WINDOW + 1):
            if extended(second, draws[j]) is None:
                return i, j
    return None


@pytest.mark.parametrize("size", range(1, MOST_BITS + 1))
def test_samples_are_drawn_independently(size: int) -> None:
    """Two draws of every number of bits that the sample memory draws, and three."""
    assert dependent_pair(ORDER, size) is None
    assert dependent_triple(ORDER, size, min(size, TRIPLE_BITS)) is None


def test_more_bits_of_a_triple_would_be_dependent() -> None:
    """So `TRIPLE_BITS` is no less than it has to be."""
    tops = range(TRIPLE_BITS + 1, MOST_BITS + 1)
    assert any(dependent_triple(ORDER, top, TRIPLE_BITS + 1) is not None for top in tops)


@pytest.mark.parametrize(("size", "pair", "triple"), [(2, None, (1, 15)), (11, 2, (1, 2))])
def test_a_trinomial_is_found_out(size: int, pair: int | None, triple: tuple[int, int]) -> None:
    """Of 4 samples and of 7: a bit depends on those 28 and 31 before, in two draws or in one."""
    trinomial = Lfsr(31, (31, 28))
    assert dependent_pair(trinomial, size) == pair
    assert dependent_triple(trinomial, size, size) == triple


@pytest.mark.parametrize("size", range(1, 9))
def test_the_first_draws_of_all_seeds_are_uniform(size: int) -> None:
    """Any two of the first 32, as functions of the 32 bits of the `seed` register."""
    # Above the seed's bits are their complements: the same functions but for a constant.
    loaded = [1 << k % SEED_BITS for k in reversed(range(ORDER.width))]
    bits = sequence(ORDER, ORDER.width + 32 * size, loaded)[ORDER.width - size :]
    draws = [bits[size * n : size * (n + 1)] for n in range(32)]
    for n, draw in enumerate(draws):
        for other in draws[:n]:
            assert extended({}, draw + other) is not None


@pytest.mark.parametrize("register", NOISE, ids=lambda register: f"{register.width}")
def test_noise_is_drawn_independently(register: Lfsr) -> None:
    """Two and three draws of either register."""
    assert dependent_pair(register, DRAW_BITS) is None
    assert dependent_triple(register, DRAW_BITS, DRAW_BITS) is None


@pytest.mark.parametrize("registers", [COST_NOISE, UPDATE_NOISE, DEFECTS])
def test_the_registers_of_a_source_meet_in_all_states(registers: tuple[Lfsr, Lfsr]) -> None:
    """Their periods have no common factor, so that what one gives says nothing of the other."""
    one, other = registers
    assert math.gcd(2**one.width - 1, 2**other.width - 1) == 1


def test_a_trinomial_of_noise_is_found_out() -> None:
    """Of the same width; and one register for all 32 bits would not do."""
    assert dependent_pair(Lfsr(60, (60, 59)), DRAW_BITS) == 3
    assert dependent_pair(Lfsr(41, (41, 38)), 2 * DRAW_BITS) == 1


def powers(lfsr: Lfsr, count: int) -> np.ndarray:
    """Powers of x modulo the polynomial: bit n of the sequence is a function of that number."""
    polynomial = sum(1 << tap for tap in lfsr.taps) | 1
    found = [1]
    while len(found) < count:
        double = found[-1] << 1
        found.append(double ^ polynomial if double >> lfsr.width else double)
    return np.array(found, dtype=np.uint64)


def triples_are_independent(lfsr: Lfsr, span: int) -> bool:
    """Whether no three of so many successive bits have an even sum: 1 + xⁱ = xʲ."""
    later = powers(lfsr, span)[1:]
    return not np.isin(later ^ np.uint64(1), later).any()


def quadruples_are_independent(lfsr: Lfsr, span: int) -> bool:
    """Whether no four of so many successive bits have an even sum: the sums of two all differ."""
    found = powers(lfsr, span)
    one, other = np.triu_indices(span, 1)
    sums = np.sort(found[one] ^ found[other])
    return bool((sums[1:] != sums[:-1]).all())


def test_three_perturbation_bits_are_independent() -> None:
    """Within the span that is documented, and not beyond it."""
    assert triples_are_independent(PERTURBATION, 137_544)
    assert not triples_are_independent(PERTURBATION, 137_545)
    assert not triples_are_independent(Lfsr(31, (31, 28)), 32)


def test_four_perturbation_bits_are_independent() -> None:
    """Within the span that is documented, and not beyond it."""
    assert quadruples_are_independent(PERTURBATION, 3_839)
    assert not quadruples_are_independent(PERTURBATION, 3_840)
    assert not quadruples_are_independent(Lfsr(31, (31, 28)), 63)  # the square of a trinomial…
