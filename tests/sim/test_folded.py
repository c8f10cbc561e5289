"""A folded engine: gateware and golden model agree in every clock, and with the spatial engine."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from hdl.trainers import trainer_of
from model.folded import FoldedTrace
from model.trainer import Trainer, theta_digest
from sim import train
from sim.simulators import Simulator, to_verilog
from sim.verify import verify
from spec import derive
from spec.config import Config
from spec.network import LayerKind
from spec.plant import Engine
from spec.timing import Timing
from tests.configs import FOLDED, perceptron, xor
from tests.conftest import FRESH
from tests.sim.test_random_configs import writes
from tests.strategies import folded, registers


def lockstep(data: st.DataObject, config: Config, icarus: Simulator, builds: Path) -> None:
    """Compile once; run with the registers of the config, and with others that change midway."""
    other, third = (data.draw(registers(config)) for _ in range(2))
    step = data.draw(st.integers(1, config.training.steps - 1))
    source = to_verilog(trainer_of(config, probe=True))
    for run, written in ((config, {}), (other, writes(config, third, step))):
        result = verify(run, icarus, builds, source=source, writes=written)
        assert result.mismatches == []
        assert result.steps == config.training.steps
        golden = Trainer(run, [run.training.seed], stop_when_solved=False, writes=written).run()[0]
        assert result.theta_digest == theta_digest(golden.theta)
        assert result.clocks == golden.clocks + 1  # and the first one of DONE


SMALL = folded(8).filter(lambda c: Timing.of(c).initialisation < 2500)
"""Those that take Icarus no longer than a spatial one."""


@pytest.mark.parametrize("part", range(2))
@settings(max_examples=3)
@given(data=st.data())
def test_lockstep(part: int, data: st.DataObject, icarus: Simulator, builds: Path) -> None:
    """Each part draws others."""
    lockstep(data, data.draw(SMALL), icarus, builds)


DENSE = {"kind": "dense", "neurons": 2}
CONV = {"kind": "conv", "channels": 4}
POOL = {"kind": "pool"}
NODE = {"kind": "dense", "neurons": 5, "estimator": "node"}
WEIGHT = {"kind": "dense", "neurons": 3}


@pytest.mark.parametrize(
    ("shape", "lanes", "layers"),
    [
        ([6, 7, 2], 2, [CONV, POOL]),  # two groups, pooled; an odd column
        ([5, 4, 3], 4, [CONV]),  # three colours, which come one after the other
        ([7, 6, 1], 4, [CONV, CONV, POOL]),
        (
            [10, 11, 1],
            8,
            [CONV | {"channels": 2}, POOL, CONV, POOL],
        ),  # four places at once, then two
        ([6, 4, 2], 2, [CONV | {"channels": 1}, POOL]),
        ([4, 4, 1], 36, [CONV | {"channels": 9}, POOL]),  # in banks of more than hear one register
        ([4, 6, 1], 8, [CONV, POOL, NODE]),  # behind banks, and in front of a layer by weight
        ([5], 4, [NODE, WEIGHT, NODE | {"neurons": 3}]),  # last groups of one, and of three
    ],
    ids=["pooled", "colours", "deep", "squares", "rows", "many lanes", "by node", "no image"],
)
@pytest.mark.parametrize("kind", ["rcm", "fresh"])
def test_layers(
    kind: str, shape: list[int], lanes: int, layers: list[dict[str, Any]], icarus: Simulator,
    builds: Path,
) -> None:  # fmt: skip
    network = {"shape": shape, "layer": [*layers, {"kind": "dense", "neurons": 2}]}
    config = perceptron(
        math.prod(shape), 2, network=network, samples=2, inputs="fixed", lanes=lanes, steps=4,
        perturbation=kind, lane_multipliers=1 + (kind == "rcm"), check_every=2, eta=-4, **FOLDED,
    )  # fmt: skip
    assert verify(config, icarus, builds).mismatches == []


@pytest.mark.slow
@settings(FRESH, max_examples=60)
@given(data=st.data())
def test_fresh(data: st.DataObject, icarus: Simulator, builds: Path) -> None:
    """Other configs each time."""
    lockstep(data, data.draw(folded()), icarus, builds)


@settings(max_examples=10, suppress_health_check=[HealthCheck.filter_too_much])
@given(config=folded(perturbation="rcm", own=False))
def test_both_engines_find_the_same(config: Config) -> None:
    """By the line of perturbation bits, where layers are such as both have."""
    layers = config.network.all
    assume(all(one.kind is LayerKind.DENSE and one.doublings == 0 for one in layers))
    assume(isinstance(config.training.init, int))
    build = replace(
        config.build, engine=Engine.SPATIAL, lanes=1, lane_multipliers=1, word_ports=2,
        serial_cost=False,
    )  # fmt: skip
    spatial = replace(config, build=build)
    found = [Trainer(each, [config.training.seed]).run()[0].theta for each in (config, spatial)]
    np.testing.assert_array_equal(found[0], found[1])


def test_what_has_no_gateware(refusal: Callable[..., str]) -> None:
    config = perceptron(3, 2, **FOLDED | {"accumulate": True, "tau_theta": 2})
    assert Trainer(config, [1]).run()[0].steps > 0
    text = refusal(trainer_of, config)
    assert text.startswith("build.accumulate = true: parameters in memory")
    assert "mgd train --engine model" in text


@pytest.mark.parametrize("estimator", ["weight", "node"])
def test_training(estimator: str, icarus: Simulator, builds: Path) -> None:
    """Run after run, to a solution: the golden model's θ, steps and clocks."""
    config = xor(estimator=estimator, steps=400, lanes=2, **FOLDED)
    found = train.train(config, [1, 2, 3], icarus, builds)
    golden = Trainer(config, [1, 2, 3]).run()
    for one, other in zip(found, golden, strict=True):
        assert (one.steps, one.clocks, one.solved) == (other.steps, other.clocks, other.solved)
        assert (one.correct, one.cost_sum) == (other.correct, other.cost_sum)
        np.testing.assert_array_equal(one.theta, other.theta)


@settings(max_examples=15)
@given(config=folded())
def test_clocks_of_a_step(config: Config) -> None:
    """A trace has as many as the budget says, and shows every word once in a step."""
    layers = derive.folded(config).layers
    words = sum(layer.neurons * layer.fan_in * layer.copies for layer in layers)
    trace, timing = FoldedTrace(config), Timing.of(config)
    whole = [np.concatenate(parts) for parts in zip(*_fields(trace), strict=True)]
    step, written = whole
    steps = config.training.steps
    checks = sum(n % config.training.check_every == 0 or n == steps for n in range(1, steps + 1))
    clocks = timing.initialisation + steps * timing.step() + checks * timing.check + 1
    assert len(step) == clocks + 1
    passes = steps + checks * len(config.data) + len(timing.init_bursts)
    assert written.sum() == passes * words


def _fields(trace: FoldedTrace) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(chunk["step"][:, 0], chunk["written"].sum(axis=1)) for chunk in trace.chunks()]


def test_a_wide_layer(icarus: Simulator, builds: Path) -> None:
    """Several groups, samples of several words, outputs of more than one lane's column."""
    config = perceptron(
        11, 9, 5, samples=5, inputs="fixed", cost="cross_entropy", output="identity",
        hidden="relu", estimator="node", perturbation="fresh", lanes=4, steps=12, check_every=5,
        eta=-6, **FOLDED,
    )  # fmt: skip
    assert verify(config, icarus, builds).mismatches == []
