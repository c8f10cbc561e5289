"""A run that was ended and resumed makes the strobes of one that never ended."""

from __future__ import annotations

from typing import Any

import pytest

from hdl.optimizer.schedule.drained import Schedule
from hdl.optimizer.schedule.overlapped import OverlappedSchedule
from spec import derive
from spec.config import Config
from spec.phase import Phase
from tests.configs import perceptron
from tests.hdl.helpers import Row, stream
from tests.hdl.optimizer.test_schedule import (
    OUTPUTS,
    Answered,
    make,
    perceptron_with,
    registers,
    run,
)

CHECKING = (Phase.CHECK, Phase.CHECK_WAIT, Phase.DECIDE, Phase.IDLE, Phase.DONE)
QUIET = {"clear_score", "checked", "read", "sweep", "tag", "busy", "done", "phase"}


def work(found: list[Row]) -> list[Row]:
    """Leave out checks, the UPDATE of step n that a check follows, and what is no strobe then."""
    return [row for row in found if row["phase"] not in CHECKING and row["busy"]]


def resumed(config: Config, stops: list[int], design: Any = None) -> list[Row]:
    """Run to each of these steps, one after the other, and on from there."""
    _, expected = run(config)
    longest = len(expected) + 60
    sequence: list[Row] = [registers(config) | {"steps": stops[0], "start": 1}]
    sequence += [{"start": 0}] * longest
    for stop in [*stops[1:], config.training.steps]:
        sequence += [{"steps": stop, "resume": 1}, *[{"resume": 0}] * longest]
    return stream(design or make(config), sequence, OUTPUTS)


def whole(config: Config) -> list[Row]:
    """Run to the end at once."""
    rows, _ = run(config)
    return stream(make(config), rows, OUTPUTS)


def mistakes(config: Config, stops: list[int], design: Any = None) -> int:
    """Count the clocks of steps, checks left out, in which any output is another one."""
    found, expected = work(resumed(config, stops, design)), work(whole(config))
    # The clock before the check that ends a run has one more strobe: a check begins.
    for row in (*found, *expected):
        row["clear_score"] = 0
    wrong = sum(row != other for row, other in zip(found, expected, strict=False))
    return wrong + abs(len(found) - len(expected))


@pytest.mark.parametrize("stops", [[1], [5], [6], [8], [2, 3, 9], [6, 7]])
@pytest.mark.parametrize("taus", [(1, 1, 1), (2, 3, 4)])
def test_at_any_step(stops: list[int], taus: tuple[int, int, int]) -> None:
    """Also where a check is due, and where none is."""
    tau_p, tau_x, tau_theta = taus
    config = perceptron_with(
        steps=12, check_every=6, tau_p=tau_p, tau_x=tau_x, tau_theta=tau_theta, samples=3
    )
    assert mistakes(config, stops) == 0


class Forgetful(Schedule):
    """Planted fault: a run that is resumed begins with the update that it ended with."""

    def elaborate(self, platform: object) -> Any:
        """Go on in another phase."""
        m = super().elaborate(platform)
        with m.If(self.resume & self.done):
            m.d.sync += self._phases._now.eq(1 << Phase.UPDATE)
        return m


def test_a_planted_fault_is_found() -> None:
    config = perceptron_with(steps=12, check_every=6)
    design = Answered(config, 0)
    design.schedule = Forgetful(derive.schedule(config))
    assert mistakes(config, [5], design) > 0


def test_pause_ends_behind_the_initial_theta() -> None:
    """And the run goes on as if it had not."""
    config = perceptron_with(steps=7, check_every=3, tau_x=2)
    rows, expected = run(config)
    sequence = [rows[0] | {"pause": 1}, *rows[1:], {"pause": 0, "resume": 1}]
    sequence += [{"resume": 0}] * len(rows)
    found = stream(make(config), sequence, OUTPUTS)
    ended = [row["done"] for row in found].index(1)
    assert found[ended - 1]["phase"] == Phase.INIT_UPDATE
    assert not any(row["checked"] for row in found[: len(rows)])
    assert found[ended]["step"] == 0
    assert work(found)[: len(work(expected))] == [
        row for row in work(expected) if not (row["phase"] == Phase.UPDATE and row["step"] == 0)
    ]


def overlapped(config: Config, *ends: int) -> list[Row]:
    """Run an overlapped schedule to each of these steps; its outputs in steps."""
    checks = config.training.steps // config.training.check_every + 2
    rows: list[Row] = [registers(config) | {"start": 1}]
    for end in ends:
        rows[-1]["steps"] = end
        rows += [{"start": 0, "resume": 0, "counted": 1}] * (12 * end + 80 * checks)
        rows.append({"resume": 1})
    rows.pop()
    names = ["perturb", "accumulate", "update", "advance", "tag", "step", "phase", "busy"]
    return work(stream(OverlappedSchedule(derive.schedule(config)), rows, names))


@pytest.mark.parametrize("rails", [1, 2])
def test_overlapped_at_checks(rails: int) -> None:
    config = perceptron(
        *(2, 1), steps=40, check_every=10, update_delay="auto", rails=rails, tau_x=3, samples=3
    )
    whole = overlapped(config, 40)
    assert len(whole) > 40
    assert overlapped(config, 10, 40) == overlapped(config, 20, 30, 40) == whole


def test_an_overlapped_one_that_ends_between_checks_is_not_the_same() -> None:
    """Planted: why only at checks."""
    config = perceptron(*(2, 1), steps=40, check_every=10, update_delay="auto", tau_x=3, samples=3)
    assert overlapped(config, 15, 40) != overlapped(config, 40)
