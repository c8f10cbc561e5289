"""The network is a pipeline: an evaluation every clock, right in spite of all strobes."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from hypothesis import example, given, settings

from hdl.network import Network
from model.network import evaluate
from spec.config import Config
from spec.phase import Kind
from spec.tasks import Inputs
from tests.configs import configs, perceptron, xor
from tests.hdl.cells import Cells, random_bus
from tests.hdl.helpers import Row, stream

QUIET = {"clear": 0, "perturb": 0, "accumulate": 0, "update": 0}


def random_sample(config: Config, rng: random.Random) -> dict[str, Any]:
    """Draw inputs over their whole range; the targets and the label only travel along."""
    one = 1 << config.formats.activation_bits
    low, high = (0, 1) if config.task.inputs.binary else (-2 * one, 2 * one - 1)
    return {
        "x": [rng.choice([low, high, rng.randint(low, high)]) for _ in range(config.data.inputs)],
        "t": [rng.randint(0, 1) for _ in range(config.data.outputs)],
        "label": rng.randint(0, 1),
    }


def check(config: Config, buses: list[dict[str, Any]]) -> None:
    """A random evaluation in each clock: it must see θ as all strobes before it have left it."""
    network = Network(config)
    rng = random.Random(1)
    rows: list[Row] = [
        {
            "bus": bus,
            "chain": rng.randint(0, 1),
            "kind": rng.choice(list(Kind)),
            "sample": random_sample(config, rng),
        }
        for bus in buses
    ]
    outputs = stream(network, [*rows, *[{}] * network.latency], ["y", "kind_o", "sample_o"])

    golden = Cells(config, config.parameters)
    for row, found in zip(rows, outputs[network.latency :], strict=True):
        x = np.array(row["sample"]["x"])
        if config.task.inputs is Inputs.BIPOLAR:
            x = 2 * x - 1
        weights = golden.weights({Kind.PERTURBED: 1, Kind.OPPOSITE: -1}.get(row["kind"], 0))
        assert found == {
            "y": evaluate(weights, x[None, None, :], config)[0, 0].tolist(),
            "kind_o": row["kind"],
            "sample_o": row["sample"],
        }
        golden.clock(row["bus"], row["chain"])


@settings(deadline=None, max_examples=10)
@given(config=configs(max_width=3))
@example(config=xor())
@example(config=perceptron(4, 5, 2, inputs="fixed", hidden="relu", output="identity"))
def test_evaluations_back_to_back(config: Config) -> None:
    """With constant θ, after some training's worth of strobes."""
    rng = random.Random(2)
    buses = [random_bus(config, rng) for _ in range(80)]
    check(config, buses + [buses[-1] | QUIET] * 80)


@settings(deadline=None, max_examples=10)
@given(config=configs(max_width=3))
@example(config=xor())
def test_strobes_never_tear_an_evaluation(config: Config) -> None:
    """Strobes in every clock reach each layer together with the evaluations around them."""
    rng = random.Random(3)
    check(config, [random_bus(config, rng) for _ in range(120)])


@settings(deadline=None, max_examples=6)
@given(config=configs(max_width=3))
def test_no_two_cells_share_a_bit(config: Config) -> None:
    """With a perturbation every clock, cell k has the bit that entered k perturbations before."""
    rng = random.Random(4)
    network = Network(config)
    bus = QUIET | {"perturb": 1, "u": 0}
    bits = [rng.randint(0, 1) for _ in range(2 * config.parameters + network.latency)]
    rows: list[Row] = [{"bus": bus, "chain": bit} for bit in bits]
    cells = [row["cells"] for row in stream(network, rows, ["cells"])]
    cell = offset = 0
    for layer, (count, weights) in enumerate(config.layer_shapes):
        for _ in range(count * weights):
            seen = [state[cell]["perturbation"] for state in cells]
            late = cell + 1 + offset
            assert seen == [0] * late + bits[: len(bits) - late]
            cell += 1
        offset += network.layers[layer][0].latency
