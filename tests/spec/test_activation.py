"""Tables and segments follow their functions as closely as their words allow."""

import itertools
import math

import pytest

from spec.activation import MAX_TABLE_ENTRIES, TABLED, Activation, plan_segments, table

FUNCTIONS = {Activation.SIGMOID: lambda z: 1 / (1 + math.exp(-z)), Activation.TANH: math.tanh}
ENDS = {Activation.SIGMOID: 8, Activation.TANH: 4}
FRACTION_BITS = range(3, 15)


@pytest.mark.parametrize("kind", TABLED)
@pytest.mark.parametrize("fraction_bits", FRACTION_BITS)
@pytest.mark.parametrize("amplitude", range(-9, 3))
def test_table_is_within_half_an_lsb_at_its_bins(
    kind: Activation, fraction_bits: int, amplitude: int
) -> None:
    made = table(kind, fraction_bits, amplitude)
    lsb = 2.0**-fraction_bits
    bin_width = 2**made.shift * lsb
    assert len(made.values) * bin_width == ENDS[kind]
    assert bin_width == lsb or bin_width <= 2 * 2.0**amplitude  # else a perturbation goes unseen
    for k, value in enumerate(made.values):
        assert abs(value * lsb - FUNCTIONS[kind](k * bin_width)) <= lsb / 2
    assert list(made.values) == sorted(made.values)
    last = made.values[-1] * lsb  # stands for everything beyond
    assert 0 <= 1 - last <= lsb / 2 + 1e-3


@pytest.mark.parametrize("kind", TABLED)
def test_finest_table_fills_the_memory(kind: Activation) -> None:
    finest = {Activation.SIGMOID: -9, Activation.TANH: -10}[kind]
    assert len(table(kind, 14, finest).values) == MAX_TABLE_ENTRIES


def plan(z: int, fraction_bits: int) -> int:
    """Evaluate the segments at z ≥ 0, as they are documented."""
    for segment in plan_segments(fraction_bits):
        if z < segment.limit:
            return (z >> segment.shift) + segment.offset
    return 1 << fraction_bits


@pytest.mark.parametrize("fraction_bits", FRACTION_BITS)
def test_plan_rises_from_half_to_one_but_for_its_published_step(fraction_bits: int) -> None:
    one = 1 << fraction_bits
    values = [plan(z, fraction_bits) for z in range(6 * one)]
    assert values[0] == one // 2
    assert values[5 * one :] == [one] * one
    limits = [segment.limit for segment in plan_segments(fraction_bits)]
    for z, (value, following) in enumerate(itertools.pairwise(values), start=1):
        # PLAN's lines meet at 1 and 5; at 2.375 they step down by 1/256.
        step = one / 256 if z == limits[1] else 0
        lowest = -math.ceil(step) if z in limits else 0
        assert lowest <= following - value <= 1


@pytest.mark.parametrize("fraction_bits", FRACTION_BITS)
def test_plan_is_a_sigmoid(fraction_bits: int) -> None:
    one = 1 << fraction_bits
    worst = max(
        abs(plan(z, fraction_bits) / one - FUNCTIONS[Activation.SIGMOID](z / one))
        for z in range(8 * one)
    )
    assert worst <= 0.0190 + 2 / one  # published: 1.89 %; truncation loses up to 2 LSBs


@pytest.mark.parametrize("kind", Activation)
def test_range(kind: Activation) -> None:
    low, high = {
        Activation.HARD_TANH: (-1, 1),
        Activation.TANH: (-1, 1),
        Activation.RELU: (0, 8 - 2**-8),
        Activation.IDENTITY: (-8, 8 - 2**-8),
    }.get(kind, (0, 1))
    assert kind.range(8) == (low * 256, high * 256)
