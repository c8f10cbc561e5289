"""Every polynomial of a random source is primitive: its register runs through all states but 0."""

from __future__ import annotations

import dataclasses
import math

import pytest

from spec import code, lfsr, noise
from spec.lfsr import Lfsr
from tests.spec.test_lfsr import is_maximal as is_maximal_by_table
from tests.spec.test_lfsr import power_of_x

SOURCES = {
    f"{module.__name__}.{name}": value
    for module in (lfsr, noise)
    for name, value in vars(module).items()
    if isinstance(value, Lfsr)
} | {f"spec.code.TAPS[{width}]": Lfsr(width, taps) for width, taps in code.TAPS.items()}

WITNESSES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
"""Miller and Rabin's test with these decides for all numbers below 3·10^24."""


def is_prime(n: int) -> bool:
    if n in WITNESSES or n < 2 or any(n % p == 0 for p in WITNESSES):
        return n in WITNESSES
    twos = (n - 1 & 1 - n).bit_length() - 1
    return all(
        pow(a, n - 1 >> twos, n) == 1
        or any(pow(a, n - 1 >> k, n) == n - 1 for k in range(1, twos + 1))
        for a in WITNESSES
    )


def prime_factors(n: int) -> set[int]:
    """Factor by Pollard's rho."""
    if n == 1:
        return set()
    if is_prime(n):
        return {n}
    for c in range(1, n):
        slow = fast = 2
        found = 1
        while found == 1:
            slow = (slow * slow + c) % n
            fast = (fast * fast + c) % n
            fast = (fast * fast + c) % n
            found = math.gcd(slow - fast, n)
        if found != n:
            return prime_factors(found) | prime_factors(n // found)
    raise AssertionError(n)


def is_primitive(source: Lfsr) -> bool:
    """Whether the order of x is 2**n - 1: it divides that, but no quotient by a prime factor."""
    polynomial, period = sum(1 << tap for tap in source.taps) | 1, 2**source.width - 1
    return (
        max(source.taps) == source.width
        and power_of_x(period, polynomial) == 1
        and all(power_of_x(period // p, polynomial) != 1 for p in prime_factors(period))
    )


def test_factors() -> None:
    assert prime_factors(2**41 - 1) == {13367, 164511353}
    assert prime_factors(2**47 - 1) == {2351, 4513, 13264529}
    assert [n for n in range(200) if is_prime(n)] == [
        n for n in range(2, 200) if all(n % k for k in range(2, n))
    ]
    for n in range(1, 64):
        factors, rest = prime_factors(2**n - 1), 2**n - 1
        for p in factors:
            while rest % p == 0:
                rest //= p
        assert rest == 1


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_is_primitive(name: str) -> None:
    assert is_primitive(SOURCES[name])


def test_all_sources_are_looked_at() -> None:
    known = {"PERTURBATION", "ORDER", "COST_NOISE", "UPDATE_NOISE", "DEFECTS"}
    assert known <= {name.rsplit(".", 1)[1] for name in SOURCES}


@pytest.mark.parametrize("taps", [(41, 37), (41, 39), (41, 40, 38), (40, 38)])
def test_a_wrong_tap_of_cost_noise_is_caught(taps: tuple[int, ...]) -> None:
    assert is_primitive(Lfsr(41, (41, 38)))
    assert not is_primitive(Lfsr(41, taps))


def test_agrees_with_the_proof_of_small_registers() -> None:
    for middle in range(1 << 6):
        source = Lfsr(7, (7, *(k + 1 for k in range(6) if middle >> k & 1)))
        assert is_primitive(source) == is_maximal_by_table(source)
        assert not is_primitive(dataclasses.replace(source, width=8))
