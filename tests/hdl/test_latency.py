"""Every promised latency is measured: by simulation, and against the clock budget in `spec`.

A measurement changes one input for one clock; the output must then differ in one clock, which is
as much later as promised.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from hdl.number import tree
from hdl.number.fixed import SQ
from hdl.number.lfsr import LfsrRegister
from hdl.number.noise import NoiseSource
from hdl.optimizer.cost import CostUnit
from hdl.optimizer.perturb import RandomCode
from hdl.optimizer.synapse import SynapseCell
from hdl.plant.activation import ActivationUnit
from hdl.plant.defects import DefectiveActivation
from hdl.plant.layer.neuron import Neuron
from hdl.plant.network import Network
from hdl.plant.samples import SampleMemory
from hdl.plant.score import Score
from hdl.trainer import Trainer
from spec.activation import Activation
from spec.config import Config
from spec.lfsr import ORDER, PERTURBATION
from spec.noise import COST_NOISE, Gaussian
from spec.phase import Kind
from spec.timing import DEFECT_LATENCY, Timing, activation_latency
from tests.configs import perceptron
from tests.hdl.cells import QUIET, random_bus
from tests.hdl.helpers import Row, stream
from tests.hdl.number.test_tree import Adder
from tests.hdl.plant.test_network import random_sample

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
    unit = ActivationUnit(config.network.output, SQ(5, 8), config)

    def draw(rng: random.Random) -> Row:
        return {"z": rng.randint(-500, 500)}

    [found] = measure(unit, draw, [draw], ["a"])
    agree(found["a"], unit.latency, activation_latency(config.network.output))


def check_tree(config: Config) -> None:
    """From the terms to their sum, for the number of terms of each layer."""
    for _, terms in config.layer_shapes:

        def draw(rng: random.Random, terms: int = terms) -> Row:
            return {f"i_{k}": rng.randint(-4, 3) for k in range(terms)}

        [found] = measure(Adder(*[SQ(1, 2)] * terms), draw, [draw], ["o"])
        agree(found["o"], tree.latency(terms))


def check_synapse(config: Config) -> None:
    """From `perturbed` to the weight, and from a strobe to the state."""
    cell = SynapseCell(config)
    [found] = measure(cell, lambda _: {"perturbed": 0}, [lambda _: {"perturbed": 1}], ["weight"])
    agree(found["weight"], cell.latency)
    agree(first_change(cell, {"bus": {"u": 1, "accumulate": 1}}, "state"), cell.latency)


def check_neuron(config: Config) -> None:
    """From x, and from `perturbed`, to a, in each layer."""
    for layer, promised in enumerate(Timing.of(config).layers):
        neuron = Neuron(config, layer)
        one = 1 << config.formats.activation_bits
        top = one if layer else random_sample_top(config)

        def draw_x(rng: random.Random, top: int = top, n: int = neuron.fan_in - 1) -> Row:
            return {"bus": QUIET, "perturbed": 0, "x": [rng.randint(0, top) for _ in range(n)]}

        def prepare(rng: random.Random) -> Row:
            return {"bus": random_bus(config, rng), "chain_i": rng.randint(0, 1)}

        for found in measure(neuron, draw_x, [draw_x, lambda _: {"perturbed": 1}], ["a"], prepare):
            agree(found["a"], neuron.latency, promised)


def random_sample_top(config: Config) -> int:
    """Return the largest positive input of a sample."""
    return 1 if config.task.inputs.binary else (2 << config.formats.activation_bits) - 1


def check_defects(config: Config) -> None:
    """From z to a with defects, in the first layer."""
    given = {name: config.formats.__dict__[name] for name in ("theta", "weight_bits")}
    keys: dict[str, Any] = given | {"hidden": config.network.output.value, "amplitude": -1}
    defective = perceptron(1, 1, 1, defects=0.1, **keys)
    unit = DefectiveActivation(defective, 0, SQ(5, 8))

    def draw(rng: random.Random) -> Row:
        return {"z": rng.randint(-500, 500), "fill": 0}

    def prepare(rng: random.Random) -> Row:
        return {"fill": 1, "line_i": rng.randint(-20, 20)}

    [found] = measure(unit, draw, [draw], ["a"], prepare)
    promised = activation_latency(config.network.output) + DEFECT_LATENCY
    agree(found["a"], unit.latency, promised)
    flawless = Timing.of(perceptron(1, 1, 1, **keys)).layers
    assert [late - DEFECT_LATENCY for late in Timing.of(defective).layers] == list(flawless)


def check_network(config: Config) -> None:
    """From a sample, and from its kind, to y and to what travels along."""
    network, timing = Network(config), Timing.of(config)
    promised = timing.network

    def sample(rng: random.Random) -> Row:
        return {"bus": QUIET, "kind": Kind.CHECK, "sample": random_sample(config, rng)}

    def kind(rng: random.Random) -> Row:
        return {"kind": Kind.PERTURBED}

    def prepare(rng: random.Random) -> Row:
        return {"bus": random_bus(config, rng), "chain": rng.randint(0, 1)}

    outputs = ["y", "sample_o", "kind_o"]
    by_sample, by_kind = measure(network, sample, [sample, kind], outputs, prepare)
    for found in (by_sample["y"], by_sample["sample_o"]):
        agree(found, network.latency, promised)
    for found in (by_kind["y"], by_kind["kind_o"]):
        agree(found, network.latency + network.broadcast, promised + timing.broadcast)


def check_cost(config: Config) -> None:
    """From y to C and to `kind_o`, and from C to u."""
    unit = CostUnit(config)
    timing = Timing.of(config)
    low, high = config.network.output.range(config.formats.activation_bits)

    def outputs(rng: random.Random) -> Row:
        y = [rng.randint(low, high) for _ in range(config.data.outputs)]
        return {"kind": Kind.PERTURBED, "eta_shift": 7, "y": y}

    def kind(rng: random.Random) -> Row:
        return {"kind": Kind.CHECK}

    by_y, by_kind = measure(unit, outputs, [outputs, kind], ["C", "u", "kind_o"])
    agree(by_y["C"], unit.latency, timing.cost)
    agree(by_y["u"], unit.latency + unit.bus_latency, timing.cost + timing.bus)
    agree(by_kind["kind_o"], unit.latency, timing.cost)


def check_noise(config: Config) -> None:
    """From a strobe to the next draw."""
    source = NoiseSource(Gaussian.of(100, 0, "sigma"), COST_NOISE, 0)
    agree(first_change(source, {"advance": 1, "load": 0}, "sample"), 1)


def check_samples(config: Config) -> None:
    """From an address to its sample."""
    memory = SampleMemory(config)

    def read(rng: random.Random) -> Row:
        return {"read": 1, "sweep": 1, "address": rng.randrange(len(config.data))}

    [found] = measure(memory, read, [read], ["sample"])
    agree(found["sample"], memory.latency)


def check_score(config: Config) -> None:
    """From a cost to the counts."""
    score = Score(config, CostUnit(config).latency)
    agree(first_change(score, {"kind": Kind.CHECK, "cost": 1}, "cost_sum"), score.latency)


def check_random_sources(config: Config) -> None:
    """From a strobe to the state, and to the first cell's next bit."""
    for spec in (PERTURBATION, ORDER):
        register = LfsrRegister(spec)
        for strobe in ({"shift": 1}, {"load": 1, "seed": 6}):
            agree(first_change(register, strobe, "state"), register.latency)
    code = RandomCode()
    agree(first_change(code, {"load": 1, "seed": 1 << 31}, "bit"), code.latency)


CHECKS: dict[str, Callable[[Config], None]] = {
    "activation": check_activation,
    "defects": check_defects,
    "tree": check_tree,
    "synapse": check_synapse,
    "neuron": check_neuron,
    "network": check_network,
    "cost": check_cost,
    "samples": check_samples,
    "score": check_score,
    "noise": check_noise,
    "random sources": check_random_sources,
}

WIDE = {"theta": "Q2.8", "weight_bits": 10, "amplitude": -1, "bus_bits": 9}
"""Formats in which random θ and a perturbation change every output."""

TOPOLOGIES = [
    perceptron(1, 1, output="identity", **WIDE),
    perceptron(3, 2, output="relu", inputs="fixed", **WIDE),
    perceptron(1, 9, output="sigmoid", **WIDE),
    perceptron(2, 2, 1, output="plan", **WIDE),
    perceptron(2, 4, 3, output="hard_tanh", hidden="tanh", inputs="fixed", **WIDE),
    perceptron(8, 1, 2, output="tanh", hidden="relu", inputs="unipolar", **WIDE),
    perceptron(1, 3, 1, 2, output="hard_sigmoid", hidden="plan", **WIDE),
]


@pytest.mark.parametrize("config", TOPOLOGIES, ids=lambda c: "-".join(map(str, c.network.layers)))
@pytest.mark.parametrize("component", CHECKS)
def test_latency(component: str, config: Config) -> None:
    CHECKS[component](config)


def test_latency_with_copies_of_the_bus() -> None:
    config = perceptron(2, 2, 1, update_delay=40, **WIDE)
    assert Network(config).broadcast == 1
    check_network(config)


@pytest.mark.parametrize("kind", Activation)
def test_latency_of_every_activation(kind: Activation) -> None:
    check_activation(perceptron(1, 1, output=kind.value))


@pytest.mark.parametrize("config", TOPOLOGIES, ids=lambda c: "-".join(map(str, c.network.layers)))
def test_the_trainer_waits_as_long_as_the_budget_says(config: Config) -> None:
    trainer, timing = Trainer(config), Timing.of(config)
    assert trainer.schedule.latencies.evaluation == timing.evaluation
    assert trainer.schedule.latencies.bus == timing.bus
    assert trainer.schedule.clocks_per_step == timing.step()


@pytest.mark.parametrize("error", [-1, 1])
@pytest.mark.parametrize(
    ("owner", "name", "component"),
    [
        (ActivationUnit, "latency", "activation"),
        (ActivationUnit, "latency", "neuron"),
        (DefectiveActivation, "latency", "defects"),
        (tree, "latency", "tree"),
        (SynapseCell, "latency", "synapse"),
        (Neuron, "latency", "neuron"),
        (Network, "latency", "network"),
        (CostUnit, "latency", "cost"),
        (CostUnit, "bus_latency", "cost"),
        (SampleMemory, "latency", "samples"),
        (Score, "latency", "score"),
        (LfsrRegister, "latency", "random sources"),
        (RandomCode, "latency", "random sources"),
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
        lie = lambda count: honest(count) + error  # noqa: E731
    monkeypatch.setattr(owner, name, lie)
    with pytest.raises(AssertionError, match="wrong latency"):
        CHECKS[component](TOPOLOGIES[4])
