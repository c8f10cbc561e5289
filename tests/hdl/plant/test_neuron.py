"""A neuron computes what the model's neurons do, one evaluation a clock."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings

from hdl.number.fixed import Shape
from hdl.plant.layer.neuron import Neuron
from model.plant.neuron import neurons
from spec.config import Config
from spec.tasks import Inputs
from spec.training import Perturbation
from tests.configs import configs, perceptron
from tests.hdl.cells import QUIET, Cells, random_bus, random_noise
from tests.hdl.helpers import Row, stream


def check(config: Config, layer: int, neuron: int = 0, clocks: int = 150) -> None:
    """Strobes and evaluations at random in every clock; each sees the strobes before it."""
    unit = Neuron(config, layer, neuron)
    shape = unit.x_shape
    low, high = 0, 1
    if layer:
        low, high = config.range_of(layer - 1)
    elif isinstance(shape, Shape):
        low, high = shape.min_raw, shape.max_raw
    fraction = shape.f_bits if isinstance(shape, Shape) else 0
    bipolar = layer == 0 and config.task.inputs is Inputs.BIPOLAR

    rng = random.Random(1)
    rows: list[Row] = []
    for _ in range(clocks):
        x = [rng.choice([low, high, rng.randint(low, high)]) for _ in range(unit.fan_in - 1)]
        row: Row = {"bus": random_bus(config, rng), "x": x}
        row |= {name: rng.randint(0, 1) for name in ("perturbed", "opposite", "chain_i")}
        if config.update_noise:
            row["noise_i"] = random_noise(config, rng)
        rows.append(row)
    rows[0] |= {"bus": rows[0]["bus"] | QUIET, "perturbed": 1}  # inputs for the first share
    outputs = stream(unit, [*rows, *[{}] * unit.latency], ["a", "chain_o", "cells"])

    first = config.first_cell(layer, neuron)
    golden = Cells(config, slice(first, first + unit.fan_in))
    one = 1 << config.formats.activation_bits
    for row, now, later in zip(rows, outputs, outputs[unit.latency :], strict=False):
        x = 2 * np.array(row["x"]) - 1 if bipolar else np.array(row["x"])
        expected = neurons(
            golden.weights(row["perturbed"] * (1 - 2 * row["opposite"]))[:, None, :],
            x[None, None, :],
            fraction,
            layer,
            config,
        )
        assert later["a"] == expected.item()
        assert now["chain_o"] == golden.chain_o
        assert [cell["theta"] for cell in now["cells"]] == golden.theta.tolist()
        assert [cell["G"] for cell in now["cells"]] == golden.G.tolist()
        golden.clock(row["bus"], row["chain_i"], row.get("noise_i", 0))
        if row["perturbed"]:
            golden.inputs[0, golden.part] = [*(x if fraction else x * one), one]


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


@pytest.mark.parametrize("inputs", ["bipolar", "unipolar", "fixed"])
@pytest.mark.parametrize(
    "keys", [{}, {"update_noise": 0.25}, {"estimator": "node"}], ids=["plain", "noise", "node"]
)
@pytest.mark.parametrize("kind", [kind.value for kind in Perturbation])
def test_any_optimiser(kind: str, keys: dict[str, Any], inputs: str) -> None:
    """Not the first neuron of its layer, so that the numbers of its cells count."""
    given = {"theta": "Q2.8", "weight_bits": 10, "perturbation": kind, "inputs": inputs} | keys
    config = perceptron(2, 3, 2, **given)
    check(config, 0, 2)
    check(config, 1, 1)
