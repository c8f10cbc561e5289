"""The network of the model, against the float reference."""

from __future__ import annotations

import numpy as np
import pytest

from model.plant.network import Network
from model.reference import Reference
from spec import derive
from spec.activation import TABLED, Activation
from spec.config import Config
from tests.configs import perceptron

FINE = {"theta": "Q3.12", "weight_bits": 15, "activation_bits": 14, "cost_bits": 16}


def outputs(config: Config, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Evaluate all samples at a random θ: by the model, and in float."""
    theta = derive.theta(config)
    raw = rng.integers(theta.minimum, theta.maximum, (1, config.parameters), endpoint=True)
    x = np.array(config.data.x)
    found = (
        Network(derive.network(config)).evaluate(raw, x[None])[0]
        * 2.0**-config.formats.activation_bits
    )
    reference = Reference(config, rng)
    real = reference.forward(raw[0] * 2.0**-theta.fraction_bits, reference.x)[1][-1]
    return found, real


@pytest.mark.parametrize("inputs", ["bipolar", "unipolar", "fixed"])
@pytest.mark.parametrize("output", [kind for kind in Activation if kind not in TABLED])
@pytest.mark.parametrize("hidden", ["hard_tanh", "hard_sigmoid", "relu", "identity"])
def test_close_to_the_float_reference(hidden: str, output: Activation, inputs: str) -> None:
    """In fine formats; the functions that are continuous and have no table."""
    config = perceptron(
        *(3, 4, 2, 3), samples=8, hidden=hidden, output=output.value, inputs=inputs, **FINE
    )
    found, real = outputs(config, np.random.default_rng(1))
    # An LSB at each of three layers, grown by weights up to 4 on up to 4 inputs; PLAN's own step.
    bound = 2.0**-14 * (1 + 8 + 8 * 16) + (1 / 256 if output is Activation.PLAN else 0)
    assert np.abs(found - real).max() <= bound


def test_order_of_the_parameters() -> None:
    """Layer by layer, neuron by neuron, weights then bias."""
    config = perceptron(2, 2, 1, hidden="identity", output="identity", inputs="unipolar")
    one = 1 << derive.weight(config).fraction_bits
    bits = 8 - derive.weight(config).fraction_bits
    x = np.array([[[1, 0], [0, 1], [0, 0]]])
    for cell, expected in {
        0: [1, 0, 0],  # first neuron: w of x0, w of x1, bias
        1: [0, 1, 0],
        2: [1, 1, 1],
        3: [2, 0, 0],  # second neuron, whose weight in the output is 2
        5: [2, 2, 2],
        8: [64, 64, 64],  # the output's bias, in whole LSBs of a weight: 1.0
    }.items():
        weights = np.zeros((1, 9), dtype=np.int64)
        weights[0, [6, 7]] = one, 2 * one
        weights[0, cell] = 1 if cell < 8 else 64
        found = Network(derive.network(config)).evaluate(weights, x)[0, :, 0]
        assert found.tolist() == [value << bits for value in expected]
