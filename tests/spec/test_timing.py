"""The clock budget adds up; simulation holds it against the gateware elsewhere."""

from collections.abc import Callable

import pytest

from spec import derive
from spec.activation import TABLED, Activation
from spec.config import Config
from spec.plant import ActivationSpec
from spec.timing import Timing

Build = Callable[..., Config]


def test_budget_of_xor(xor: Build) -> None:
    timing = Timing.of(xor())
    # 2-2-1: weights and products 2, an adder tree over 3 products 1, hard tanh 1 or PLAN 2
    assert timing.layers == (4, 5)
    assert [timing.offset(layer) for layer in (0, 1)] == [0, 4]
    assert (timing.network, timing.cost, timing.bus) == (9, 3, 3)
    assert (timing.evaluation, timing.loop) == (12, 15)
    assert (timing.step(), timing.step(baseline=False)) == (19, 18)
    assert timing.check == 4 + 12 + 2
    # one clear, then 5 bits: 9 shifts, one accumulation and one update each
    assert timing.initialisation == 1 + 5 * (9 + 2)


def test_steps_of_each_loop(xor: Build) -> None:
    """The analog loop never has a baseline evaluation, the antithetic estimator always two."""
    analog = Timing.of(xor(training={"loop": "analog", "tau_x": 3, "perturbation": "fm"}))
    opposite = Timing.of(xor(training={"estimator": "antithetic"}))
    assert [t.step(baseline=b) for t in (analog, opposite) for b in (True, False)] == [
        *(18, 18, 19, 19)
    ]


def test_a_fresh_word_takes_a_clock_a_cell(xor: Build) -> None:
    """Random codes in the analog loop only, where a perturbation is due."""
    fresh = Timing.of(xor(training={"loop": "analog", "tau_x": 2}))
    assert (fresh.shifts, Timing.of(xor()).shifts) == (9, 1)
    assert [fresh.step(perturb=due) for due in (True, False)] == [18 + 8, 18]


def test_defects_delay_every_layer(xor: Build) -> None:
    assert Timing.of(xor(hardware={"defects": 0.1})).layers == (4 + 4, 5 + 4)


@pytest.mark.parametrize("kind", Activation)
def test_the_activation_counts_in_each_layer(xor: Build, kind: Activation) -> None:
    network = {"layers": [2, 4, 3, 1], "hidden": kind.value, "output": kind.value}
    timing = Timing.of(xor(network=network, formats={"theta": "Q2.6"}))
    trees = (1, 2, 1)  # over 3, 5 and 4 products
    latency = ActivationSpec(kind, 8, -3).latency
    assert timing.layers == tuple(2 + tree + latency for tree in trees)
    assert timing.network == sum(timing.layers)
    expected = 3 if kind in TABLED else 2 if kind is Activation.PLAN else 1
    assert latency == expected


@pytest.mark.parametrize("bus_bits", [2, 4, 6, 8])
def test_initial_theta_is_built_from_amounts_the_bus_carries(xor: Build, bus_bits: int) -> None:
    config = xor(formats={"bus_bits": bus_bits, "theta": "Q2.10"}, training={"eta": -6})
    bursts, highest = Timing.of(config).init_bursts, derive.bus(config).maximum
    assert len(bursts) == derive.init_bits(config) == 9
    for bit, updates in enumerate(bursts):
        amount = 2**bit / updates
        assert amount == int(amount) <= highest
        assert updates == 1 or 2 * amount > highest  # no more updates than needed
