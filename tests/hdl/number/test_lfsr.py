"""The LFSR leaps as the model's shifts, one step at a time."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from hdl.number.lfsr import LfsrRegister
from model.number.lfsr import Lfsrs, WideLfsrs
from spec.lfsr import FRESH, ORDER, PERTURBATION, Lfsr
from tests.hdl.helpers import Row, stream

SMALL = Lfsr(7, (7, 6))


def test_comes_out_of_reset_running() -> None:
    """A state of zeros would stay for ever."""
    states = stream(LfsrRegister(SMALL), [{"shift": 1}] * 4, ["state"])
    assert [row["state"] for row in states] == [1, 2, 4, 8]


@settings(max_examples=60)
@given(
    spec_leap=st.one_of(
        *(
            st.tuples(st.just(spec), st.integers(0, min(spec.taps)))
            for spec in (SMALL, ORDER, PERTURBATION)
        )
    ),
    strobes=st.lists(
        st.tuples(
            st.integers(0, 9), st.booleans(), st.sampled_from([0, 1, 1 << 31]) | st.integers(2, 9)
        ),
        min_size=20,
        max_size=60,
    ),
)
def test_any_strobes(spec_leap: tuple[Lfsr, int], strobes: list[tuple[int, bool, int]]) -> None:
    """Load wins over shift; no seed loads the state 0; without a strobe it holds."""
    spec, leap = spec_leap
    golden = Lfsrs(spec, [0])
    golden.state[:] = 1
    rows: list[Row] = []
    expected = []
    for load, shift, seed in strobes:
        rows.append({"load": load == 0, "shift": shift, "seed": seed})
        expected.append({"state": int(golden.state[0])})
        if load == 0:
            golden = Lfsrs(spec, [seed])
        elif shift:
            golden.shift(leap)
    assert stream(LfsrRegister(spec, leap), rows, ["state"]) == expected


@pytest.mark.parametrize(("spec", "leap"), [(PERTURBATION, 2), (ORDER, 29), (ORDER, -1)])
def test_a_leap_beyond_the_lowest_tap_is_refused(spec: Lfsr, leap: int) -> None:
    """Its new bits would depend on each other."""
    with pytest.raises(ValueError, match=f"must be from 0 to {min(spec.taps)}"):
        LfsrRegister(spec, leap)


@pytest.mark.parametrize("leaps", [(1,), (16,), (64,), (16, 3, 10)])
def test_a_register_wider_than_two_seeds(leaps: tuple[int, ...]) -> None:
    """Each strobe has a leap of its own."""
    golden, seed = WideLfsrs(FRESH, [77]), 77
    order = [k % len(leaps) for k in range(9)]
    rows: list[Row] = [{"load": 1, "shift": 0, "seed": seed}]
    expected = [{"state": 1}]
    for k in order:
        rows.append({"load": 0, "shift": 1 << k})
        low, high = golden.state[0].tolist()
        expected.append({"state": low | high << 64})
        golden.draw(leaps[k])
    assert stream(LfsrRegister(FRESH, *leaps), rows, ["state"]) == expected
