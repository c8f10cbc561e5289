"""The compiled trainer of a folded engine finds what the golden one does, whatever the config."""

from __future__ import annotations

from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import training
from model.compiled import folded_trainer
from model.compiled import trainer as compiled
from model.compiled.folded_trainer import FoldedTrainer, narrow
from model.trainer import Trainer
from spec import derive
from spec.config import Config
from tests.configs import FOLDED, perceptron
from tests.model.compiled.test_trainer import LEAPS, checks, compare
from tests.model.test_trainer import facts
from tests.strategies import folded

IMAGE: dict[str, Any] = {
    "shape": [9, 8, 2],
    "layer": [
        {"kind": "conv", "channels": 4, "activation": "relu", "doublings": 1},
        {"kind": "pool"},
        {"kind": "conv", "channels": 2, "activation": "tanh"},
        {"kind": "dense", "neurons": 5, "activation": "plan", "estimator": "node", "doublings": 1},
        {"kind": "dense", "neurons": 3, "activation": "identity"},
    ],
}
FINE = {"theta": "Q1.17", "weight_bits": 13, "activation_bits": 6, "cost_bits": 12, "bus_bits": 12}
KEYS: dict[str, Any] = {
    **FOLDED, **FINE,
    "gradient_bits": 24, "amplitude": -4, "eta": -7, "lanes": 2, "inputs": "fixed",
    "perturbation": "fresh", "cost": "cross_entropy", "binary_targets": True,
    "steps": 90, "check_every": 30,
}  # fmt: skip


def image(**keys: Any) -> Config:
    """A network of every kind of layer, on random images."""
    return perceptron(144, 3, samples=6, network=IMAGE, **KEYS | keys)


def dense(*layers: int, **keys: Any) -> Config:
    return perceptron(*layers, **KEYS | {"cost": "mse", "samples": 6} | keys)


@settings(max_examples=80, deadline=None)
@given(folded(G=True), LEAPS)
def test_any_config(config: Config, leap: int) -> None:
    compare(config, leap, kind=FoldedTrainer)


CASES: list[Config] = [
    image(),
    image(init=[-1, -3, -2, -4]),
    image(perturbation="rcm"),
    image(tau_p=3, tau_x=2),
    image(estimator="node", schedule=[{"step": 31, "eta": -9}, {"step": 50, "tau_x": 2}]),
    image(lanes=4, order="sequential"),
    dense(3, 70, 2, lanes=64),  # more than a word of fresh bits
    dense(9, 6, 1, estimator="node", inputs="bipolar"),
    dense(9, 6, 1, perturbation="rcm", theta="Q1.6", weight_bits=7, amplitude=-3, bus_bits=6),
    image(accumulate=True, tau_p=7, tau_theta=7),  # a batch for each perturbation
    image(accumulate=True, tau_p=2, tau_x=3, tau_theta=4, gradient_bits=13, eta=-5),
]


@pytest.mark.parametrize("config", CASES, ids=range(len(CASES)))
def test_cases(config: Config) -> None:
    found = compare(config, 7, kind=FoldedTrainer)
    assert found[0]["found"][0] != found[1]["found"][0]  # θ moves


def test_numbers_are_as_wide_as_sums_need() -> None:
    wide = {"theta": "Q1.23", "weight_bits": 24, "activation_bits": 14, "cost_bits": 24}
    for keys, fits in (({}, True), (wide, False), ({"accumulate": True}, True)):
        config = image(**keys)
        assert narrow(derive.network(config), config) == fits
        trainer = FoldedTrainer(config, [1])
        assert trainer._thetas.dtype == (np.int32 if fits else np.int64)
        compare(config, kind=FoldedTrainer)


def test_a_sum_of_one_bit_more_is_no_longer_narrow() -> None:
    """Of 127 products of 2**13 · 2**11, and of 128."""
    shapes = [(126, 1), (127, 1)]
    keys = {"activation_bits": 10, "weight_bits": 13, "estimator": "weight"}
    found = [dense(*shape, **keys) for shape in shapes]
    assert [narrow(derive.network(c), c) for c in found] == [True, False]


def test_a_wide_G_is_not_narrow() -> None:
    for bits, fits in ((31, True), (32, False)):
        config = image(accumulate=True, gradient_bits=bits)
        assert narrow(derive.network(config), config) == fits


def test_a_line_gives_both_engines_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the spatial engine's update at once, as it has without G."""
    keys = {"perturbation": "rcm", "estimator": "weight"}
    ends = []
    for engine in ("spatial", "folded"):
        lanes = 1 if engine == "spatial" else 3
        config = dense(3, 4, 2, **keys, engine=engine, lanes=lanes)
        kind = compiled.CompiledTrainer if engine == "spatial" else FoldedTrainer
        ends.append([run.theta.tolist() for run in kind(config, [1, 2]).run()])
    assert ends[0] == ends[1]


def test_which_trainer_trains_a_folded_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "worth_compiling", lambda *_: True)
    config = image(steps=40)
    trainer = training.trainer_of(config, [1, 2])
    assert type(trainer) is FoldedTrainer
    runs = [facts(run) for run in Trainer(config, [1, 2]).run()]
    assert [facts(run) for run in trainer.run()] == runs
    assert folded_trainer.covers(config) != compiled.covers(config)


def test_runs_together_equal_runs_alone() -> None:
    config = image(solved_cost=1.5, solved_accuracy=0.0, steps=600, check_every=5, eta=-5)
    together = FoldedTrainer(config, range(12)).run()
    assert len({run.steps for run in together}) > 1
    for run in together[::5]:
        assert facts(FoldedTrainer(config, [run.seed]).run()[0]) == facts(run)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=10, deadline=None)
def test_the_initial_parameters_are_the_golden_ones(seed: int) -> None:
    found = []
    for kind in (Trainer, FoldedTrainer):
        trainer = kind(image(steps=1), [seed])
        with mock.patch.object(trainer, "run"):
            phases = [trainer.clocks for _ in trainer.initialise()]
        found.append((trainer.cells.theta.tolist(), trainer.code.lfsr.state.tolist()))
        assert phases
    assert found[0] == found[1]


def test_another_theta_to_begin_with() -> None:
    config, ends = image(steps=40), []
    for kind in (Trainer, FoldedTrainer):
        trainer = kind(config, [1, 2], stop_when_solved=False)
        trainer.start_from(np.arange(config.parameters) * 3)
        ends.append(checks(trainer))
    assert ends[0] == ends[1]
