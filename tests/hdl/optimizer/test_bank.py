"""Cells learn and perturb themselves as the model's do, whatever strobes come."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings

from model.plant.network import Network
from spec import derive
from spec.config import Config
from spec.tasks import Inputs
from spec.timing import Timing
from spec.training import SPATIAL
from tests.configs import perceptron, xor
from tests.hdl import tags
from tests.hdl.cells import QUIET, Cells, random_bus, random_noise
from tests.hdl.helpers import Row, stream
from tests.hdl.learner import Learner
from tests.hdl.plant.test_network import random_x
from tests.strategies import networks


def check(config: Config, buses: list[dict[str, Any]]) -> None:
    """A random evaluation in each clock: it must see θ as all strobes before it have left it."""
    learner = Learner(config)
    rng = random.Random(1)
    rows: list[Row] = [
        {
            "bus": bus,
            "line": {name: rng.randint(0, 1) for name in learner.bank.perturbation.line},
            "tag": rng.choice(tags.kinds(config)),
            "x": random_x(config, rng),
        }
        | ({"noise": random_noise(config, rng)} if derive.update_noise(config) else {})
        for bus in buses
    ]
    rows[0] |= {"bus": rows[0]["bus"] | QUIET, "tag": tags.PERTURBED}  # inputs to share u by
    outputs = stream(learner, [*rows, *[{}] * learner.latency], ["y", "tag_o"])

    golden, network = Cells(config), Network(derive.network(config))
    for row, found in zip(rows, outputs[learner.latency :], strict=True):
        x = np.array(row["x"])
        if config.task.inputs is Inputs.BIPOLAR:
            x = 2 * x - 1
        layers = network.activations(golden.weights(tags.direction(row["tag"])), x[None, None, :])
        assert found == {"y": [layers[-1][0, 0].tolist()], "tag_o": row["tag"]}
        entering = row["line"]["bit"]
        if "active" in row["line"]:
            entering = entering << 1 | row["line"]["active"]
        golden.clock(row["bus"], entering, row.get("noise", 0))
        if row["tag"]["perturb"]:
            golden.inputs = network.cell_inputs(layers)


@settings(max_examples=10)
@given(config=networks(max_width=3))
@example(config=xor())
@example(config=perceptron(4, 5, 2, inputs="fixed", hidden="relu", output="identity"))
def test_evaluations_back_to_back(config: Config) -> None:
    """With constant θ, after some training's worth of strobes."""
    rng = random.Random(2)
    buses = [random_bus(config, rng) for _ in range(80)]
    check(config, buses + [buses[-1] | QUIET] * 80)


@settings(max_examples=10)
@given(config=networks(max_width=3))
@example(config=xor())
def test_strobes_never_tear_an_evaluation(config: Config) -> None:
    """Strobes in every clock reach each layer together with the evaluations around them."""
    rng = random.Random(3)
    check(config, [random_bus(config, rng) for _ in range(120)])


ANALOG = {"loop": "analog", "tau_x": 3, "tau_theta": 4}


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"momentum": 3},
        {"estimator": "antithetic"},
        {"estimator": "node"},
        {"estimator": "node", "inputs": "fixed"},
        {"estimator": "node", "update_noise": 0.25},
        ANALOG,
        {"update_noise": 0.25},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", [kind.value for kind in SPATIAL])
def test_strobes_of_any_optimiser(kind: str, keys: dict[str, Any]) -> None:
    """The lines, the held inputs and what is broadcast reach each layer in time, too."""
    if keys is ANALOG and kind not in ("rcm", "fm", "fm_square"):
        pytest.skip("refused")
    config = perceptron(2, 2, 1, theta="Q2.8", weight_bits=10, perturbation=kind, **keys)
    rng = random.Random(5)
    check(config, [random_bus(config, rng) for _ in range(120)])


@settings(max_examples=6)
@given(config=networks(max_width=3))
def test_no_two_cells_share_a_bit(config: Config) -> None:
    """With a perturbation every clock, cell k has the bit that entered k perturbations before."""
    rng = random.Random(4)
    learner, timing = Learner(config), Timing.of(config)
    bus = QUIET | {"perturb": 1, "u": 0}
    bits = [rng.randint(0, 1) for _ in range(2 * config.parameters + learner.latency)]
    rows: list[Row] = [{"bus": bus, "line": {"bit": bit}} for bit in bits]
    cells = [row["cells"] for row in stream(learner, rows, ["cells"])]
    cell = 0
    for layer, (count, weights) in enumerate(config.layer_shapes):
        for _ in range(count * weights):
            seen = [state[cell]["perturbation"] for state in cells]
            late = cell + 1 + timing.offset(layer)
            assert seen == [0] * late + bits[: len(bits) - late]
            cell += 1


OVERLAPPED = {
    "two layers": xor(update_delay="auto", rails=2),
    "three layers": perceptron(3, 4, 2, 3, update_delay="auto", rails=2),
    "one rail": xor(update_delay="auto"),
    "copies of the bus": perceptron(3, 4, 2, 3, update_delay=40, rails=2),
}


def arrivals(config: Config, every: int) -> list[int]:
    """Send one bit down the line; return the evaluation in which each cell has it.

    An evaluation that enters now sees a layer's cells as many clocks later as the layer is late.
    The line shifts in every so many clocks.
    """
    learner, timing = Learner(config), Timing.of(config)
    ahead = learner.ahead
    clocks = every * (config.parameters + 2) + learner.latency + ahead
    rows: list[Row] = [
        {
            "bus": QUIET | {"perturb": int(k % every == 0)},
            "line": {"bit": int(0 <= k - ahead < every)},
        }
        for k in range(clocks)
    ]
    outputs = stream(learner, rows, ["cells"])
    late = [
        timing.offset(layer) - timing.entry
        for layer, (neurons, weights) in enumerate(config.layer_shapes)
        for _ in range(neurons * weights)
    ]
    found = []
    for cell, delay in enumerate(late):
        bits = [row["cells"][cell]["perturbation"] for row in outputs[delay + ahead :]]
        assert sum(bits) == every
        found.append(bits.index(1) // every)
    return found


@pytest.mark.parametrize("every", [1, 2])
@pytest.mark.parametrize("config", OVERLAPPED.values(), ids=OVERLAPPED)
def test_no_two_cells_share_a_bit_where_steps_overlap(config: Config, every: int) -> None:
    found = arrivals(config, every)
    assert len(set(found)) == len(found) == config.parameters
