"""The shift registers run through every state; a wrong tap would not."""

import math
import random
from collections.abc import Iterator

import pytest

from spec.lfsr import FRESH, MASK, MOST_FRESH, ORDER, PERTURBATION, Lfsr, seed_register
from spec.noise import COST_NOISE, DEFECTS, UPDATE_NOISE

PRIME_FACTORS = {
    5: (31,),
    6: (3, 3, 7),
    7: (127,),
    8: (3, 5, 17),
    9: (7, 73),
    32: (3, 5, 17, 257, 65537),
    57: (7, 32377, 524287, 1212847),
    58: (3, 59, 233, 1103, 2089, 3033169),
    59: (179951, 3203431780337),
    60: (3, 3, 5, 5, 7, 11, 13, 31, 41, 61, 151, 331, 1321),
    61: (2**61 - 1,),  # a Mersenne prime
    62: (3, 715827883, 2**31 - 1),
    63: (7, 7, 73, 127, 337, 92737, 649657),
    127: (2**127 - 1,),  # another one
}
"""Of 2**width - 1."""

REGISTERS = [PERTURBATION, ORDER, FRESH, *COST_NOISE, *UPDATE_NOISE, *DEFECTS]


def is_prime(n: int) -> bool:
    """Lucas and Lehmer's test of a Mersenne number; else Miller and Rabin's.

    Its bases decide for all n below 3.3e24.
    """
    if n > 7 and n & n + 1 == 0:
        s = 4
        for _ in range(n.bit_length() - 2):
            s = (s * s - 2) % n
        return s == 0
    bases = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
    if n in bases:
        return True
    halvings = (n - 1 & 1 - n).bit_length() - 1
    for base in bases:
        power = pow(base, n - 1 >> halvings, n)
        if power != 1 and n - 1 not in (pow(power, 1 << k, n) for k in range(halvings)):
            return False
    return True


@pytest.mark.parametrize("width", PRIME_FACTORS)
def test_the_factors_are_prime_and_all_of_them(width: int) -> None:
    assert math.prod(PRIME_FACTORS[width]) == 2**width - 1
    assert all(is_prime(factor) for factor in PRIME_FACTORS[width])


def test_the_test_of_primes_agrees_with_division() -> None:
    for n in range(2, 5000):
        assert is_prime(n) == all(n % k for k in range(2, math.isqrt(n) + 1))


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


@pytest.mark.parametrize("lfsr", REGISTERS)
def test_the_registers_are_maximal(lfsr: Lfsr) -> None:
    assert max(lfsr.taps) == lfsr.width
    assert is_maximal(lfsr)


@pytest.mark.parametrize(
    "wrong",
    [
        Lfsr(32, (32, 21, 2, 1)),
        Lfsr(32, (32, 22, 3, 1)),
        Lfsr(32, (32, 22, 2)),
        Lfsr(63, (63, 45, 44, 42, 41, 37, 36, 27)),
        Lfsr(63, (63, 45, 44, 42, 41, 37, 35, 28)),
        Lfsr(61, (61, 59, 56, 52, 43, 36, 35, 18)),
        Lfsr(62, (62, 52, 43, 37, 33, 29, 25, 22)),
        Lfsr(127, (127, 121, 89, 81)),
        Lfsr(127, (127, 121, 89)),
    ],
)
def test_a_wrong_tap_is_caught(wrong: Lfsr) -> None:
    assert not is_maximal(wrong)


@pytest.mark.parametrize("lfsr", [ORDER, FRESH])
def test_up_to_the_lowest_tap_a_drawn_bit_is_one_xor_of_the_state(lfsr: Lfsr) -> None:
    symbols = [1 << k for k in range(lfsr.width)]  # bit k of the state as a sum over GF(2)
    terms = []
    for _ in range(min(lfsr.taps) + 1):
        drawn = 0
        for tap in lfsr.taps:
            drawn ^= symbols[tap - 1]
        symbols = [drawn, *symbols[:-1]]
        terms.append(drawn.bit_count())
    count = len(lfsr.taps)
    assert terms == [count] * min(lfsr.taps) + [2 * count - 1]


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


@pytest.mark.parametrize("lfsr", [*REGISTERS, Lfsr(7, (7, 6))])
def test_no_seed_leads_to_the_state_zero(lfsr: Lfsr) -> None:
    assert seed_register(ZERO) == 0
    registers = [0, 1 << 31, *(seed_register(seed) for seed in seeds())]
    assert all(0 < lfsr.load(register) < 1 << lfsr.width for register in registers)


def test_fresh_bits_come_as_many_at_once_as_there_are_lanes() -> None:
    assert min(FRESH.taps) >= MOST_FRESH
    assert len(FRESH.taps) >= 4


def test_a_seed_is_loaded_and_its_complement_above() -> None:
    assert PERTURBATION.load(0x12345678) == 0x12345678
    assert ORDER.load(0x12345678) == 0xEDCBA987_12345678 & (1 << 63) - 1
    assert FRESH.load(0x12345678) == 0xEDCBA987_12345678_EDCBA987_12345678 & (1 << 127) - 1
    assert ORDER.load(0) == 0xFFFFFFFF_00000000 & (1 << 63) - 1
    assert PERTURBATION.load(0) == 1
    assert Lfsr(7, (7, 6)).load(1 << 7) == 1
