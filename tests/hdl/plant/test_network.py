"""The network is a pipeline: an evaluation in every clock, with weights of its own."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from hypothesis import example, given, settings

from hdl.plant.network import Network
from model.plant.network import Network as Golden
from spec import derive
from spec.config import Config
from spec.tasks import Inputs
from tests.configs import perceptron, xor
from tests.hdl import tags
from tests.hdl.helpers import Row, stream
from tests.strategies import networks


def random_x(config: Config, rng: random.Random) -> list[int]:
    """Draw inputs over their whole range."""
    one = 1 << config.formats.activation_bits
    low, high = (0, 1) if config.task.inputs.binary else (-2 * one, 2 * one - 1)
    return [rng.choice([low, high, rng.randint(low, high)]) for _ in range(config.data.inputs)]


def late_weights(config: Config, given: list[list[int]]) -> list[dict[str, Any]]:
    """Return the weights of each clock: those of a layer as late as evaluations reach it."""
    offsets = derive.network(config).offsets
    rows: list[dict[str, Any]] = [{} for _ in range(len(given) + offsets[-1] + 1)]
    neuron = start = 0
    for offset, (neurons, fan_in) in zip(offsets, config.layer_shapes, strict=True):
        for _ in range(neurons):
            for clock, weights in enumerate(given):
                rows[clock + offset + 1][f"block_{neuron}"] = weights[start : start + fan_in]
            neuron, start = neuron + 1, start + fan_in
    return rows


@settings(max_examples=25)
@given(config=networks(max_width=5))
@example(config=xor())
@example(config=perceptron(9, 1, inputs="unipolar", output="relu"))
@example(config=perceptron(1, 1, inputs="fixed", output="identity", theta="Q1.7", amplitude=-2))
@example(config=perceptron(2, 3, 1, hidden="identity", output="relu"))
@example(config=perceptron(4, 5, 2, inputs="fixed", hidden="relu", output="identity"))
def test_any_weights_in_every_clock(config: Config) -> None:
    """Weights, inputs and tags at random, often at their extremes."""
    spec, rng = derive.network(config), random.Random(1)
    network, golden = Network(spec), Golden(spec)
    weight = derive.multiplied(config)
    ends = (weight.minimum, weight.maximum)
    given = [
        [rng.choice([*ends, rng.randint(*ends)]) for _ in range(config.parameters)]
        for _ in range(60)
    ]
    late = late_weights(config, given)
    rows: list[Row] = [
        {"x": random_x(config, rng), "tag": rng.choice(tags.kinds(config)), "weights": late[k]}
        for k in range(len(given))
    ]
    rows += [{"weights": weights} for weights in late[len(given) :]]
    rows += [{}] * (network.latency + len(given) - len(rows))
    found = stream(network, rows, ["y", "tag_o"])[network.latency :]
    for row, weights, seen in zip(rows, given, found, strict=False):
        x = np.array(row["x"])
        if config.task.inputs is Inputs.BIPOLAR:
            x = 2 * x - 1
        layers = golden.activations(np.array([weights]), x[None, None, :])
        assert seen == {"y": layers[-1][0, 0].tolist(), "tag_o": row["tag"]}
