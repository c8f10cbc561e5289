"""Every optimiser there is, with and without noise: gateware and golden model in lockstep."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.simulators import Simulator
from sim.verify import verify
from spec.config import Config
from spec.training import SPATIAL, Estimator, Loop, Perturbation
from tests.configs import BIASED, OPTIMISERS, Optimiser, named, perceptron
from tests.conftest import need

CLOCKS = 1200
NOISES = {"cost_noise": 2**-7, "update_noise": 2**-7, "defects": 0.1}
LOOPS: dict[Loop, dict[str, Any]] = {
    Loop.DISCRETE: {"tau_x": 3, "tau_theta": 2, "tau_p": 2, "momentum": 1},
    Loop.ANALOG: {"tau_x": 3, "tau_theta": 4, "tau_hp": 4, "tau_p": 2},
}

CASES = {
    "-".join(kind.value for kind in optimiser) + ("-noise" if k % 2 else ""): (optimiser, k % 2)
    for k, optimiser in enumerate(OPTIMISERS)
}

# tests/sim/test_random_configs.py takes all of them, with noise or not, in shorter runs.
RUNS = [
    pytest.param(
        *(*case, Simulator.ICARUS),
        id=f"{name}-icarus",
        marks=[] if case[1] else pytest.mark.slow,
    )
    for name, case in CASES.items()
]
# Icarus compiles a design in a second, Verilator in ten or more.
SOME = ("fm-discrete-node-noise", "rcm-analog-weight")
RUNS += [
    pytest.param(
        *(*case, Simulator.VERILATOR),
        id=f"{name}-verilator",
        marks=[] if name in SOME else pytest.mark.slow,
    )
    for name, case in CASES.items()
]


def configure(optimiser: Optimiser, noises: dict[str, Any]) -> Config:
    """Configure 2-2-2 on random data, a little over CLOCKS."""
    kinds: dict[str, Any] = {**named(optimiser), **LOOPS[optimiser[1]]}
    keys: dict[str, Any] = {"theta": "Q2.8", "weight_bits": 9, "steps": 66, "check_every": 25}
    return perceptron(2, 2, 2, inputs="fixed", **keys, **kinds, **noises)


@pytest.mark.parametrize(("optimiser", "noisy", "simulator"), RUNS)
def test_lockstep(optimiser: Optimiser, noisy: bool, simulator: Simulator, builds: Path) -> None:
    config = configure(optimiser, NOISES if noisy else {})
    result = verify(config, need(simulator), builds)
    assert result.mismatches == []
    assert result.clocks >= CLOCKS
    assert result.steps == config.training.steps


@pytest.mark.slow
@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("loop", list(Loop))
def test_each_noise_alone(loop: Loop, noise: str, icarus: Simulator, builds: Path) -> None:
    config = configure((Perturbation.RCM, loop, Estimator.WEIGHT), {noise: NOISES[noise]})
    assert verify(config, icarus, builds).mismatches == []


@pytest.mark.parametrize(
    "keys", [{"estimator": "antithetic"}, {"rails": 2, "update_delay": "auto"}]
)
def test_cross_entropy(keys: dict[str, Any], icarus: Simulator, builds: Path) -> None:
    steps = 300 if "rails" in keys else 60
    config = perceptron(2, 2, 3, cost="cross_entropy", output="identity", steps=steps, **keys)
    assert verify(config, icarus, builds).mismatches == []


def test_every_combination_is_met() -> None:
    """And each loop with noise and without, with every estimator it has."""
    assert len(OPTIMISERS) == 24
    met = {(loop, estimator, noisy) for (_, loop, estimator), noisy in CASES.values()}
    assert len(met) == 10
    assert set(SOME) < set(CASES)


@pytest.mark.parametrize("perturbation", list(SPATIAL))
def test_what_has_no_meaning_is_refused(
    perturbation: Perturbation, refusal: Callable[..., str]
) -> None:
    text = refusal(configure, (perturbation, Loop.ANALOG, Estimator.ANTITHETIC), {})
    assert text == (
        'training.estimator = "antithetic": needs training.loop = "discrete"; the analog loop has '
        "one evaluation a step"
    )


@pytest.mark.parametrize("perturbation", BIASED)
def test_what_is_biased_is_refused(perturbation: Perturbation, refusal: Callable[..., str]) -> None:
    text = refusal(configure, (perturbation, Loop.ANALOG, Estimator.WEIGHT), {})
    assert text.startswith(f'training.perturbation = "{perturbation.value}": must be "rcm", "fm"')
