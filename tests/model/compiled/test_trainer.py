"""The compiled trainer finds what the golden one does, at every check, whatever the config."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.compiled import trainer as compiled
from model.compiled.trainer import CompiledTrainer
from model.run import Interrupted
from model.trainer import Trainer
from spec import derive
from spec.config import Config
from spec.training import Loop
from tests.configs import OPTIMISERS, Optimiser, named, perceptron, xor
from tests.conftest import EXAMPLES, examples
from tests.model.test_trainer import facts
from tests.strategies import configs

Checks = list[dict[str, Any]]

SEEDS = (1, 2, 2**32 - 1)


def checks(trainer: Trainer) -> Checks:
    """Train; return all that is seen at each check, and the runs at the end."""
    seen: Checks = []

    def look(trainer: Trainer) -> None:
        assert trainer.score is not None
        found = (trainer.cells.theta, trainer.cells.G, trainer.score.costs, trainer.score.hits)
        seen.append(
            {"step": trainer.n, "clocks": trainer.clocks, "seeds": trainer.seeds.tolist()}
            | {"found": [part.tolist() for part in found]}
        )

    runs = trainer.run(look)
    return [*seen, {"runs": [facts(run) for run in runs]}]


def compare(
    config: Config,
    leap: int = 1 << 40,
    kind: type[CompiledTrainer] = CompiledTrainer,
    writes: Mapping[int, Mapping[str, int]] | None = None,
    *,
    stop_when_solved: bool = False,
) -> Checks:
    """Hold a compiled trainer, of leaps of so many steps, against the golden one."""
    keys: Any = {"writes": writes, "stop_when_solved": stop_when_solved}
    golden = checks(Trainer(config, SEEDS, **keys))
    with mock.patch.object(compiled, "LEAP", leap * config.parameters * len(SEEDS)):
        assert checks(kind(config, SEEDS, **keys)) == golden
    return golden


LEAPS = st.sampled_from((1, 7, 1 << 40))


@settings(max_examples=60)
@given(configs(clocks=240), LEAPS, st.booleans())
def test_any_config(config: Config, leap: int, stop_when_solved: bool) -> None:
    compare(config, leap, stop_when_solved=stop_when_solved)


@settings(max_examples=30)
@given(configs(overlap=True, clocks=240), LEAPS, st.booleans())
def test_any_overlapped_config(config: Config, leap: int, stop_when_solved: bool) -> None:
    compare(config, leap, stop_when_solved=stop_when_solved)


RULES: dict[str, dict[str, Any]] = {
    "plain": {},
    "minibatch": {"tau_p": 2, "tau_x": 3, "tau_theta": 4},
    "noise": {"cost_noise": 0.02, "update_noise": 0.02, "defects": 0.1, "tau_theta": 2},
    "rails": {"eta": 1, "gradient_bits": 8, "bus_bits": 8, "theta": "Q1.7", "amplitude": -2},
}
"""Of the last, nearly all that can saturate does."""


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("optimiser", OPTIMISERS, ids=lambda o: "-".join(k.value for k in o))
def test_every_optimiser(optimiser: Optimiser, rule: str) -> None:
    keys: dict[str, Any] = {"inputs": "fixed", "check_every": 40, "steps": 130, **RULES[rule]}
    if optimiser[1] is Loop.ANALOG:
        keys["tau_x"], keys["tau_hp"] = 3, 4
    elif rule == "minibatch":
        keys["momentum"] = 2
    found = compare(perceptron(3, 4, 2, samples=5, **named(optimiser), **keys))
    assert found[0]["found"][0] != found[1]["found"][0]  # θ moves


def test_the_rails_are_met() -> None:
    config = perceptron(3, 4, 2, samples=5, steps=130, check_every=10, **RULES["rails"])
    *seen, _ = compare(config)
    low = derive.theta(config).minimum
    assert any(low in one for check in seen for one in check["found"][0])


@pytest.mark.parametrize("path", examples(), ids=lambda path: path.stem)
def test_every_example(path: Path) -> None:
    config = Config.load(path)
    every = 100 if config.parameters > 100 else 60
    schedule = [
        {"step": 70 + 30 * k, "tau_p": to.tau_p, "tau_x": to.tau_x, "tau_theta": to.tau_theta}
        | {"eta": to.eta}
        for k, to in enumerate(config.training.schedule)
    ]
    compare(config.with_training(steps=2 * every + 41, check_every=every, schedule=schedule), 100)


@pytest.mark.parametrize(
    "keys", [{}, {"schedule": [{"step": 31, "tau_x": 2, "eta": -3}]}, {"accumulate": False}]
)
def test_registers_that_are_written(keys: dict[str, Any]) -> None:
    """Periods end as soon as they are long enough; from a stage of the schedule on, none are."""
    writes = {5: {"tau_x": 4, "eta": -4}, 11: {"tau_p": 3, "tau_theta": 5}, 40: {"tau_x": 1}}
    config = xor(steps=90, check_every=30, tau_x=9, **keys)
    assert compare(config, writes=writes) != compare(config)


def stopped(trainer: Trainer, asked: int) -> list[tuple[object, ...]]:
    """Train until `stop` has been asked so often; return what is left."""
    times = iter(range(asked))
    with pytest.raises(Interrupted) as caught:
        trainer.run(stop=lambda: next(times, None) is None)
    return [facts(run) for run in caught.value.runs]


@pytest.mark.parametrize("name", ["xor", "fm-analog", "antithetic", "noisy"])
def test_a_run_that_is_stopped_is_as_far_as_it_came(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config.load(EXAMPLES / f"{name}.toml")
    monkeypatch.setattr(compiled, "LEAP", 7 * config.parameters * 2)
    initial = config.parameters * derive.init_bits(config)
    found = stopped(CompiledTrainer(config, [1, 2]), initial + 30)
    steps = found[0][2]
    assert isinstance(steps, int)
    assert 0 < steps < config.training.steps
    assert found == stopped(Trainer(config, [1, 2]), initial + 2 * steps)  # which asks twice a step


def test_what_is_under_way_when_steps_overlap_is_left_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in NumPy: both stop after as many steps."""
    config = Config.load(EXAMPLES / "xor-fast.toml")
    monkeypatch.setattr(compiled, "LEAP", config.parameters * 2)
    initial = config.parameters * derive.init_bits(config)
    ends = [stopped(kind(config, [1, 2]), initial + 100) for kind in (Trainer, CompiledTrainer)]
    assert ends[0] == ends[1]
    assert ends[0][0][2] == 101


def test_nothing_is_learned_before_the_first_step() -> None:
    assert stopped(CompiledTrainer(xor(), [1]), 0) == []


@pytest.mark.parametrize("dtype", [np.int64, np.int32])
def test_another_theta_to_begin_with(dtype: type) -> None:
    config, ends = xor(steps=50), []
    for kind in (Trainer, CompiledTrainer):
        trainer = kind(config, SEEDS, stop_when_solved=False)
        trainer.start_from(np.arange(9, dtype=dtype) * 3)
        ends.append(checks(trainer))
    assert ends[0] == ends[1]


def test_runs_together_equal_runs_alone() -> None:
    """Though others leave earlier."""
    config = xor(steps=1000)
    together = CompiledTrainer(config, range(30)).run()
    assert len({run.steps for run in together}) > 10
    for run in together[::3]:
        assert facts(CompiledTrainer(config, [run.seed]).run()[0]) == facts(run)
