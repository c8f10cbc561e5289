"""Every promised latency is measured: by simulation, and against the clock budget in `spec`.

A measurement changes one input for one clock; the output must then differ in one clock, which is
as much later as promised.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from hdl.number.fixed import SQ, of
from hdl.number.lfsr import LfsrRegister
from hdl.number.noise import NoiseSource
from hdl.optimizer import perturbation
from hdl.optimizer.cell import Cell
from hdl.optimizer.perturbation.base import Source
from hdl.plant.activation import ActivationUnit
from hdl.plant.defects import DefectiveActivation
from hdl.plant.layer.dense import Dense
from hdl.plant.layer.neuron import Neuron
from hdl.plant.samples import SampleMemory
from hdl.plant.score import Score
from spec import derive, plant
from spec.activation import Activation
from spec.config import Config
from spec.lfsr import ORDER, PERTURBATION
from spec.noise import COST_NOISE, Gaussian
from spec.optimizer import ChangeSpec
from spec.plant import (
    ActivationSpec,
    CrossEntropySpec,
    LayerSpec,
    MeanSquaredErrorSpec,
    NetworkSpec,
)
from spec.timing import Timing
from tests.configs import perceptron
from tests.hdl import tags
from tests.hdl.cells import QUIET, random_bus
from tests.hdl.costs import CostAndChange
from tests.hdl.helpers import Row, stream
from tests.hdl.learner import Learner
from tests.hdl.number.test_tree import Adder
from tests.hdl.plant.test_network import random_x

LONG = 28
"""Clocks that are more than any latency here."""

Draw = Callable[[random.Random], Row]


def measure(
    component: Any,
    base: Draw,
    pulses: Sequence[Draw],
    outputs: Sequence[str],
    prepare: Draw | None = None,
) -> list[dict[str, set[int]]]:
    """Find how many clocks after a pulse the outputs of a component differ from what they were.

    Parameters
    ----------
    component
        What to measure.
    base : callable
        Draws the inputs before and after a pulse.
    pulses : sequence of callable
        Each draws the inputs that are others for one clock.
    outputs : sequence of str
        The ports to watch.
    prepare : callable, optional
        Draws inputs of some clocks before `base`.

    Returns
    -------
    list of dict
        For each kind of pulse: by output, all delays at which it ever differed.
    """
    rng = random.Random(1)
    rows: list[Row] = []
    starts: list[tuple[int, int]] = []
    for trial in range(8 * len(pulses)):
        if prepare is not None:
            rows += [prepare(rng) for _ in range(12)]
        before = base(rng)
        rows += [before] * LONG
        kind = trial % len(pulses)
        starts.append((kind, len(rows)))
        rows += [before | pulses[kind](rng), *[before] * LONG]
    seen = stream(component, rows, outputs)
    found: list[dict[str, set[int]]] = [{name: set() for name in outputs} for _ in pulses]
    for kind, start in starts:
        for name in outputs:
            steady = seen[start - 1][name]
            differs = {k for k in range(LONG) if seen[start + k][name] != steady}
            found[kind][name] |= differs
    return found


def agree(found: set[int], *promises: int) -> None:
    """Check that the one delay found is what each promise says."""
    assert found, "no change was seen, so nothing was measured"
    assert [found] * len(promises) == [{promise} for promise in promises], "wrong latency"


def first_change(component: Any, strobe: Row, output: str) -> set[int]:
    """Find how many clocks after a strobe an output that then stays so first differs."""
    seen = [row[output] for row in stream(component, [{}, strobe, *[{}] * LONG], [output])]
    return {[value != seen[0] for value in seen].index(True) - 1}


# One check for each component


def check_activation(config: Config) -> None:
    """From z to a."""
    spec = derive.network(config).layers[-1].activation
    unit = ActivationUnit(spec, SQ(5, 8))

    def draw(rng: random.Random) -> Row:
        return {"z": rng.randint(-500, 500)}

    [found] = measure(unit, draw, [draw], ["a"])
    agree(found["a"], unit.latency)


def check_tree(config: Config) -> None:
    """From the terms to their sum, for the number of terms of each layer."""
    for _, terms in config.layer_shapes:

        def draw(rng: random.Random, terms: int = terms) -> Row:
            return {f"i_{k}": rng.randint(-4, 3) for k in range(terms)}

        [found] = measure(Adder(*[SQ(1, 2)] * terms), draw, [draw], ["o"])
        agree(found["o"], plant.tree_latency(terms))
        adder = Adder(*[SQ(1, 2)] * terms, levels=1, at_once=True)
        [found] = measure(adder, draw, [draw], ["o"])
        agree(found["o"], plant.tree_latency(terms, 1, at_once=True))


def check_cell(config: Config) -> None:
    """From a tag to the weight, and from a strobe to the state."""
    cell = Cell(derive.cell(config), of(derive.bus(config)))
    quiet, perturbed = {"tags": [tags.NOTHING]}, {"tags": [tags.PERTURBED]}
    [found] = measure(cell, lambda _: quiet, [lambda _: perturbed], ["weights"])
    agree(found["weights"], cell.latency)
    strobe = {"contribution": 1, "strobes": {"accumulate": 1}}
    agree(first_change(cell, strobe, "state"), cell.latency)


def random_weights(config: Config, layer: int, rng: random.Random) -> list[int]:
    """Draw weights of a neuron over their whole range."""
    weight = derive.multiplied(config)
    fan_in = config.layer_shapes[layer][1]
    return [rng.randint(weight.minimum, weight.maximum) for _ in range(fan_in)]


def top_of(config: Config, layer: int) -> int:
    """Return the largest positive input of a layer's neurons, at most 1 of activations."""
    if layer:
        return 1 << config.formats.activation_bits
    return 1 if config.task.inputs.binary else (2 << config.formats.activation_bits) - 1


def check_neuron(config: Config) -> None:
    """From x and from the weights to a, in each layer."""
    for layer, spec in enumerate(derive.network(config).layers):
        top = top_of(config, layer)

        def both(rng: random.Random, top: int = top, spec: LayerSpec = spec, k: int = layer) -> Row:
            x = [rng.randint(0, top) for _ in range(spec.fan_in - 1)]
            return {"x": x, "weights": random_weights(config, k, rng)}

        neuron = Neuron(spec)
        [found] = measure(neuron, both, [both], ["a"])
        agree(found["a"], neuron.latency)


def check_layer(config: Config) -> None:
    """From x to a, and from the weights, which come later."""
    for layer, spec in enumerate(derive.network(config).layers):
        top = top_of(config, layer)

        def x(rng: random.Random, top: int = top, spec: LayerSpec = spec) -> Row:
            return {"x": [rng.randint(0, top) for _ in range(spec.fan_in - 1)]}

        def weights(rng: random.Random, k: int = layer, spec: LayerSpec = spec) -> Row:
            return {"weights": [random_weights(config, k, rng) for _ in range(spec.neurons)]}

        def both(rng: random.Random, x: Draw = x, weights: Draw = weights) -> Row:
            return x(rng) | weights(rng)

        dense = Dense(spec)
        by_x, by_weights = measure(dense, both, [x, weights], ["a"])
        agree(by_x["a"], dense.latency, Timing.of(config).layers[layer])
        agree(by_weights["a"], dense.latency - spec.wait)


def check_defects(config: Config) -> None:
    """From z to a with defects, in the first layer."""
    given = {name: config.formats.__dict__[name] for name in ("theta", "weight_bits")}
    keys: dict[str, Any] = given | {"hidden": config.network.output.value, "amplitude": -1}
    defective = perceptron(1, 1, 1, defects=0.1, **keys)
    unit = DefectiveActivation(derive.network(defective).layers[0], SQ(5, 8))

    def draw(rng: random.Random) -> Row:
        return {"z": rng.randint(-500, 500), "fill": 0}

    def prepare(rng: random.Random) -> Row:
        return {"fill": 1, "line_i": rng.randint(-20, 20)}

    [found] = measure(unit, draw, [draw], ["a"], prepare)
    agree(found["a"], unit.latency)
    flawless = Timing.of(perceptron(1, 1, 1, **keys)).layers
    late = plant.DEFECT_LATENCY
    assert [clocks - late for clocks in Timing.of(defective).layers] == list(flawless)


def check_network(config: Config) -> None:
    """From a sample, and from the tag of its evaluation, through cells and network."""
    learner, timing = Learner(config), Timing.of(config)
    spec = derive.network(config)

    def sample(rng: random.Random) -> Row:
        return {"bus": QUIET, "tag": tags.CHECK, "x": random_x(config, rng)}

    def tag(rng: random.Random) -> Row:
        return {"tag": tags.PERTURBED}

    def prepare(rng: random.Random) -> Row:
        return {"bus": random_bus(config, rng), "line": {"bit": rng.randint(0, 1)}}

    by_sample, by_tag = measure(learner, sample, [sample, tag], ["y", "tag_o"], prepare)
    agree(by_sample["y"], spec.latency, timing.network)
    for found in (by_tag["y"], by_tag["tag_o"]):
        agree(found, spec.latency + learner.ahead, timing.network + timing.broadcast)


def check_cost(config: Config) -> None:
    """From y to C and to its tag, and from C to u."""
    unit = CostAndChange(config)
    timing, errors = Timing.of(config), derive.cost(config)
    low, high = config.network.output.range(config.formats.activation_bits)

    def outputs(rng: random.Random) -> Row:
        y = [rng.randint(low, high) for _ in range(config.data.outputs)]
        return {"tag": tags.PERTURBED, "eta_shift": 7, "y": y}

    def tag(rng: random.Random) -> Row:
        return {"tag": tags.CHECK}

    by_y, by_tag = measure(unit, outputs, [outputs, tag], ["C", "u", "tag_o"])
    late = errors.latency + ChangeSpec.register_latency
    agree(by_y["C"], late, timing.cost)
    agree(by_y["u"], late + ChangeSpec.latency, timing.cost + timing.bus)
    agree(by_tag["tag_o"], timing.cost)


def check_cross_entropy(config: Config) -> None:
    """The same of that cost, for as many classes."""
    layers, training = config.network.layers, config.training
    output = config.network.output.value
    keys = {"amplitude": training.amplitude, "multipliers": config.build.multipliers.value}
    classes = max(2, layers[-1])
    check_cost(perceptron(*layers[:-1], classes, output=output, cost="cross_entropy", **keys))


def check_noise(config: Config) -> None:
    """From a strobe to the next draw."""
    source = NoiseSource(Gaussian.of(100, 0, "sigma"), COST_NOISE, 0)
    agree(first_change(source, {"advance": 1, "load": 0}, "sample"), 1)


def check_samples(config: Config) -> None:
    """From an address to its sample."""
    memory = SampleMemory(derive.samples(config))

    def read(rng: random.Random) -> Row:
        return {"read": 1, "sweep": 1, "address": rng.randrange(len(config.data))}

    [found] = measure(memory, read, [read], ["sample"])
    agree(found["sample"], memory.latency)


def check_score(config: Config) -> None:
    """From a cost to the counts."""
    score = Score(derive.score(config))
    agree(first_change(score, {"count": 1, "cost": 1}, "cost_sum"), score.latency)


def check_random_sources(config: Config) -> None:
    """From a strobe to the state, and to the first cell's next bit."""
    for spec in (PERTURBATION, ORDER):
        register = LfsrRegister(spec)
        for strobe in ({"shift": 1}, {"load": 1, "seed": 6}):
            agree(first_change(register, strobe, "state"), register.latency)
    source = perturbation.of(derive.perturbation(config)).source()
    agree(first_change(source, {"load": 1, "seed": 1 << 31}, "line"), source.latency)


CHECKS: dict[str, Callable[[Config], None]] = {
    "activation": check_activation,
    "defects": check_defects,
    "tree": check_tree,
    "cell": check_cell,
    "neuron": check_neuron,
    "layer": check_layer,
    "network": check_network,
    "cost": check_cost,
    "cross-entropy": check_cross_entropy,
    "samples": check_samples,
    "score": check_score,
    "noise": check_noise,
    "random sources": check_random_sources,
}

WIDE = {"theta": "Q2.8", "weight_bits": 10, "amplitude": -1, "bus_bits": 9}
"""Formats in which random θ and a perturbation change every output."""

SHORT = WIDE | {
    "multipliers": "registered", "pipeline": "short", "activation_bits": 6, "cost_bits": 12,
}  # fmt: skip
"""Sums of three at once, and squares that are looked up."""

TOPOLOGIES = [
    perceptron(1, 1, output="identity", **WIDE),
    perceptron(3, 2, output="relu", inputs="fixed", **WIDE),
    perceptron(1, 9, output="sigmoid", **WIDE),
    perceptron(2, 2, 1, output="plan", **WIDE),
    perceptron(2, 4, 3, output="hard_tanh", hidden="tanh", inputs="fixed", **WIDE),
    perceptron(8, 1, 2, output="tanh", hidden="relu", inputs="unipolar", **WIDE),
    perceptron(1, 3, 1, 2, output="hard_sigmoid", hidden="plan", **WIDE),
    perceptron(3, 4, 2, output="plan", inputs="fixed", multipliers="registered", **WIDE),
    perceptron(3, 4, 5, 2, output="plan", hidden="plan", multipliers="logic", **WIDE),
    perceptron(2, 5, 2, 1, output="plan", **SHORT),
]


@pytest.mark.parametrize("config", TOPOLOGIES, ids=lambda c: "-".join(map(str, c.network.layers)))
@pytest.mark.parametrize("component", CHECKS)
def test_latency(component: str, config: Config) -> None:
    CHECKS[component](config)


def test_latency_with_copies_of_the_bus() -> None:
    config = perceptron(2, 2, 1, update_delay=40, **WIDE)
    assert derive.bank(config).copies == 1
    check_network(config)


@pytest.mark.parametrize("kind", Activation)
def test_latency_of_every_activation(kind: Activation) -> None:
    check_activation(perceptron(1, 1, output=kind.value))


@pytest.mark.parametrize("error", [-1, 1])
@pytest.mark.parametrize(
    ("owner", "name", "component"),
    [
        (ActivationSpec, "latency", "activation"),
        (ActivationSpec, "latency", "neuron"),
        (LayerSpec, "activation_latency", "defects"),
        (plant, "tree_latency", "tree"),
        (Cell, "latency", "cell"),
        (LayerSpec, "product_latency", "neuron"),
        (LayerSpec, "neuron_latency", "neuron"),
        (LayerSpec, "latency", "layer"),
        (NetworkSpec, "latency", "network"),
        (MeanSquaredErrorSpec, "latency", "cost"),
        (CrossEntropySpec, "latency", "cross-entropy"),
        (ChangeSpec, "latency", "cost"),
        (ChangeSpec, "register_latency", "cost"),
        (SampleMemory, "latency", "samples"),
        (Score, "latency", "score"),
        (LfsrRegister, "latency", "random sources"),
        (Source, "latency", "random sources"),
    ],
)
def test_a_wrong_promise_is_caught(
    owner: Any, name: str, component: str, error: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: a promise one clock off."""
    honest: Any = owner.__dict__[name]
    if isinstance(honest, property):
        lie: Any = property(lambda self: self._honest + error)
        monkeypatch.setattr(owner, "_honest", honest, raising=False)
    elif isinstance(honest, int):
        lie = honest + error
    else:
        lie = lambda *terms, **how: honest(*terms, **how) + error  # noqa: E731
    monkeypatch.setattr(owner, name, lie)
    with pytest.raises(AssertionError, match="wrong latency"):
        CHECKS[component](TOPOLOGIES[4])
