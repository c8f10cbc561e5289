"""A synapse cell does what the model's cells do, under any strobes."""

from __future__ import annotations

import random

from hypothesis import example, given, settings

from hdl.synapse import SynapseCell
from spec.config import Config
from tests.configs import configs, perceptron
from tests.hdl.cells import Cells, random_bus
from tests.hdl.helpers import Row, stream


@settings(deadline=None, max_examples=30)
@given(config=configs(max_layers=1, max_width=1))
@example(config=perceptron(1, 1, theta="Q1.1", weight_bits=2, amplitude=-1, eta=-2, init=0))
@example(config=perceptron(1, 1, theta="Q8.16", weight_bits=24, amplitude=-16, eta=-24))
def test_any_strobes(config: Config) -> None:
    """State and weight in every clock, in any format."""
    rng = random.Random(1)
    rows: list[Row] = [
        {
            "bus": random_bus(config, rng),
            "perturbed": rng.randint(0, 1),
            "opposite": rng.randint(0, 1),
            "chain_i": rng.randint(0, 1),
        }
        for _ in range(200)
    ]
    golden, weight = Cells(config, 1), 0
    outputs = stream(SynapseCell(config), rows, ["state", "weight", "chain_o"])
    for row, found in zip(rows, outputs, strict=True):
        theta, G, bit = (int(v[0, 0]) for v in (golden.cells.theta, golden.cells.G, golden.line))
        state = {"theta": theta, "G": G, "perturbation": bit}
        assert found == {"state": state, "weight": weight, "chain_o": bit}
        weight = int(golden.weights(row["perturbed"] * (1 - 2 * row["opposite"]))[0, 0])
        golden.clock(row["bus"], row["chain_i"])


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
        states = [row["state"] for row in stream(SynapseCell(config), rows, ["state"])]
        assert [state["G"] for state in states].count(most_G) > 20
        assert states[-1] == {"theta": most_theta, "G": 0, "perturbation": bit}
