"""Gateware and golden model agree in every clock for any config."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.simulators import Simulator, missing
from sim.verify import verify
from spec.training import Loop
from tests.conftest import need
from tests.random_configs import OPTIMISERS, random_config

CONFIGS = 48
CLOCKS = 500

# Icarus compiles a design in a second, Verilator in ten: where both are installed, Icarus takes
# all configs and Verilator some of them again. Half of them are enough for every day.
PAIRS = [
    pytest.param(seed, simulator, marks=[pytest.mark.slow] if seed >= CONFIGS // 2 else [])
    for simulator, every in ((Simulator.ICARUS, 1), (Simulator.VERILATOR, 16))
    for seed in range(0, CONFIGS, every)
]


@pytest.mark.parametrize(("seed", "simulator"), PAIRS)
def test_lockstep(seed: int, simulator: Simulator, tmp_path: Path, builds: Path) -> None:
    if simulator is Simulator.ICARUS and missing(simulator) and not missing(Simulator.VERILATOR):
        simulator = Simulator.VERILATOR
    config = random_config(seed, tmp_path, CLOCKS)
    result = verify(config, need(simulator), builds)
    assert result.mismatches == []
    assert result.clocks >= CLOCKS
    assert result.steps == config.training.steps


def test_the_configs_are_diverse(tmp_path: Path) -> None:
    configs = [random_config(seed, tmp_path) for seed in range(CONFIGS)]
    for values in (
        {c.network.hidden for c in configs},
        {c.network.output for c in configs},
        {c.training.tau_p for c in configs},
        {c.training.tau_x for c in configs},
        {c.training.tau_theta for c in configs},
    ):
        assert len(values) >= 7
    assert {len(c.layer_shapes) for c in configs} == {1, 2, 3}
    assert {c.data.outputs for c in configs} == {1, 2, 3, 4}
    assert len({(c.task.inputs, c.task.order) for c in configs}) == 6
    assert {c.data.binary_targets for c in configs} == {True, False}
    trainings = [c.training for c in configs]
    assert {(t.perturbation, t.loop, t.estimator) for t in trainings} == set(OPTIMISERS)
    assert len({t.tau_hp for t in trainings if t.loop is Loop.ANALOG}) > 3
    for kind in ("cost_noise", "update_noise", "defects"):
        noisy = {(c.training.loop, getattr(c.hardware, kind) > 0) for c in configs}
        assert len(noisy) == 4
    assert len({c.training.momentum for c in configs}) > 3
    assert {len(c.training.schedule) for c in configs} == {0, 1, 3}
