"""Gateware and golden model agree in every clock, whatever lies between optimizer and plant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model.external.trainer import ExternalTrainer
from sim.external.pins import Answer
from sim.external.verify import verify
from sim.simulators import Simulator
from spec.external.config import ExternalConfig
from spec.external.plant import Way
from spec.external.timing import ExternalTiming
from tests.conftest import need
from tests.plants import OWN_ADC, OWN_DAC, external

Keys = dict[str, Any]

STREAM: Keys = {"weights": "stream", "cost_in": "stream"}
OWN: Keys = {"weights": "spi", "dac": OWN_DAC, "cost_in": "spi", "adc": OWN_ADC}
TI: Keys = {"weights": "spi", "dac": "dac8568", "cost_in": "spi", "adc": "ads8681"}
MICROCHIP: Keys = {"weights": "spi", "dac": "mcp4922", "cost_in": "spi", "adc": "mcp3008"}
SCHEDULE = [{"step": 7, "eta": -3, "tau_x": 3}, {"step": 20, "tau_p": 2}]
LATE = (0, 1, 2, 7, 30)

# Ways that take a fixed time: the golden model knows every clock by itself.
FIXED: dict[str, Keys] = {
    "parallel": {"parameters": 2, "samples": 3, "order": "sequential", "steps": 150},
    "1000 clocks": {"settling": 1000, "parameters": 1, "average": 1, "cost_noise": 0.01},
    "tm, momentum": {
        **{"perturbation": "tm", "momentum": 2, "parameters": 9, "settling": 1, "samples": 2},
        **{"tau_p": 2, "tau_theta": 3, "tau_x": 2, "noise": 0.1},
    },
    "analog": {
        **{"loop": "analog", "tau_x": 3, "tau_theta": 4, "tau_hp": 4, "average": 3},
        **{"settling": 40, "samples": 2},
    },
    "analog fm": {"loop": "analog", "perturbation": "fm", "tau_x": 3, "tau_p": 1, "average": 1},
    "walsh": {"perturbation": "cm", "accumulate": False, "parameters": 3, "schedule": SCHEDULE},
    "stream, 64": {
        **{"perturbation": "fm_square", "weights": "stream", "settling": 3, "parameters": 64},
        **{"schedule": SCHEDULE, "samples": 3, "steps": 40},
    },
    "stream": {**STREAM, "parameters": 9, "average": 3, "settling": 1, "steps": 400},
    # Every weight changes in every evaluation: updates are smaller than perturbations, and a check
    # is not followed by a step.
    "spi": {**OWN, "parameters": 7, "eta": -9, "check_every": 99, "average": 1, "steps": 25},
    "spi, presets": {
        **{**TI, "parameters": 9, "eta": -9, "check_every": 99, "steps": 15, "settling": 3},
    },
}  # fmt: skip

WAITING: dict[str, Keys] = {
    "handshake": {
        **{"handshake": True, "settling": 3, "perturbation": "fm", "cost_noise": 0.01},
        **{"update_noise": 0.01, "samples": 2},
    },
    "stream that stalls": {
        **{**STREAM, "perturbation": "ternary", "estimator": "antithetic", "parameters": 9},
        **{"settling": 3, "noise": 0.1, "samples": 3, "steps": 150, "stalls": 0.4},
    },
    "streams and handshake": {
        **{**STREAM, "handshake": True, "average": 1, "perturbation": "tm", "parameters": 3},
        **{"stalls": 0.2, "momentum": 1},
    },
    "stream in": {"cost_in": "stream", "average": 3, "samples": 2, "update_noise": 0.02},
    "stream out": {"weights": "stream", "parameters": 1, "settling": 40, "stalls": 0.9},
    "spi, stream": {"weights": "spi", "dac": "mcp4922", "cost_in": "stream", "parameters": 5},
    "spi, tm": {**MICROCHIP, "parameters": 3, "perturbation": "tm", "adc_channel": 5, "steps": 12},
    "spi, noise": {
        **{**TI, "parameters": 9, "average": 1, "samples": 2, "noise": 0.1, "steps": 12},
        **{"handshake": True, "clock_mhz": 100.0},
    },
}  # fmt: skip

FOLDED: dict[str, Keys] = {
    "folded": {**STREAM, "parameters": 9, "samples": 2, "steps": 400, "schedule": SCHEDULE},
    "folded, one": {**STREAM, "parameters": 1, "accumulate": False},
    "folded, tm": {
        **{**STREAM, "perturbation": "tm", "momentum": 2, "parameters": 5, "tau_theta": 3},
        **{"tau_p": 2, "settling": 3, "average": 1},
    },
    "folded, walsh": {
        **{**STREAM, "perturbation": "cm", "update_noise": 0.02, "cost_noise": 0.01},
        **{"parameters": 17, "samples": 3},
    },
    "folded, analog": {
        **{**STREAM, "loop": "analog", "tau_x": 3, "tau_theta": 4, "tau_hp": 4, "parameters": 12},
    },
    "folded, stalls": {
        **{**STREAM, "perturbation": "ternary", "estimator": "antithetic", "parameters": 17},
        **{"stalls": 0.4, "handshake": True},
    },
    "folded, wide": {**STREAM, "parameters": 300, "steps": 20, "init": 1, "bus_bits": 4},
    "folded, spi": {**OWN, "parameters": 7, "eta": -9, "check_every": 99, "steps": 25},
    "folded, spi, presets": {**TI, "parameters": 9, "accumulate": False, "steps": 9},
}  # fmt: skip
"""Cells are words of memory."""

for _keys in FOLDED.values():
    _keys["engine"] = "folded"
FIXED |= {name: keys for name, keys in FOLDED.items() if name in ("folded", "folded, spi")}

ALL = FIXED | WAITING | FOLDED


SLOW = ("stream, 64", "folded, one", "folded, analog", "folded, spi, presets")


def configured(keys: Keys) -> tuple[ExternalConfig, float]:
    """Return what is trained, and how often its plant is not ready."""
    given = {"steps": 50, "check_every": 13, "settling": 0} | keys
    stalls = given.pop("stalls", 0.0)
    return external(**given), stalls


def lockstep(builds: Path, keys: Keys, **options: Any) -> Any:
    """Compare; a plant that is waited for is late now and then."""
    need(Simulator.VERILATOR)
    config, stalls = configured(keys)
    delays = LATE if config.plant.answers and keys not in FIXED.values() else (0,)
    plant = Answer(config, delays, stalls)
    result = verify(config, builds, plant=plant, **options)
    assert result.mismatches == []
    return result, config


@pytest.mark.parametrize(
    "name", [pytest.param(k, marks=[pytest.mark.slow] if k in SLOW else []) for k in ALL]
)
def test_lockstep(name: str, builds: Path) -> None:
    """Where the way takes a fixed time, it is the documented one."""
    result, config = lockstep(builds, ALL[name])
    assert result.steps == config.training.steps
    (golden,) = ExternalTrainer(config, [1]).run()
    timing = ExternalTiming.of_external(config)
    if name in FIXED:
        dac, clock_hz = config.plant.dac, config.plant.clock_mhz * 1e6
        # Two clocks after it began, a run sets its DACs up; the first weight comes 4 after its θ.
        set_up = 2 + dac.setup_clocks(clock_hz) if dac else 0
        left = max(0, set_up - timing.initialisation - 4)
        assert result.clocks == golden.clocks + timing.loop + left


@pytest.mark.parametrize("way", list(Way), ids=lambda way: way.value)
@pytest.mark.parametrize("bank", ["spatial", "folded"])
def test_every_way_is_covered(bank: str, way: Way) -> None:
    """By 20,000 clocks of configs that take as many as the golden model says."""
    names = set(FIXED) & set(FOLDED) if bank == "folded" else set(FIXED) - set(FOLDED)
    configs = [configured(ALL[name])[0] for name in names - set(SLOW)]
    clocks = sum(
        run.clocks
        for config in configs
        if config.plant.weights is config.plant.cost is way
        for run in ExternalTrainer(config, [1]).run()
    )
    assert (clocks >= 20_000) is ((bank, way) != ("folded", Way.PARALLEL))


@pytest.mark.parametrize("goal", [0.0, 0.05])
@pytest.mark.parametrize("ways", [{}, STREAM], ids=["parallel", "stream"])
def test_solved_runs_end(goal: float, ways: Keys, builds: Path) -> None:
    """Also if the goal is 0, which is not to have none."""
    keys = {"parameters": 1, "spread": 0.25, "steps": 400, "solved_cost": goal} | ways
    result, config = lockstep(builds, keys, stop_when_solved=True)
    (golden,) = ExternalTrainer(config, [1]).run()
    assert golden.solved
    assert result.steps == golden.steps < 400


def test_without_a_goal_all_steps_are_made(builds: Path) -> None:
    """Though the cost is 0."""
    keys = {"parameters": 1, "spread": 0.25, "steps": 400}
    result, config = lockstep(builds, keys, stop_when_solved=True)
    (golden,) = ExternalTrainer(config, [1]).run()
    assert (golden.cost_sum, golden.solved) == (0, False)
    assert result.steps == golden.steps == 400


def test_theta_does_not_depend_on_the_way(builds: Path) -> None:
    """If converters have the same widths."""
    keys = {"parameters": 7, "samples": 2, "steps": 9, "average": 1, "cost_width": 12, "eta": -9}
    spi = {**keys, **OWN}
    digests = {lockstep(builds, given)[0].theta_digest for given in (keys, keys | STREAM, spi)}
    assert len(digests) == 1


def test_costs_saturate(builds: Path) -> None:
    """Those that are infinite, too."""
    lockstep(builds, {"model": "models.py:Infinite", "parameters": 2, "cost_width": 5})
