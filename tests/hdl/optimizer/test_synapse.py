"""A synapse cell does what the model's cells do, under any strobes."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hdl.optimizer.synapse import SynapseCell
from model.number.fixed import fit, shift_right
from spec.config import Config
from spec.numbers import Rounding
from spec.training import Perturbation
from tests.configs import configs, perceptron
from tests.hdl.cells import QUIET, Cells, random_bus, random_noise
from tests.hdl.helpers import Row, stream

KINDS = [kind.value for kind in Perturbation]
FINE = {"theta": "Q2.8", "amplitude": -2, "weight_bits": 10}


def check(config: Config, number: int, clocks: int = 200) -> None:
    """State and weight in every clock, of the cell of a number; a bias cell if it is the last."""
    rng = random.Random(1)
    rows: list[Row] = []
    for _ in range(clocks):
        row: Row = {"bus": random_bus(config, rng)}
        row |= {name: rng.randint(0, 1) for name in ("perturbed", "opposite", "chain_i")}
        if config.update_noise:
            row["noise_i"] = random_noise(config, rng)
        rows.append(row)
    golden = Cells(config, slice(number, number + 1))
    golden.inputs += 1 << config.formats.activation_bits
    cell, weight = SynapseCell(config, int(golden.number[number])), 0
    outputs = stream(cell, rows, ["state", "weight", "chain_o"])
    for row, found in zip(rows, outputs, strict=True):
        theta, G, held = (int(value[0]) for value in (golden.theta, golden.G, golden.line))
        state = {"theta": theta, "G": G, "perturbation": held}
        assert found == {"state": [state], "weight": weight, "chain_o": golden.chain_o}
        weight = int(golden.weights(row["perturbed"] * (1 - 2 * row["opposite"]))[0, 0])
        golden.clock(row["bus"], row["chain_i"], row.get("noise_i", 0))


@settings(deadline=None, max_examples=30)
@given(config=configs(max_layers=1, max_width=1))
@example(config=perceptron(1, 1, theta="Q1.1", weight_bits=2, amplitude=-1, eta=-2, init=0))
@example(config=perceptron(1, 1, theta="Q8.16", weight_bits=24, amplitude=-16, eta=-24))
def test_any_strobes(config: Config) -> None:
    """In any format."""
    check(config, 0)


@pytest.mark.parametrize("noise", [0.0, 0.25])
@pytest.mark.parametrize(
    "keys",
    [{}, {"momentum": 3}, {"loop": "analog", "tau_theta": 8, "tau_x": 2}, {"estimator": "node"}],
    ids=["plain", "momentum", "analog", "node"],
)
@pytest.mark.parametrize("kind", KINDS)
def test_any_optimiser(kind: str, keys: dict[str, Any], noise: float) -> None:
    """With and without noise; the last cell is a bias cell, as node perturbation needs it."""
    config = perceptron(2, 2, perturbation=kind, update_noise=noise, **FINE, **keys)
    check(config, config.parameters - 1, 400)


@settings(deadline=None, max_examples=20)
@given(st.sampled_from(KINDS), st.booleans(), st.integers(3, 10))
def test_another_cell_of_node_perturbation(kind: str, binary: bool, fraction: int) -> None:
    """It corrects itself by its neuron's share, times its input; and never perturbs itself."""
    config = perceptron(
        *(1, 1), estimator="node", perturbation=kind, activation_bits=fraction, cost_bits=6,
        inputs="bipolar" if binary else "fixed", **FINE,
    )  # fmt: skip
    cell: Any = SynapseCell(config, 0, 1 if binary else None)
    if not binary:
        from hdl import layouts

        cell = SynapseCell(config, 0, layouts.sample_input(config))
    rng = random.Random(2)
    top = 1 if binary else 2 << fraction
    largest = 2 * config.bus.maximum
    rows: list[Row] = [
        {
            "bus": QUIET | {"accumulate": 1, "u": 0},
            "share_i": rng.randint(-largest, largest),
            "x": rng.randint(0, 1) if binary else rng.randint(-top, top - 1),
            "perturbed": 1,
        }
        for _ in range(200)
    ]
    G = 0
    for row, found in zip(rows, stream(cell, rows, ["state", "weight"]), strict=True):
        assert (found["state"][0]["G"], found["weight"]) == (G, 0)
        x = np.array((2 * row["x"] - 1) << fraction if binary else row["x"])
        share = shift_right(row["share_i"] * x, fraction, Rounding.NEAREST_EVEN)
        G = int(fit(G + share, config.gradient))


def test_saturates_and_never_wraps() -> None:
    """Pushed one way for long, θ and G stay at the end of their ranges."""
    config = perceptron(1, 1, gradient_bits=9)
    theta, gradient, u = config.theta, config.gradient, config.bus.maximum
    ends = ((0, gradient.minimum, theta.maximum), (1, gradient.maximum, theta.minimum))
    for bit, most_G, most_theta in ends:
        rows: list[Row] = [{"chain_i": bit, "bus": {"perturb": 1}}]
        rows += [{"bus": {"u": u, "perturb": 0, "accumulate": 1}}] + [{}] * 20
        rows += [{"bus": {"update": 1}}, {"bus": {"update": 0}}] + [{}] * 20
        rows += [{"bus": {"update": 1, "accumulate": 0}}, {"bus": {"update": 0}}]
        states = [row["state"][0] for row in stream(SynapseCell(config), rows, ["state"])]
        assert [state["G"] for state in states].count(most_G) > 20
        assert states[-1] == {"theta": most_theta, "G": 0, "perturbation": bit}
