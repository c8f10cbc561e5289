"""Clocks to solution are the golden model's, and wrong ones do not pass the gateware."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from experiments import solution
from experiments.report import ROOT
from experiments.solution import DifferenceError, solve
from host import train as training
from host.outcome import Training, median
from model.trainer import Run, Trainer
from sim.simulators import Simulator
from spec.config import Config

XOR = Config.load(ROOT / "examples" / "xor.toml")
RUNS = 6


@pytest.fixture
def faked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Let the golden model stand in for the gateware, with `fault` in its second run."""
    plan: dict[str, Any] = {"fault": {}, "simulated": []}
    real = training.train

    def train(config: Config, engine: str, runs: int, simulator: Simulator) -> Training:
        if engine == "model":
            return real(config, "model", runs, simulator)
        plan["simulated"].append((config.training.steps, config.training.seed, runs))
        made = Trainer(config, range(1, runs + 1)).run()
        made[1] = dataclasses.replace(made[1], **plan["fault"])
        return Training("sim", config, made)

    monkeypatch.setattr(training, "train", train)
    monkeypatch.setattr(solution.simulators, "require", lambda simulator: None)
    return plan


def test_solve(faked: dict[str, Any]) -> None:
    found = solve(XOR.with_training(seed=77), RUNS)
    golden = Trainer(XOR, range(1, RUNS + 1)).run()
    assert found["golden"] == {
        "seeds": RUNS,
        "solved": sum(run.solved for run in golden),
        "median_steps": median(golden, "steps"),
        "median_clocks": median(golden, "clocks"),
    }
    assert found["simulated"] == {"seeds": 3, "simulator": "verilator", "steps": None}
    assert faked["simulated"] == [(XOR.training.steps, 1, 3)]


def test_fewer_simulated_steps_change_no_result(faked: dict[str, Any]) -> None:
    whole, part = solve(XOR, RUNS), solve(XOR, RUNS, simulated_steps=60)
    assert part["golden"] == whole["golden"]
    assert part["simulated"] == whole["simulated"] | {"steps": 60}
    assert [steps for steps, *_ in faked["simulated"]] == [XOR.training.steps, 60]


SECOND = Trainer(XOR, [2]).run()[0]


@pytest.mark.parametrize(
    "fault",
    [
        {"clocks": SECOND.clocks + 1},
        {"steps": SECOND.steps + 1},
        {"theta": SECOND.theta ^ 1},
        {"solved": not SECOND.solved},
        {"cost_sum": SECOND.cost_sum - 1},
    ],
    ids=lambda fault: next(iter(fault)),
)
def test_a_difference_fails(faked: dict[str, Any], fault: dict[str, Any]) -> None:
    """A golden run that is off by one clock, or in anything else."""
    faked["fault"] = fault
    with pytest.raises(DifferenceError, match=r"^seed 2: the gateware made \d+ steps in "):
        solve(XOR, RUNS)


def test_a_difference_within_fewer_steps_fails(faked: dict[str, Any]) -> None:
    faked["fault"] = {"clocks": SECOND.clocks}  # those of a longer run
    with pytest.raises(DifferenceError, match=r"^seed 2: "):
        solve(XOR, RUNS, simulated_steps=20)


def test_the_gateware_and_a_golden_model_off_by_one_clock(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No fake: the gateware agrees, and would not with another budget of clocks."""
    monkeypatch.chdir(ROOT)  # where compiled simulations are kept
    found = solve(XOR, 3, 40, simulator)
    assert found["simulated"] == {"seeds": 3, "simulator": simulator.value, "steps": 40}
    real = Trainer.run

    def off_by_one(self: Trainer, *rest: Any) -> list[Run]:
        return [dataclasses.replace(run, clocks=run.clocks + 1) for run in real(self, *rest)]

    monkeypatch.setattr(Trainer, "run", off_by_one)
    with pytest.raises(DifferenceError, match=r"^seed 1: "):
        solve(XOR, 3, 40, simulator)
