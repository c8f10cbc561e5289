"""The shift registers run through every state; a wrong tap would not."""

import random
from collections.abc import Iterator

import pytest

from spec.lfsr import MASK, MAX_LEAP, ORDER, PERTURBATION, Lfsr, seed_register

PRIME_FACTORS = {
    5: (31,),
    6: (3, 3, 7),
    7: (127,),
    8: (3, 5, 17),
    9: (7, 73),
    31: (2**31 - 1,),  # a Mersenne prime
    32: (3, 5, 17, 257, 65537),
}


def times(a: int, b: int, polynomial: int) -> int:
    """Multiply modulo the polynomial; bit k of a number is the coefficient of x**k in GF(2)."""
    product, top = 0, polynomial.bit_length() - 1
    while b:
        product ^= a * (b & 1)
        a, b = a << 1, b >> 1
        a ^= polynomial * (a >> top)
    return product


def power_of_x(exponent: int, polynomial: int) -> int:
    """Raise x to a power by squaring."""
    result, square = 1, 0b10
    while exponent:
        if exponent & 1:
            result = times(result, square, polynomial)
        square, exponent = times(square, square, polynomial), exponent >> 1
    return result


def is_maximal(lfsr: Lfsr) -> bool:
    """Whether the order of x is 2**n - 1: it divides that, but no quotient by a prime factor."""
    polynomial = sum(1 << tap for tap in lfsr.taps) | 1
    period = 2**lfsr.width - 1
    return power_of_x(period, polynomial) == 1 and all(
        power_of_x(period // prime, polynomial) != 1 for prime in PRIME_FACTORS[lfsr.width]
    )


def states(lfsr: Lfsr, state: int) -> Iterator[int]:
    """Yield the states after each shift, as the class describes it."""
    tapped = sum(1 << (tap - 1) for tap in lfsr.taps)
    while True:
        state = (state << 1 | (state & tapped).bit_count() & 1) & ((1 << lfsr.width) - 1)
        yield state


def test_the_proof_agrees_with_counting_for_every_small_register() -> None:
    maximal = 0
    for width in (5, 6, 7, 8, 9):
        for middle in range(1 << (width - 1)):
            taps = (width, *(k + 1 for k in range(width - 1) if middle >> k & 1))
            lfsr = Lfsr(width, taps)
            period = 1 + next(n for n, state in enumerate(states(lfsr, 1)) if state == 1)
            assert is_maximal(lfsr) == (period == 2**width - 1)
            maximal += is_maximal(lfsr)
    assert maximal == 6 + 6 + 18 + 16 + 48  # φ(2**n - 1) / n of each width


@pytest.mark.parametrize("lfsr", [PERTURBATION, ORDER])
def test_the_registers_are_maximal(lfsr: Lfsr) -> None:
    assert max(lfsr.taps) == lfsr.width
    assert is_maximal(lfsr)


@pytest.mark.parametrize(
    "wrong",
    [
        Lfsr(32, (32, 21, 2, 1)),
        Lfsr(32, (32, 22, 3, 1)),
        Lfsr(32, (32, 22, 2)),
        Lfsr(31, (31, 27)),
        Lfsr(31, (31, 29)),
    ],
)
def test_a_wrong_tap_is_caught(wrong: Lfsr) -> None:
    assert not is_maximal(wrong)


def test_up_to_the_largest_leap_a_drawn_bit_is_one_xor_of_the_state() -> None:
    symbols = [1 << k for k in range(ORDER.width)]  # bit k of the state as a sum over GF(2)
    terms = []
    for _ in range(MAX_LEAP + 1):
        drawn = 0
        for tap in ORDER.taps:
            drawn ^= symbols[tap - 1]
        symbols = [drawn, *symbols[:-1]]
        terms.append(drawn.bit_count())
    assert terms == [2] * MAX_LEAP + [3]


def seeds() -> list[int]:
    """List consecutive seeds, as runs have, and others from the whole range."""
    return [*range(100_000), *random.Random(1).sample(range(100_000, 2**32), 100_000)]


def test_seeds_lead_to_different_registers() -> None:
    registers = {seed_register(seed) for seed in seeds()}
    assert len(registers) == 200_000
    assert 0 <= min(registers) <= max(registers) <= MASK


def test_consecutive_seeds_share_no_more_bits_than_chance() -> None:
    distances = [
        (seed_register(seed) ^ seed_register(seed + 1)).bit_count() for seed in range(10_000)
    ]
    assert abs(sum(distances) / 10_000 - 16) < 5 * 8**0.5 / 100  # 16 ± √8 of 32 bits, 5 σ


ZERO = -0x9E3779B9 & MASK
"""The seed whose register is 0."""


@pytest.mark.parametrize("lfsr", [PERTURBATION, ORDER])
def test_no_seed_leads_to_the_state_zero(lfsr: Lfsr) -> None:
    assert seed_register(ZERO) == 0
    registers = [0, 1 << 31, *(seed_register(seed) for seed in seeds())]
    assert all(0 < lfsr.load(register) < 1 << lfsr.width for register in registers)
    assert lfsr.load(0x12345678) == 0x12345678
    assert [lfsr.load(0), lfsr.load(1 << lfsr.width)] == [1, 1]
