"""One cell's gradient reaches no other cell, in every loop, rule and estimator that is allowed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from spec import derive
from spec.code import Sines
from spec.config import Config
from spec.derive import loop
from spec.errors import InputError
from tests.configs import perceptron
from tests.model.crosstalk import FINE, crosstalk, others, repeats

DISCRETE: dict[str, dict[str, Any]] = {
    "plain": {},
    "momentum": {"momentum": 2},
    "antithetic": {"estimator": "antithetic"},
    "node": {"estimator": "node"},
    "slow": {"tau_p": 3, "momentum": 1},
}
ANALOG: dict[str, dict[str, Any]] = {
    "hp2": {"tau_hp": 2, "tau_x": 3},
    "hp4": {"tau_hp": 4, "tau_x": 5, "tau_p": 8},
    "hp8": {"tau_hp": 8, "tau_x": 6, "tau_p": 2},
    "node": {"tau_hp": 4, "tau_x": 101, "estimator": "node"},
}
RULES = DISCRETE | {f"analog-{name}": {"loop": "analog"} | keys for name, keys in ANALOG.items()}


def configure(**keys: Any) -> Config:
    return perceptron(2, 2, 1, **FINE | keys)


def random_code(config: Config, seeds: int = 24, steps: int = 600) -> np.ndarray:
    """Return the bias of each pair of cells, in its standard errors over the seeds."""
    seen = others(crosstalk(config, range(seeds), steps, 100))
    return seen.mean(axis=0) / (seen.std(axis=0, ddof=1) / np.sqrt(seeds))


def periodic_code(config: Config, seed: int = 1) -> float:
    """Return the largest bias of a pair, over a whole period, the one before being for settling."""
    period = repeats(config)
    settle = -(-20 * config.training.tau_hp // period) * period
    return float(np.abs(others(crosstalk(config, [seed], period, settle))).max())


@pytest.mark.parametrize("rule", RULES)
def test_random_codes(rule: str) -> None:
    """Within 6 standard errors, of a t distribution with 23 degrees of freedom, in 72 pairs."""
    assert np.abs(random_code(configure(perturbation="rcm", **RULES[rule]))).max() < 6


@pytest.mark.parametrize("rule", ["hp2", "hp4", "hp8"])
def test_a_line_that_moves_by_a_place_would_be_seen(
    rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The high-pass remembers that a cell had its neighbour's bit: beyond twice the bound."""
    monkeypatch.setattr(loop, "shifts", lambda config: 1)
    config = configure(perturbation="rcm", loop="analog", **ANALOG[rule])
    assert random_code(config).min() < -12


@pytest.mark.parametrize("perturbation", ["cm", "tm"])
@pytest.mark.parametrize("rule", DISCRETE)
def test_walsh_codes_and_turns(perturbation: str, rule: str) -> None:
    """Exactly."""
    assert periodic_code(configure(perturbation=perturbation, **DISCRETE[rule])) < 1e-4


@pytest.mark.parametrize("perturbation", ["cm", "tm"])
@pytest.mark.parametrize("rule", ["hp2", "hp4", "hp8"])
def test_the_analog_loop_refuses_them_as_they_are_biased(
    perturbation: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: dict[str, Any] = {"perturbation": perturbation, "loop": "analog", **ANALOG[rule]}
    with pytest.raises(InputError):
        configure(**keys)
    monkeypatch.setattr("spec.check.check_loop", lambda config: None)
    assert periodic_code(configure(**keys)) > 0.3


@pytest.mark.parametrize("rule", RULES)
def test_sines(rule: str) -> None:
    """But for the rounding of their values: docs/loop.md says 0.03."""
    assert periodic_code(configure(perturbation="fm", **RULES[rule])) < 0.035


@pytest.mark.parametrize("perturbation", ["fm", "fm_square"])
def test_samples_that_come_with_the_waves_are_refused(
    perturbation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a new sample takes a step out of every cell's wave, at the same places."""
    keys: dict[str, Any] = {"perturbation": perturbation, "loop": "analog", "tau_hp": 4, "tau_x": 4}
    with pytest.raises(InputError):
        configure(**keys)
    monkeypatch.setattr("spec.check.check_loop", lambda config: None)
    assert periodic_code(configure(**keys)) > 0.3


@pytest.mark.parametrize("rule", ["plain", "node", "analog-hp2"])
def test_square_waves_meet_in_their_harmonics(rule: str) -> None:
    """docs/loop.md says a quarter to a half, of the worst pair; on the average, little."""
    config = configure(perturbation="fm_square", **RULES[rule])
    assert isinstance(derive.code(config), Sines)
    assert 0.2 < max(periodic_code(config, seed) for seed in range(4)) < 0.55
