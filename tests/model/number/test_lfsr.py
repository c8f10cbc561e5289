"""Linear feedback shift registers: the recurrence, and a period proved to be maximal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.number.lfsr import Lfsrs, WideLfsrs
from spec.lfsr import FRESH, ORDER, PERTURBATION, Lfsr

PRIMES = {7: (127,), 32: (3, 5, 17, 257, 65537), 63: (7, 73, 127, 337, 92737, 649657)}
"""Prime factors of 2**width - 1."""


def bits(spec: Lfsr, seed: int, count: int) -> list[int]:
    register = Lfsrs(spec, [seed])
    out = []
    for _ in range(count):
        out.append(int(register.bit()[0]))
        register.shift()
    return out


def apply(columns: list[int], state: int) -> int:
    """Multiply a matrix over GF(2), given by its columns, with a vector."""
    result = 0
    for k, column in enumerate(columns):
        if state >> k & 1:
            result ^= column
    return result


def power(columns: list[int], exponent: int) -> list[int]:
    """Raise a matrix over GF(2) to a power."""
    result = [1 << k for k in range(len(columns))]
    while exponent:
        if exponent & 1:
            result = [apply(columns, column) for column in result]
        columns = [apply(columns, column) for column in columns]
        exponent >>= 1
    return result


def is_maximal(spec: Lfsr) -> bool:
    """Whether all states but 0 are one cycle: the shift's order as a matrix is 2**width - 1."""
    register = Lfsrs(spec, range(spec.width))
    register.state = np.array([1 << k for k in range(spec.width)], dtype=np.uint64)
    register.shift()
    step = [int(state) for state in register.state]
    identity = [1 << k for k in range(spec.width)]
    order = 2**spec.width - 1
    return power(step, order) == identity and all(
        power(step, order // prime) != identity for prime in PRIMES[spec.width]
    )


@pytest.mark.parametrize("spec", [PERTURBATION, ORDER, Lfsr(7, (7, 6))])
def test_period_is_maximal(spec: Lfsr) -> None:
    assert is_maximal(spec)


@pytest.mark.parametrize("taps", [(32, 22, 2), (32, 21, 2, 1), (32, 22, 3, 1), (32, 16)])
def test_a_wrong_tap_would_be_seen(taps: tuple[int, ...]) -> None:
    assert not is_maximal(Lfsr(32, taps))


def test_small_period_by_counting() -> None:
    register = Lfsrs(Lfsr(7, (7, 6)), [5])
    states = []
    for _ in range(127):
        states.append(int(register.state[0]))
        register.shift()
    assert sorted(states) == list(range(1, 128))
    assert int(register.state[0]) == 5


@pytest.mark.parametrize("spec", [PERTURBATION, ORDER])
def test_output_obeys_the_polynomial(spec: Lfsr) -> None:
    out = bits(spec, 0x12345678, 500)
    for n in range(spec.width, 500):
        assert out[n] == sum(out[n - tap] for tap in spec.taps) % 2


@pytest.mark.parametrize("spec", [PERTURBATION, ORDER])
def test_first_bits_are_the_seed(spec: Lfsr) -> None:
    """Highest bit first; the complement first where there is room."""
    seed = 0x5A5A1234
    low = [seed >> k & 1 for k in reversed(range(32))]
    wanted = [*(1 - bit for bit in low), *low][-spec.width :]
    assert bits(spec, seed, spec.width) == wanted


def test_a_seed_without_a_bit_set_becomes_1() -> None:
    assert bits(PERTURBATION, 0, 32) == [0] * 31 + [1]


def test_runs_do_not_touch_each_other() -> None:
    seeds = [1, 99, 2**31 + 7]
    together = Lfsrs(PERTURBATION, seeds)
    together.shift(1000)
    for k, seed in enumerate(seeds):
        alone = Lfsrs(PERTURBATION, [seed])
        for _ in range(1000):
            alone.shift()
        np.testing.assert_array_equal(together.state[k], alone.state[0])


@given(st.lists(st.integers(0, 200), min_size=1, max_size=8), st.integers(0, 2**32 - 1))
def test_a_wide_register_gives_the_same_bits_however_many_at_once(
    counts: list[int], seed: int
) -> None:
    together, single = WideLfsrs(FRESH, [5, seed]), WideLfsrs(FRESH, [seed])
    found = np.concatenate([together.draw(count) for count in counts], axis=1)
    assert found[1].tolist() == [int(single.draw(1)[0, 0]) for _ in range(sum(counts))]


def test_a_wide_register_obeys_the_polynomial() -> None:
    seed = 0x5A5A1234
    out = WideLfsrs(FRESH, [seed]).draw(2000)[0].tolist()
    first = [FRESH.load(seed) >> k & 1 for k in reversed(range(FRESH.width))]
    assert out[: FRESH.width] == first
    for n in range(FRESH.width, 2000):
        assert out[n] == sum(out[n - tap] for tap in FRESH.taps) % 2
