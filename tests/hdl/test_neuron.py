"""A neuron computes what the model's neurons do, one evaluation a clock."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import example, given, settings

from hdl.fixed import Shape
from hdl.neuron import Neuron
from model.neuron import neurons
from spec.config import Config
from spec.tasks import Inputs
from tests.configs import configs, perceptron
from tests.hdl.cells import Cells, random_bus
from tests.hdl.helpers import Row, stream


def check(config: Config, layer: int, clocks: int = 150) -> None:
    """Strobes and evaluations at random in every clock; each sees the strobes before it."""
    neuron = Neuron(config, layer)
    shape = neuron.x_shape
    low, high = 0, 1
    if layer:
        low, high = config.activation_of(layer - 1).range(config.formats.activation_bits)
    elif isinstance(shape, Shape):
        low, high = shape.min_raw, shape.max_raw
    fraction = shape.f_bits if isinstance(shape, Shape) else 0
    bipolar = layer == 0 and config.task.inputs is Inputs.BIPOLAR

    rng = random.Random(1)
    rows: list[Row] = [
        {
            "bus": random_bus(config, rng),
            "perturbed": rng.randint(0, 1),
            "opposite": rng.randint(0, 1),
            "chain_i": rng.randint(0, 1),
            "x": [
                rng.choice([low, high, rng.randint(low, high)]) for _ in range(neuron.fan_in - 1)
            ],
        }
        for _ in range(clocks)
    ]
    outputs = stream(neuron, [*rows, *[{}] * neuron.latency], ["a", "chain_o"])

    golden = Cells(config, neuron.fan_in)
    for row, now, later in zip(rows, outputs, outputs[neuron.latency :], strict=False):
        x = 2 * np.array(row["x"]) - 1 if bipolar else np.array(row["x"])
        expected = neurons(
            golden.weights(row["perturbed"] * (1 - 2 * row["opposite"]))[:, None, :],
            x[None, None, :],
            fraction,
            config.activation_of(layer),
            config,
        )
        assert later["a"] == expected.item()
        assert now["chain_o"] == golden.line[0, -1]
        golden.clock(row["bus"], row["chain_i"])


@settings(deadline=None, max_examples=15)
@given(config=configs(max_layers=1, max_width=6))
@example(config=perceptron(9, 1, inputs="unipolar", output="relu"))
@example(config=perceptron(1, 1, inputs="fixed", output="identity", theta="Q1.7", amplitude=-2))
def test_first_layer(config: Config) -> None:
    """Inputs of one bit, or fixed point."""
    check(config, 0)


@settings(deadline=None, max_examples=15)
@given(config=configs(max_layers=2, max_width=6).filter(lambda c: len(c.layer_shapes) == 2))
@example(config=perceptron(2, 8, 1, hidden="relu", output="identity"))
@example(config=perceptron(2, 3, 1, hidden="identity", output="relu"))
def test_later_layers(config: Config) -> None:
    """Inputs are the activations of the layer before, over their whole range."""
    check(config, 1)
