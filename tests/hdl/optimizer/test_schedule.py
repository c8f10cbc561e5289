"""The schedule issues every strobe in the clock in which the model's loop wants it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import hypothesis.strategies as st
import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from hypothesis import example, given, settings

from hdl.number.delay import delay
from hdl.optimizer.bus import Tag
from hdl.optimizer.schedule.drained import Schedule
from model.optimizer import schedule as golden
from model.trainer import Trainer
from spec import derive
from spec.config import Config
from spec.phase import Phase
from spec.registers import register_values
from spec.timing import Timing
from tests.configs import perceptron
from tests.hdl import tags
from tests.hdl.helpers import Row, stream

STROBES = ["clear", "perturb", "fill", "accumulate", "update", "read", "advance", "sweep"]
OUTPUTS = [
    *STROBES,
    "clear_score",
    "checked",
    "initialising",
    "tag",
    "phase",
    "step",
    "busy",
    "done",
    "solved",
]


class Answered(wiring.Component):
    """A schedule with a plant that only sends tags back, some clocks later.

    Parameters
    ----------
    config : Config
    slower : int
        Clocks by which the plant is slower than the config's.
    """

    def __init__(self, config: Config, slower: int) -> None:
        self.schedule = Schedule(derive.schedule(config))
        self.late = Timing.of(config).evaluation + slower
        members = dict(self.schedule.signature.members)
        del members["ready"], members["counted"]
        super().__init__(members)

    def elaborate(self, platform: object) -> Module:
        """Connect it to itself."""
        m: Any = Module()
        m.submodules.schedule = schedule = self.schedule
        for name, member in self.signature.members.items():
            mine, its = getattr(self, name), getattr(schedule, name)
            m.d.comb += its.eq(mine) if member.flow.name == "In" else mine.eq(its)
        tag = delay(m, schedule.tag, Tag, self.late, "tag")
        m.d.comb += [
            schedule.counted.eq(tag.count),
            schedule.ready.eq(delay(m, tag.changes, 1, 2, "changes")),
        ]
        return m


def make(config: Config, slower: int = 0) -> Any:
    """Make the schedule of a config's trainer."""
    return Answered(config, slower)


def registers(config: Config) -> Row:
    """Return the values of the schedule's registers."""
    names = ("tau_p", "tau_x", "tau_theta", "check_every", "steps")
    return {name: getattr(config.training, name) for name in names}


KINDS = {
    Phase.BASELINE: tags.BASELINE,
    Phase.OPPOSITE: tags.OPPOSITE,
    Phase.PERTURBED: tags.PERTURBED,
}


def tag_of(phase: Phase, new_sample: bool, config: Config) -> Row:
    """Return the evaluation that enters the network in a phase."""
    if config.training.analog and phase is Phase.PERTURBED and new_sample:
        return tags.FIRST
    return KINDS.get(phase, tags.NOTHING)


def clocks(config: Config) -> Iterator[Row]:
    """Expand the model's phases to the outputs of each clock, up to and with the first DONE."""
    trainer = Trainer(config, [1], stop_when_solved=False)
    rule = golden.Schedule(derive.optimizer(config), register_values(config))
    lengths = trainer.timing.durations()
    checking = stepping = False
    for phase in trainer.phases():
        n = rule.n
        for _ in range(lengths[phase] or 1):
            sweep, step = phase is Phase.CHECK, phase is Phase.STEP
            yield {
                "clear": phase is Phase.CLEAR,
                "perturb": step and rule.perturb(),
                "fill": phase is Phase.INIT_SHIFT,
                "accumulate": phase in (Phase.INIT_ACCUMULATE, Phase.ACCUMULATE),
                "update": phase is Phase.INIT_UPDATE or (phase is Phase.UPDATE and rule.update()),
                "read": sweep or step,
                "advance": step and not stepping and rule.sample(),
                "sweep": sweep,
                "clear_score": phase is Phase.UPDATE and rule.check(),
                "checked": phase is Phase.DECIDE,
                "initialising": phase in (Phase.INIT_ACCUMULATE, Phase.INIT_UPDATE),
                # A sample that is swept enters the network in the clock after.
                "tag": tags.CHECK if checking else tag_of(phase, rule.sample(), config),
                "phase": phase,
                "step": n,
                "busy": phase is not Phase.DONE,
                "done": phase is Phase.DONE,
                "solved": 0,
            }
            checking, stepping = sweep, step
        if phase is Phase.ACCUMULATE:
            rule.next_step()


def run(config: Config, *, idle: int = 0, **inputs: int) -> tuple[list[Row], list[Row]]:
    """Return rows that start and make a run, and what the outputs must be."""
    expected = list(clocks(config))
    rows: list[Row] = [registers(config) | inputs | {"start": 1, "stop": 0}]
    rows += [{"start": 0}] * (len(expected) + idle)
    return rows, expected


def perceptron_with(**keys: Any) -> Config:
    """Configure a network of two cells, whose initialisation is short."""
    return perceptron(1, 1, **{"theta": "Q2.3", "weight_bits": 5, "eta": -3, **keys})


@settings(max_examples=40)
@given(
    tau_p=st.integers(1, 7),
    tau_x=st.integers(1, 7),
    tau_theta=st.integers(1, 7),
    check_every=st.integers(1, 9),
    steps=st.integers(1, 30),
    samples=st.integers(1, 5),
    bus_bits=st.integers(2, 5),
)
@example(
    tau_p=65535, tau_x=65535, tau_theta=65535, check_every=65535, steps=20, samples=3, bus_bits=8
)
def test_every_strobe_of_a_run(samples: int, bus_bits: int, **training: int) -> None:
    """All outputs in all clocks, for any τ_p, τ_x, τ_θ, interval of checks and steps."""
    config = perceptron_with(samples=samples, bus_bits=bus_bits, **training)
    rows, expected = run(config)
    assert stream(make(config), rows, OUTPUTS)[1:] == expected


@pytest.mark.parametrize("perturbation", ["rcm", "fm_square"])
@pytest.mark.parametrize(("tau_p", "tau_x"), [(1, 3), (2, 2), (4, 3), (3, 7)])
def test_every_strobe_of_an_analog_loop(perturbation: str, tau_p: int, tau_x: int) -> None:
    """A random code takes a clock for each cell where a perturbation is due, and a step with it."""
    config = perceptron(
        *(2, 2, 1), loop="analog", perturbation=perturbation, tau_p=tau_p, tau_x=tau_x,
        steps=20, check_every=6,
    )  # fmt: skip
    rows, expected = run(config)
    rows[0]["tau_theta"] = 1  # as the register says: an update with every step
    assert stream(make(config), rows, OUTPUTS)[1:] == expected
    shifts = 9 if perturbation == "rcm" else 1
    assert sum(row["perturb"] for row in expected) == shifts * -(-20 // tau_p)
    steps = [n % tau_p == 0 for n in range(20)]
    timing = Timing.of(config)
    clocks_of_steps = sum(timing.step(perturb=due) for due in steps) + 4 * timing.check
    assert len(expected) - 1 == timing.initialisation + clocks_of_steps + 1


@pytest.mark.parametrize("hidden", ["hard_tanh", "plan", "tanh"])
@pytest.mark.parametrize("bus_bits", [2, 4, 8])
@pytest.mark.parametrize("layers", [(1, 1), (3, 2), (2, 3, 1), (2, 2, 2, 2)])
def test_clocks_of_each_phase(layers: tuple[int, ...], bus_bits: int, hidden: str) -> None:
    """Initialisation, a step with and without baseline, and a check, as the timing promises."""
    config = perceptron(
        *layers, hidden=hidden, bus_bits=bus_bits, steps=6, tau_x=2, tau_theta=2, check_every=3
    )
    timing = Timing.of(config)
    rows, _ = run(config)
    phases = [Phase(row["phase"]) for row in stream(make(config), rows, ["phase"])[1:]]
    assert phases.index(Phase.UPDATE) == timing.initialisation

    starts = [k for k, phase in enumerate(phases) if phase is Phase.UPDATE]
    lengths = []
    for start, stop in itertools.pairwise([*starts, len(phases) - 1]):
        part = phases[start:stop]
        checks = timing.check if Phase.CHECK in part else 0
        assert sum(p in (Phase.CHECK, Phase.CHECK_WAIT, Phase.DECIDE) for p in part) == checks
        lengths.append((Phase.BASELINE in part, len(part) - checks))
    assert lengths == [(True, timing.step()), (False, timing.step(baseline=False))] * 3 + [
        (False, 1)
    ]


@pytest.mark.parametrize("slower", [1, 7, 100])
def test_a_plant_may_be_slower(slower: int) -> None:
    """Each evaluation that is waited for, and each check, then takes as many clocks more."""
    config = perceptron_with(samples=3, steps=7, check_every=2)
    rows, expected = run(config)
    phases = [row["phase"] for row in expected[:-1]]
    waits = phases.count(Phase.ACCUMULATE) + phases.count(Phase.DECIDE)
    assert waits == 7 + 4
    found = stream(make(config, slower), rows + [{}] * waits * slower, OUTPUTS)[1:]
    ended = [row["done"] for row in found].index(1)
    assert ended == len(expected) - 1 + waits * slower
    waiting = (Phase.WAIT, Phase.CHECK_WAIT)
    busy = [row for row in found[: ended + 1] if row["phase"] not in waiting]
    assert busy == [row for row in expected if row["phase"] not in waiting]


def test_addresses_of_a_check() -> None:
    """Every sample once, in order."""
    config = perceptron_with(samples=5, steps=1)
    rows, _ = run(config)
    found = stream(make(config), rows, ["sweep", "address"])
    assert [row["address"] for row in found if row["sweep"]] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("bus_bits", [2, 3, 5, 8])
def test_initialisation_adds_every_power_of_two(bus_bits: int) -> None:
    """Bit after bit, on the bus at once or in bursts of what it can carry; also again."""
    config = perceptron_with(bus_bits=bus_bits, init=1, steps=1)
    rows, _ = run(config)
    found = stream(make(config), rows * 2, ["init_u", "initialising", "fill", "phase"])
    sums: list[int] = []
    for row in found:
        if row["phase"] == Phase.INIT_SHIFT and (not sums or sums[-1]):
            sums.append(0)
        if row["initialising"] and row["phase"] == Phase.INIT_ACCUMULATE:
            assert row["init_u"] <= derive.bus(config).maximum
            sums[-1] += row["init_u"]
    assert sums == [1, 2, 4, 8] * 2


def test_ends_when_solved() -> None:
    """A check that meets the target ends the run, and leaves `solved` until the next start."""
    config = perceptron_with(steps=20, check_every=4)
    rows, _ = run(config, target_met=1)
    found = stream(make(config), rows, OUTPUTS)
    done = [row["done"] for row in found].index(1)
    assert found[done]["step"] == 4
    assert not any(row["solved"] for row in found[:done])
    assert all(row["solved"] and row["done"] and not row["busy"] for row in found[done:])
    again = stream(make(config), [*rows, *run(config, target_met=0)[0]], ["solved", "phase"])
    restart = [row["phase"] for row in again].index(Phase.CLEAR, done)
    assert not any(row["solved"] for row in again[restart + 1 :])


def test_starts_over_as_from_reset() -> None:
    """After a run, after a stop, and not while busy."""
    config = perceptron_with(steps=7, check_every=3, tau_p=2, tau_x=3, tau_theta=4)
    rows, expected = run(config, idle=3)
    once = stream(make(config), rows, OUTPUTS)
    assert once[1 : len(expected) + 1] == expected
    busy = [rows[0], *[row | {"start": k % 5 == 0} for k, row in enumerate(rows[1:-5])], *rows[-5:]]
    assert stream(make(config), busy, OUTPUTS) == once
    stopped = [*rows[:150], {"stop": 1}, {"stop": 0}, *[{}] * 80]
    assert stream(make(config), stopped, ["done"])[-1] == {"done": 1}
    for first in (rows, stopped):
        again = stream(make(config), [*first, *rows], OUTPUTS)[len(first) :]
        # In the clock of CLEAR itself, n and `solved` are still those of the run before.
        assert again[1]["phase"] == Phase.CLEAR
        assert again[2:] == once[2:]


def test_stops_at_the_next_step_after_a_check() -> None:
    """In whatever clock it is asked to."""
    config = perceptron_with(steps=1000, check_every=5, samples=2)
    timing = Timing.of(config)
    patience = timing.initialisation + timing.step() + 2 * timing.check + 10
    last = timing.initialisation + 6 * timing.step() + timing.check
    for k in range(0, last, 3):
        rows: list[Row] = [registers(config) | {"start": 1}, *[{"start": 0}] * k]
        rows += [{"start": 0, "stop": 1}, {"stop": 0}, *[{}] * patience]
        phases = [Phase(row["phase"]) for row in stream(make(config), rows, ["phase"])]
        after = phases[k + 2 :]
        assert after[-1] is Phase.DONE, k
        # At most the step it is in, and a check that was on its way; then the check that ends it.
        assert after.count(Phase.STEP) <= 1
        ended = after[: after.index(Phase.DONE)]
        assert (
            ended[-timing.check :]
            == [
                *[Phase.CHECK] * timing.samples,
                *[Phase.CHECK_WAIT] * (timing.evaluation + 1),
                Phase.DECIDE,
            ][-len(ended) :]
        )


def test_a_stop_while_idle_is_forgotten() -> None:
    """It neither starts nor ends the run that follows."""
    config = perceptron_with(steps=3)
    rows, expected = run(config)
    found = stream(make(config), [{"stop": 1}, {"stop": 0}, *rows], OUTPUTS)
    assert not any(row["busy"] for row in found[:3])
    assert found[3:] == expected
