"""A check: every sample's cost, and whether its class was found."""

from __future__ import annotations

import numpy as np

from model.held_out import held_out_accuracy
from model.plant.cost import cost_of
from model.plant.network import Network
from model.plant.plant import Plant
from spec import derive
from spec.config import Config
from tests.configs import perceptron, xor


def constant_outputs(config: Config, biases: list[int]) -> np.ndarray:
    """Return weights with which the outputs are the biases, whatever the input."""
    weights = np.zeros((1, config.parameters), dtype=np.int64)
    _, fan_in = config.layer_shapes[0]
    weights[0, fan_in - 1 :: fan_in] = biases
    return weights


def plant(config: Config) -> Plant:
    return Plant(derive.network(config), derive.cost(config), derive.samples(config), [1])


def run(config: Config, weights: np.ndarray) -> tuple[list[bool], list[int]]:
    score = plant(config).check(weights)
    return score.hits[0].tolist(), score.costs[0].tolist()


def test_one_output_is_right_above_a_half() -> None:
    """Exactly 1/2 is not above it."""
    config = perceptron(1, 1, samples=8, output="identity", binary_targets=True)
    half = 1 << derive.weight(config).fraction_bits >> 1
    for bias, found in ((half - 1, 0), (half, 0), (half + 1, 1)):
        hits, _ = run(config, constant_outputs(config, [bias]))
        assert hits == [label == found for label in config.data.classes]
    assert set(config.data.classes) == {0, 1}


def test_of_several_outputs_the_first_largest_counts() -> None:
    config = perceptron(1, 4, samples=30, output="identity")
    assert set(config.data.classes) == {0, 1, 2, 3}
    for biases, found in (
        ([5, 5, 5, 5], 0),
        ([4, 5, 5, 5], 1),
        ([4, 5, 4, 6], 3),
        ([-9, -8, -7, -7], 2),
    ):
        hits, _ = run(config, constant_outputs(config, biases))
        assert hits == [label == found for label in config.data.classes]


def test_costs_and_sums_of_many_runs() -> None:
    config = xor()
    rng = np.random.default_rng(1)
    weights = rng.integers(-64, 64, (20, 9))
    x, t = np.array(config.data.x), np.array(config.data.t)
    network, cost = Network(derive.network(config)), derive.cost(config)
    score = plant(config).check(weights)
    assert score.costs.shape == score.hits.shape == (20, 4)
    for run in range(20):
        for sample in range(4):
            y = network.evaluate(weights[run : run + 1], x[None, sample : sample + 1])[0, 0]
            assert score.costs[run, sample] == cost_of(cost, y, t[sample])
            assert score.hits[run, sample] == ((y[0] > 128) == config.data.classes[sample])
        assert score.cost_sum[run] == sum(score.costs[run])
        assert score.correct[run] == sum(score.hits[run])


def test_held_out_accuracy() -> None:
    task = {"name": "nist7x7", "inputs": "unipolar"}
    formats = {"theta": "Q4.8", "weight_bits": 8}
    config = Config.from_dict({"task": task, "network": {"layers": [49, 4]}, "formats": formats})
    assert config.held_out is not None
    x, t = np.array(config.held_out.x), np.array(config.held_out.t)
    network, rng = Network(derive.network(config)), np.random.default_rng(3)
    for _ in range(5):
        theta = rng.integers(-(1 << 11), 1 << 11, config.parameters)
        y = network.evaluate(theta[None] >> 4, x[None])[0]  # the multiplier sees 8 of 12 bits
        correct = np.mean(y.argmax(axis=1) == t.argmax(axis=1))
        assert held_out_accuracy(theta, config) == correct
    assert held_out_accuracy(np.zeros(9, dtype=np.int64), xor()) is None
