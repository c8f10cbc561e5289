"""Waveforms of the plant."""

from __future__ import annotations

from typing import Any

from hdl.number.fixed import SQ
from hdl.plant.activation import ActivationUnit
from hdl.plant.cost import CrossEntropy, MeanSquaredError, cost_of
from hdl.plant.cost.serial import SerialCrossEntropy
from hdl.plant.defects import DefectiveActivation
from hdl.plant.layer.dense import Dense
from hdl.plant.layer.neuron import Neuron
from hdl.plant.network import Network
from hdl.plant.samples import SampleMemory
from hdl.plant.score import Score
from spec import derive
from spec.activation import Activation
from spec.plant import ActivationSpec, CrossEntropySpec, LayerSpec
from tests.configs import FOLDED, perceptron, xor
from tests.hdl.waveforms.scenario import Claim, Scenario, at

NUMBERS: dict[str, Any] = {"inputs": "fixed", "output": "hard_tanh"}
"""Inputs and outputs that show what was computed."""


def layer(inputs: int, neurons: int, **keys: Any) -> LayerSpec:
    """Return the spec of a layer."""
    return derive.network(perceptron(inputs, neurons, **NUMBERS | keys)).layers[0]


def entropy(inputs: int, classes: int, **keys: Any) -> CrossEntropySpec:
    """Return the spec of the cross-entropy behind a network of one layer."""
    shape = perceptron(inputs, classes, cost="cross_entropy", output="identity", **keys)
    spec = derive.cost(shape)
    assert isinstance(spec, CrossEntropySpec)
    return spec


SCENARIOS = {
    ActivationUnit: Scenario(
        make=lambda: ActivationUnit(ActivationSpec(Activation.TANH, 8, -3), SQ(5, 8)),
        caption="tanh from a table: {0} from `z` to `a`, a value a clock; large z saturate.",
        inputs={"z": [0, 0, 0.5, 1, -1, 2, 15, -16, 0]},
        shows="z a",
        clocks=13,
        claims=[Claim("z", "a")],
    ),
    DefectiveActivation: Scenario(
        make=lambda: DefectiveActivation(layer(1, 1, defects=0.1, init=1), SQ(5, 8)),
        caption=(
            "While `fill` is 1, four draws come along the line, and `line_o` passes them on; then "
            "`a` is there {0} after `z`, bent: 0 becomes L·f(−k·x0) + y0."
        ),
        inputs={
            "fill": "0111100000",
            "line_i": [0, 0.25, -0.25, 0.125, 0.25, 0],
            "z": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.5, 2, -0.5, 0],
        },
        shows="fill line_i z a:.2g line_o",
        clocks=21,
        claims=[Claim("z", "a")],
    ),
    MeanSquaredError: Scenario(
        make=lambda: cost_of(derive.cost(perceptron(1, 2, **NUMBERS))),
        caption="The mean of two squared errors, {0} after the outputs, an evaluation a clock.",
        inputs={
            "y": [[0, 0], [0, 0], [1, 0], [0.5, -0.5], [0.5, 0.5], [0, 0]],
            "t": [[0, 0], [0, 0], [0, 0], [0, 0.5], [0.5, 0.5], [0, 0]],
        },
        shows="y t cost",
        clocks=9,
        claims=[Claim("y", "cost")],
    ),
    CrossEntropy: Scenario(
        make=lambda: cost_of(entropy(1, 3)),
        caption=(
            "log2 Σ 2**y − y_t of three classes, {0} after the outputs: about log2 3 of equal "
            "ones, less as the right one grows, more as a wrong one does."
        ),
        inputs={
            "y": [[0, 0, 0], [0, 0, 0], [2, 0, 0], [6, 0, 0], [0, 4, 0], [0, 0, 0]],
            "t": [[1, 0, 0]],
        },
        shows="y t cost",
        clocks=13,
        settle=8,
        claims=[Claim("y", "cost")],
    ),
    SerialCrossEntropy: Scenario(
        make=lambda: SerialCrossEntropy(entropy(1, 2, serial_cost=True, **FOLDED)),
        caption=(
            "Two classes, of which each evaluation has put out another one as the larger: the "
            "outputs go round four times with `turns`, and both costs are there {0} after `start`."
        ),
        inputs={
            "start": at(1),
            "y": [[1, 0], [1, 0], *[[0, 1], [1, 0]] * 3, [0, 1], [1, 0]],
            "label": [0],
        },
        shows="start turns y label largest costs done",
        clocks=16,
        claims=[Claim("start", "done", "spec.latency")],
    ),
    Neuron: Scenario(
        make=lambda: Neuron(layer(2, 1)),
        caption="a = f(x0·w0 + x1·w1 + bias), clipped at ±1, {0} after inputs and weights.",
        inputs={
            "x": [[0, 0], [0, 0], [1, 0], [1, -0.5], [1, 1.5], [0, 0]],
            "weights": [[0.5, 1, 0]] * 5 + [[0.5, 1, -0.25]],
        },
        shows="x weights a",
        clocks=11,
        claims=[Claim("x", "a")],
    ),
    Dense: Scenario(
        make=lambda: Dense(layer(1, 2)),
        caption=(
            "Two neurons see the same x: {0} from x to both activations; from the weights it is "
            "only {1}, as those of an evaluation come later than its x."
        ),
        inputs={
            "x": [[0], [0], [1], [0.5], [0]],
            "weights.0": [[0.5, 0]] * 9 + [[0.5, 0.25], [0.5, 0]],
            "weights.1": [[-1, 0.25]],
        },
        shows="x weights.0 weights.1 a",
        clocks=14,
        settle=8,
        claims=[Claim("x", "a"), Claim("weights.0", "a", "spec.neuron_latency")],
    ),
    Network: Scenario(
        make=lambda: Network(derive.network(perceptron(1, 1, 1, hidden="relu", **NUMBERS))),
        caption=(
            "Two layers of a neuron each: {0} from x to y, and as many from `tag` to `tag_o`, "
            "which says what an evaluation was for."
        ),
        inputs={
            "tag.perturb": "0010",
            "tag.hold": "0100",
            "x": [[0], [0.5], [1], [0]],
            "weights.block_0": [[1, 0]],
            "weights.block_1": [[0.5, -0.25]],
        },
        shows="tag x weights.block_0 weights.block_1 tag_o y inputs.group_1",
        clocks=13,
        settle=9,
        claims=[Claim("x", "y"), Claim("tag", "tag_o")],
    ),
    SampleMemory: Scenario(
        make=lambda: SampleMemory(derive.samples(xor())),
        caption=(
            "XOR's four samples. `read` shows a sample {0} later: the next one of a random order "
            "with `advance`, the one at `address` with `sweep`, else the current one again."
        ),
        inputs={
            "seed": [0x2545F491],
            "restart": "010",
            "read": "00001111011110",
            "advance": "00001110000010",
            "sweep": "00000000011100",
            "address": [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0],
        },
        shows="restart read advance sweep address index sample.x sample.t sample.label",
        clocks=16,
        claims=[Claim("address", "sample.x")],
    ),
    Score: Scenario(
        make=lambda: Score(derive.score(xor())),
        caption=(
            "A check of three samples. Each cost is counted {0} later, and so is a right answer: "
            "whether y, some clocks before, was above ½ if and only if the label is 1. "
            "`target_met`: enough are right, and the costs so far are at most `solved_cost`."
        ),
        inputs={
            "clear": "010",
            "solved_correct": [2],
            "solved_cost": [50],
            "y": [[0], [0.75], [0.25], [0.75], [0]],
            "label": "0100",
            "cost": [0, 0, 0, 0, 8, 20, 30, 0],
            "count": "00001110",
        },
        shows="clear solved_correct solved_cost y label cost count correct cost_sum target_met",
        clocks=10,
        claims=[Claim("count", "cost_sum")],
    ),
}
