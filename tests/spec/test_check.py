"""Each check across keys, at both sides of its limit."""

from collections.abc import Callable
from typing import Any

import pytest

from spec.config import Config

Tables = dict[str, dict[str, Any]]


def formats(**values: Any) -> Tables:
    return {"formats": values}


def training(**values: Any) -> Tables:
    return {"training": values}


def layers(*sizes: int) -> Tables:
    return {"network": {"layers": list(sizes)}}


PARITY3 = {"task": {"name": "parity", "bits": 3}}
FINE = {"theta": "Q2.14", "weight_bits": 16}  # Δθ down to 2**-14
COARSE = {"theta": "Q2.6", "weight_bits": 4}  # the multiplier's LSB is 2**-2
SIGMOID = {"network": {"output": "sigmoid"}, "formats": {**FINE, "activation_bits": 12}}
TANH = {"network": {"hidden": "tanh"}, "formats": {**FINE, "activation_bits": 12}}

CASES = [  # (allowed, refused, the refusal's beginning, what it says is allowed)
    (layers(2, 1), layers(2), "network.layers = [2]", "at least one layer of neurons"),
    (layers(2, 1), layers(), "network.layers = []", "at least one layer of neurons"),
    (layers(2, 5, 1), layers(3, 5, 1), "network.layers = [3, 5, 1]", "start with 2 and end with 1"),
    (layers(2, 5, 1), layers(2, 5, 2), "network.layers = [2, 5, 2]", "targets of task 'xor'"),
    (
        *(PARITY3 | layers(3, 1), PARITY3 | layers(2, 1)),
        *("network.layers = [2, 1]", "start with 3 and end with 1"),
    ),
    (
        *({**formats(theta="Q1.1"), **training(amplitude=-1, init=0)}, formats(theta="Q1.0")),
        *("formats.theta = 'Q1.0'", "2 to 24 bits in all"),
    ),
    (
        *({**formats(theta="Q2.22"), **training(eta=-16)}, formats(theta="Q2.23")),
        *("formats.theta = 'Q2.23'", "2 to 24 bits in all"),
    ),
    (
        *({**formats(theta="Q1.7"), **training(amplitude=-3)}, formats(theta="Q0.8")),
        *("formats.theta = 'Q0.8'", "at least 1 integer bit"),
    ),
    (
        *({**formats(theta="Q3.5", weight_bits=3), **training(amplitude=0, eta=0)},),
        *(formats(theta="Q3.5", weight_bits=2), "formats.weight_bits = 2", "from 3 (θ's integer"),
    ),
    (
        *({**formats(theta="Q1.7", weight_bits=2), **training(amplitude=-1)},),
        *(formats(theta="Q1.7", weight_bits=1), "formats.weight_bits = 1", "from 2 (θ's integer"),
    ),
    (
        *(formats(weight_bits=8), formats(weight_bits=9)),
        *("formats.weight_bits = 9", "to 8 (all of θ)"),
    ),
    (
        *(formats(bus_bits=12, gradient_bits=12), formats(bus_bits=13, gradient_bits=12)),
        *("formats.bus_bits = 13", "must not exceed formats.gradient_bits = 12"),
    ),
    (
        *({**formats(activation_bits=8, cost_bits=16)}, formats(activation_bits=8, cost_bits=17)),
        *("formats.cost_bits = 17", "must not exceed twice formats.activation_bits = 16"),
    ),
    (
        *({**formats(**COARSE), **training(amplitude=-2)},),
        *({**formats(**COARSE), **training(amplitude=-3)},),
        *("training.amplitude = -3", "from -2 (the multiplier's LSB, from formats.weight_bits)"),
    ),
    (
        *(training(amplitude=0), training(amplitude=1)),
        *("training.amplitude = 1", "to 0 (half of θ's range)"),
    ),
    (training(eta=3), training(eta=4), "training.eta = 4", "from -12 to 3 with this amplitude"),
    (training(eta=-12), training(eta=-13), "training.eta = -13", "from -12 to 3"),
    (training(init=1), training(init=2), "training.init = 2", "from -5 to 1"),
    (training(init=-5), training(init=-6), "training.init = -6", "from -5 to 1"),
    (
        *(training(solved_accuracy=0.0), training(solved_accuracy=-0.01)),
        *("training.solved_accuracy = -0.01", "from 0 to 1"),
    ),
    (
        *({**SIGMOID, **training(amplitude=-9, eta=-14)},),
        *({**SIGMOID, **training(amplitude=-10, eta=-14)},),
        *("training.amplitude = -10", "sigmoid table would need 8192 entries, at most 4096"),
    ),
    (
        *({**TANH, **training(amplitude=-10, eta=-14)},),
        *({**TANH, **training(amplitude=-11, eta=-14)},),
        *("training.amplitude = -11", "tanh table would need 8192 entries, at most 4096"),
    ),
]


@pytest.mark.parametrize(("allowed", "refused", "beginning", "says"), CASES)
def test_both_sides_of_a_limit(
    xor: Callable[..., Config],
    refusal: Callable[..., str],
    allowed: Tables,
    refused: Tables,
    beginning: str,
    says: str,
) -> None:
    xor(**allowed)
    text = refusal(xor, **refused)
    assert text.startswith(beginning)
    assert says in text
