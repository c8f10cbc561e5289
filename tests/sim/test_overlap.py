"""Overlapped schedules in lockstep: one rail or two, with and without G, any delay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hdl.trainer import Trainer
from model.trace import Trace
from model.trainer import Trainer as Golden
from sim.simulators import Simulator, to_verilog
from sim.train import train
from sim.verify import verify
from spec import derive
from spec.config import Config
from tests.configs import perceptron, xor
from tests.conftest import SLOW_VERILATOR, need
from tests.sim.test_train import facts

BUILDS: dict[str, dict[str, Any]] = {
    "one rail": {"rails": 1},
    "two rails": {"rails": 2},
    "one rail without G": {"rails": 1, "accumulate": False},
    "two rails without G": {"rails": 2, "accumulate": False},
    "registered multipliers": {"rails": 1, "accumulate": False, "multipliers": "registered"},
    "short pipeline": {
        "rails": 2, "accumulate": False, "multipliers": "registered", "pipeline": "short",
        "activation_bits": 7,
    },
}  # fmt: skip
CASES: dict[str, dict[str, Any]] = {
    "least delay": {"update_delay": "auto"},
    "more delay": {"update_delay": 31},
    "slow samples": {"update_delay": "auto", "tau_x": 5},
    "schedule": {
        "update_delay": "auto",
        "schedule": [{"step": 33, "eta": -3}, {"step": 34, "eta": 0}, {"step": 70, "tau_x": 3}],
    },
}
SLOW = ("more delay", "slow samples")
ESTIMATORS: dict[str, dict[str, Any]] = {
    "weight": {},
    "node": {"estimator": "node"},
    "node, unipolar": {"estimator": "node", "inputs": "unipolar"},
}
# A plan of η and τ hears nothing of the inputs: unipolar ones take the least delay only.
QUICK = [
    (case, estimator)
    for case in CASES
    for estimator in ESTIMATORS
    if case not in SLOW and (case, estimator) != ("schedule", "node, unipolar")
]
STEPS = 250


@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
@pytest.mark.parametrize(
    ("keys", "estimator"),
    [
        pytest.param(
            keys,
            kind,
            id=f"{case}-{name}",
            marks=[] if (case, name) in QUICK else [pytest.mark.slow],
        )
        for case, keys in CASES.items()
        for name, kind in ESTIMATORS.items()
    ],
)
def test_lockstep(
    keys: dict[str, Any],
    build: dict[str, Any],
    estimator: dict[str, Any],
    icarus: Simulator,
    builds: Path,
) -> None:
    config = xor(steps=STEPS, check_every=60, **keys, **build, **estimator)
    result = verify(config, icarus, builds)
    assert result.mismatches == []
    assert result.steps == STEPS


@pytest.mark.parametrize("rails", [1, 2])
@pytest.mark.parametrize("estimator", ["weight", "node"])
@pytest.mark.parametrize("simulator", [Simulator.ICARUS, SLOW_VERILATOR])
def test_batches_and_momentum(
    rails: int, estimator: str, simulator: Simulator, builds: Path
) -> None:
    """With two rails, an update and the accumulation of the next step come in one clock."""
    times: dict[str, Any] = {"tau_x": 2, "tau_theta": 3, "momentum": 2}
    config = perceptron(
        2, 3, 2, steps=STEPS, update_delay="auto", rails=rails, estimator=estimator, **times
    )
    result = verify(config, need(simulator), builds)
    assert result.mismatches == []


@pytest.mark.parametrize("rails", [1, 2])
@pytest.mark.parametrize("estimator", ["weight", "node"])
def test_without_g_none_saturates(
    rails: int, estimator: str, icarus: Simulator, builds: Path
) -> None:
    """-u of the least u is as large as itself, though a G of as many bits would not hold it."""
    keys: dict[str, Any] = {"bus_bits": 5, "gradient_bits": 5, "eta": 2, "steps": STEPS}
    keys |= {"estimator": estimator}
    config = xor(update_delay="auto", accumulate=False, rails=rails, **keys)
    assert any(
        (clocks["u"] == derive.bus(config).minimum).any() for clocks in Trace(config).chunks()
    )
    assert verify(config, icarus, builds).mismatches == []


SEEDS = (6, 12, 6)
"""Of the first twelve, two that are solved soon."""


@pytest.mark.parametrize("keys", [{}, {"estimator": "node", "eta": -1}], ids=str)
def test_training(keys: dict[str, Any], icarus: Simulator, builds: Path) -> None:
    """Runs end, and start over, with nothing left in flight."""
    config = xor(update_delay="auto", rails=2, check_every=100, cost_bits=10, **keys)
    golden = {run.seed: run for run in Golden(config, sorted(set(SEEDS))).run()}
    assert all(run.solved for run in golden.values())
    runs = train(config, SEEDS, icarus, builds)
    assert [facts(run) for run in runs] == [facts(golden[seed]) for seed in SEEDS]


def test_a_step_takes_a_clock(icarus: Simulator, builds: Path) -> None:
    """So that the clocks of twice the steps are more by the steps, checks apart."""

    def clocks(steps: int, config: Config, source: str) -> int:
        return verify(config.with_training(steps=steps), icarus, builds, source=source).clocks

    for rails, of_a_step in ((2, 1), (1, 2)):
        config = xor(update_delay="auto", rails=rails, check_every=65535)
        source = to_verilog(Trainer(config, probe=True))
        assert clocks(200, config, source) - clocks(100, config, source) == 100 * of_a_step
