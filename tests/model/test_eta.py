"""The η that "auto" chooses: by the curvature, exactly, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from model import eta
from model.trainer import Trainer
from spec import derive
from spec.config import Config
from tests.configs import perceptron, xor


def float_curvature(config: Config) -> float:
    """The same in float64, from the definition: all outputs' slopes, one parameter at a time."""
    weight, fa = derive.weight(config), config.formats.activation_bits
    amplitude, found = 2.0**config.training.amplitude, []
    for seed in eta.SEEDS:
        trainer = Trainer(config, [seed])
        for _ in trainer.initialise():
            pass
        weights, x = trainer.cells.weights(), np.array(config.data.x)[None]
        for k in range(config.parameters):
            moved = np.zeros_like(weights)
            moved[0, k] = round(amplitude * 2**weight.fraction_bits)
            y = [
                trainer.plant.network.evaluate(weights + sign * moved, x)[0] / 2.0**fa
                for sign in (1, -1)
            ]
            slopes = (y[0] - y[1]) / (2 * amplitude)
            found.append(2 / config.data.outputs * (slopes**2).mean(axis=0).sum())
    return float(np.sum(found)) / len(eta.SEEDS)


CONFIGS = {
    "xor": xor(),
    "defects": xor(defects=0.1),
    "regression": perceptron(
        3, 4, 2, inputs="fixed", output="tanh", hidden="tanh", theta="Q3.9", amplitude=-4, samples=9
    ),
    "classes": perceptron(24, 6, 4, binary_targets=True, samples=30, init=-3),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_curvature(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the definition says, however many parameters are looked at together."""
    config = CONFIGS[name]
    found = eta.curvature(config)
    assert float(found) == pytest.approx(float_curvature(config), rel=1e-9)
    monkeypatch.setattr(eta, "MOST_AT_A_TIME", 2 * config.parameters)
    assert eta.curvature(config) == found


@pytest.mark.parametrize("name", CONFIGS)
def test_the_largest_power_of_two(name: str) -> None:
    config = CONFIGS[name]
    e, trace = eta.largest_eta(config), eta.curvature(config)

    def small(step: Fraction) -> bool:
        return step * trace <= eta.LARGEST and step * config.parameters <= eta.MOST_TOGETHER

    assert small(Fraction(2) ** e)
    assert not small(Fraction(2) ** (e + 1))


def test_either_limit_may_be_the_smaller() -> None:
    limits = {
        name: eta.LARGEST / eta.curvature(c) < Fraction(eta.MOST_TOGETHER, c.parameters)
        for name, c in CONFIGS.items()
    }
    assert set(limits.values()) == {True, False}


def test_node_perturbation_moves_biases_only() -> None:
    config = xor(estimator="node")
    assert list(eta._perturbed(config)) == [2, 5, 8]
    assert 0 < eta.curvature(config) < eta.curvature(xor())


def test_chosen() -> None:
    """A number stays; "auto" becomes one, for all changes that do not set another."""
    assert eta.chosen(CONFIGS["xor"]) is CONFIGS["xor"]
    config = xor(eta="auto", schedule=[{"step": 5, "tau_x": 2}, {"step": 9, "eta": -1}])
    found = eta.chosen(config)
    e = eta.largest_eta(xor())
    assert [stage.eta for stage in found.training.stages] == [e, e, -1]
    assert [change.tau_x for change in found.training.schedule] == [2, 2]
    assert found == eta.chosen(config)
    assert eta.chosen(found) is found
    Trainer(found, [1])


def test_it_does_not_depend_on_the_seed() -> None:
    assert eta.chosen(xor(eta="auto", seed=7)).training.eta == eta.largest_eta(xor())


def test_refusals(refusal: Callable[..., str]) -> None:
    for keys, said in (
        ({"momentum": 2}, "needs training.momentum = 0, not 2"),
        ({"perturbation": "tm"}, "needs training.perturbation = 'rcm' or 'cm' or 'ternary'"),
        ({"tau_theta": 4}, "needs training.tau_theta = 1, not 4"),
        ({"loop": "analog", "tau_x": 3}, "needs training.loop = 'discrete'"),
    ):
        assert said in refusal(xor, eta="auto", **keys)
    assert "model.eta.chosen" in refusal(Trainer, xor(eta="auto"), [1])
    out_of_range = perceptron(3, 2, eta="auto", theta="Q2.22", amplitude=-2, weight_bits=8)
    assert "would be right; amplitude" in refusal(eta.chosen, out_of_range)
