"""The network is a pipeline: an evaluation every clock, right in spite of all strobes."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings

from hdl.plant.network import Network
from model.plant.network import activations, cell_inputs
from spec.config import Config
from spec.phase import Kind
from spec.tasks import Inputs
from spec.training import Perturbation
from tests.configs import configs, perceptron, xor
from tests.hdl.cells import QUIET, Cells, random_bus, random_noise
from tests.hdl.helpers import Row, stream


def kinds(config: Config) -> list[Kind]:
    """List the kinds of evaluations that this loop and estimator have."""
    if config.analog:
        return [kind for kind in Kind if kind not in (Kind.BASELINE, Kind.OPPOSITE)]
    other = Kind.BASELINE if config.antithetic else Kind.OPPOSITE
    return [kind for kind in Kind if kind not in (Kind.FIRST, other)]


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
            "kind": rng.choice(kinds(config)),
            "sample": random_sample(config, rng),
        }
        | ({"noise_i": random_noise(config, rng)} if config.update_noise else {})
        for bus in buses
    ]
    rows[0] |= {"bus": rows[0]["bus"] | QUIET, "kind": Kind.PERTURBED}  # inputs to share u by
    outputs = stream(network, [*rows, *[{}] * network.latency], ["y", "kind_o", "sample_o"])

    golden = Cells(config)
    for row, found in zip(rows, outputs[network.latency :], strict=True):
        x = np.array(row["sample"]["x"])
        if config.task.inputs is Inputs.BIPOLAR:
            x = 2 * x - 1
        perturbed = row["kind"] in Kind.perturbed()
        weights = golden.weights(-1 if row["kind"] is Kind.OPPOSITE else int(perturbed))
        layers = activations(weights, x[None, None, :], config)
        assert found == {
            "y": layers[-1][0, 0].tolist(),
            "kind_o": row["kind"],
            "sample_o": row["sample"],
        }
        golden.clock(row["bus"], row["chain"], row.get("noise_i", 0))
        if perturbed:
            golden.inputs = cell_inputs(layers, config)


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


ANALOG = {"loop": "analog", "tau_x": 2, "tau_theta": 4}


@pytest.mark.parametrize(
    "keys",
    [{}, {"estimator": "antithetic"}, {"estimator": "node"}, ANALOG, {"update_noise": 0.25}],
    ids=["plain", "antithetic", "node", "analog", "noise"],
)
@pytest.mark.parametrize("kind", [kind.value for kind in Perturbation])
def test_strobes_of_any_optimiser(kind: str, keys: dict[str, Any]) -> None:
    """The lines, the held inputs and the slot reach each layer in time, too."""
    config = perceptron(2, 3, 2, theta="Q2.8", weight_bits=10, perturbation=kind, **keys)
    rng = random.Random(5)
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
