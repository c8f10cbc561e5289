"""Plants that misbehave: what comes of each is defined, and θ is right all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.external.trainer import ExternalTrainer
from model.run import Counted, theta_digest
from sim.external import train
from sim.external.pins import Answer
from sim.external.verify import verify
from sim.simulators import Simulator
from spec.external import derive
from spec.external.config import ExternalConfig
from tests.conftest import need
from tests.plants import external
from tests.sim.external.rude import Bench, Early, Falters, Twice, WrongRound

TIMEOUT = 50

KEYS: dict[str, Any] = {"cost_in": "stream", "timeout": TIMEOUT, "parameters": 2, "settling": 2}
KEYS |= {"steps": 30, "check_every": 10, "samples": 2}

STREAM: dict[str, Any] = KEYS | {"weights": "stream"}

EVALUATIONS = 3 * 2 + 2 * 30
"""Of a run."""

SPARE = TIMEOUT - derive.exchange(external(**KEYS)).clocks
"""By how many clocks an answer may be late, and one more."""


@pytest.fixture(autouse=True)
def _verilator() -> None:
    need(Simulator.VERILATOR)


def late(*delays: int) -> Callable[[ExternalConfig], Answer]:
    """Make a plant that is late by so many clocks, in turn."""
    return lambda config: Answer(config, delays)


RUDE: dict[str, tuple[Callable[[ExternalConfig], Answer], Counted]] = {
    "just in time": (late(SPARE - 1), Counted(0, 0)),
    "as it is asked again": (late(SPARE, 0), Counted(EVALUATIONS, 0)),
    "after it is asked again": (late(SPARE + 1, 0), Counted(EVALUATIONS, EVALUATIONS)),
    # The first answer is as good for the second question; the second one comes in the next round.
    "to the question before": (late(SPARE + 15, 20, 30), Counted(EVALUATIONS // 2, -1)),
    "three times": (late(99, 99, 99, 0), Counted(3 * EVALUATIONS, -1)),
    "early": (Early, Counted(0, EVALUATIONS)),
    "twice": (Twice, Counted(0, EVALUATIONS)),
    "wrong round": (WrongRound, Counted(0, EVALUATIONS)),
}
"""Each with what is counted; -1: some."""


@pytest.mark.parametrize("name", RUDE)
def test_theta_is_right(name: str, builds: Path) -> None:
    """In lockstep, and in training."""
    make, counted = RUDE[name]
    config = external(**KEYS)
    result = verify(config, builds, plant=make(config))
    assert result.mismatches == []
    assert result.steps == config.training.steps
    run = train.run(train.prepare(config, builds), config, 1, plant=make(config))
    assert theta_digest(run.theta) == result.theta_digest
    found = run.counted
    assert found is not None
    assert found.timeouts == counted.timeouts
    assert found.unasked == counted.unasked if counted.unasked >= 0 else found.unasked > 0


@pytest.mark.parametrize("average", [0, 2])
def test_streams_that_stall_time_out_and_go_on(average: int, builds: Path) -> None:
    """A plant that seldom takes weights, and seldom answers in time, is asked for all again."""
    config = external(**STREAM | {"parameters": 3, "average": average, "timeout": 40})
    plant = Answer(config, (0, 99, 45, 12, 3), 0.8)
    assert verify(config, builds, plant=plant).mismatches == []
    assert plant.asked > EVALUATIONS * 1.2


@pytest.mark.parametrize(
    ("how", "keys"),
    [
        ("silent", KEYS),
        ("silent", STREAM),
        ("not ready", STREAM),
        ("stuck high", KEYS | {"handshake": True}),
        ("stuck low", KEYS | {"handshake": True}),
    ],
)
@pytest.mark.parametrize("after", [0, 3, 40])
def test_a_plant_that_never_answers(
    how: str, keys: dict[str, Any], after: int, builds: Path
) -> None:
    """It is asked again and again, until `stop`; then the run has ended, and θ is what it was."""
    config = external(**keys)
    build, asked = train.prepare(config, builds), []

    def stop() -> bool:
        asked.append(0)
        return len(asked) > 800

    plant = Falters(config, how, after)
    run = train.run(build, config, 1, plant=plant, stop=stop)
    assert not run.solved
    assert run.steps < 30
    assert run.counted
    assert run.counted.timeouts > 10
    if run.steps:
        (golden,) = ExternalTrainer(config.with_training(steps=run.steps), [1]).run()
        np.testing.assert_array_equal(run.theta, golden.theta)


@pytest.mark.parametrize("how", ["silent", "not ready"])
@pytest.mark.parametrize("after", [0, 5, 21, 33])
def test_a_run_after_one_that_was_given_up(how: str, after: int, builds: Path) -> None:
    """It is a run as any other, also if the first ended within a check."""
    config = external(**STREAM)
    bench = Bench(train.prepare(config, builds), config)
    with bench.session:
        found = bench.play(Falters(config, how, after), lambda _, out: out["timeouts"] > 2)
        assert (found["done"], found["solved"]) == (1, 0)
        found = bench.play(Answer(config))
        assert (found["done"], found["timeouts"], found["step"]) == (1, 0, 30)
        (golden,) = ExternalTrainer(config, [1]).run()
        np.testing.assert_array_equal(bench.theta(), golden.theta)
        assert found["cost_sum"] == golden.cost_sum


@pytest.mark.parametrize("clock", [0, 1, 2, 9])
def test_a_stop_is_heard_in_every_clock(clock: int, builds: Path) -> None:
    """Also in the first one; as a strobe."""
    config = external(**KEYS)
    bench = Bench(train.prepare(config, builds), config)
    heard = []

    def stop(now: int, outputs: Any) -> bool:
        heard.append(now)
        return now == clock

    class Awake(Falters):
        def react(self, clock: int, outputs: Any) -> Any:
            return super().react(clock, outputs)[0], clock + 1

    with bench.session:
        found = bench.play(Awake(config, "silent", 0), stop, most=1000)
    assert clock in heard
    assert (found["done"], found["timeouts"]) == (1, 1)


def test_a_reading_that_was_given_up_is_none_of_the_next_run(builds: Path) -> None:
    """An ADC takes longer than a run to begin."""
    keys = {"cost_in": "spi", "adc": "mcp3008", "handshake": True, "timeout": 900}
    config = external(**keys, parameters=1, steps=1, theta="Q2.6")
    bench = Bench(train.prepare(config, builds), config)
    with bench.session:
        plant = Answer(config, (0, 650))
        found = bench.play(plant, lambda _, out: plant.asked > 1)
        assert (found["done"], found["timeouts"]) == (1, 1)
        plant.delays = (0,)
        found = bench.play(plant)
        assert found["done"]
        (golden,) = ExternalTrainer(config, [1]).run()
        assert (bench.theta(), found["cost_sum"]) == (golden.theta, golden.cost_sum)


@pytest.mark.slow
def test_counters_stay_at_the_largest_value(builds: Path) -> None:
    """And whoever waits for the plant is asked whether to end, all the same."""
    config = external(**KEYS | {"handshake": True, "timeout": 12})
    build, asked = train.prepare(config, builds), []

    def stop() -> bool:
        asked.append(0)
        return len(asked) > 66_000

    plant = Falters(config, "stuck high", 0)
    counted = train.run(build, config, 1, plant=plant, stop=stop).counted
    assert counted
    assert counted.timeouts == 65_535


@pytest.mark.parametrize(
    "keys",
    [
        KEYS,
        STREAM,
        KEYS | {"handshake": True},
        STREAM | {"handshake": True, "settling": 0},
        KEYS | {"weights": "spi", "dac": "mcp4922"},
    ],
)
def test_the_least_timeout_is_enough(keys: dict[str, Any], builds: Path) -> None:
    """For a plant that lets nobody wait."""
    least = derive.exchange(external(**keys | {"timeout": 60_000})).least_timeout
    config = external(**keys | {"timeout": least})
    run = train.run(train.prepare(config, builds), config, 1)
    assert run.counted == Counted(0, 0)
    assert run.steps == 30
