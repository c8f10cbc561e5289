"""Training in simulated gateware ends as the golden model says, bit for bit."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.files import load_config
from model.trainer import Run, Trainer, theta_digest
from sim.simulators import Simulator
from sim.train import train
from sim.verify import verify
from tests.configs import perceptron
from tests.conftest import need


def facts(run: Run) -> tuple[object, ...]:
    return (
        run.seed, run.solved, run.steps, run.clocks, run.correct, run.cost_sum,
        theta_digest(run.theta),
    )  # fmt: skip


@pytest.mark.parametrize(
    "simulator", [Simulator.VERILATOR, pytest.param(Simulator.ICARUS, marks=pytest.mark.slow)]
)
def test_xor_is_solved_alike_for_20_seeds(simulator: Simulator, builds: Path) -> None:
    """One simulation trains them all, so that starting over is tested as well."""
    simulator = need(simulator)
    config = load_config("xor")
    seeds = range(1, 21)
    checks: list[tuple[int, int, int, int]] = []
    runs = train(config, seeds, simulator, builds, lambda *check: checks.append(check))
    golden = Trainer(config, seeds).run()
    assert [facts(run) for run in runs] == [facts(run) for run in golden]
    assert all(run.solved for run in runs)
    assert len({theta_digest(run.theta) for run in runs}) == len(runs)
    every = config.training.check_every
    assert [step for seed, step, _, _ in checks if seed == 1] == list(
        range(every, runs[0].steps + 1, every)
    )
    assert checks[-1] == (20, runs[-1].steps, runs[-1].correct, runs[-1].cost_sum)


@pytest.mark.parametrize("perturbation", ["fm", "rcm"])
def test_everything_starts_over(perturbation: str, icarus: Simulator, builds: Path) -> None:
    """Phases and slots, the high-pass, all noise: a second run knows nothing of the first."""
    config = perceptron(
        *(2, 2, 1), loop="analog", tau_x=3, tau_theta=4, tau_hp=8, perturbation=perturbation,
        cost_noise=2**-6, update_noise=2**-6, defects=0.1, steps=30, theta="Q2.8", weight_bits=9,
    )  # fmt: skip
    seeds = [1, 2, 1]
    runs = train(config, seeds, icarus, builds)
    alone = {run.seed: facts(run) for run in Trainer(config, [1, 2]).run()}
    assert [facts(run) for run in runs] == [alone[seed] for seed in seeds]


def test_out_of_steps(icarus: Simulator, builds: Path) -> None:
    """The last check comes with the last step, whatever the interval."""
    config = load_config("xor").with_training(steps=33, check_every=20, tau_theta=11)
    runs = train(config, [3], icarus, builds)
    golden = Trainer(config, [3]).run()
    assert facts(runs[0]) == facts(golden[0])
    assert not runs[0].solved
    assert runs[0].steps == 33


def test_lockstep_to_the_solution(simulator: Simulator, builds: Path) -> None:
    """Every clock of a whole run, its decision and its end among them."""
    config = load_config("xor")
    result = verify(config, simulator, builds, stop_when_solved=True)
    golden = Trainer(config, [config.training.seed]).run()[0]
    assert result.mismatches == []
    assert result.steps == golden.steps < config.training.steps
    assert result.clocks > golden.clocks
    assert result.theta_digest == theta_digest(golden.theta)
