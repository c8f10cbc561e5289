"""The trace: the same run, whatever the pieces in which it is taken."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from model.trace import Clocks, Trace
from model.trainer import Trainer
from spec import derive, probe
from spec.config import Config
from spec.phase import Phase
from spec.timing import Timing
from tests.configs import xor
from tests.strategies import configs

CONFIG = xor(steps=40, tau_x=2, tau_theta=3, tau_p=2, check_every=7, seed=5)


def whole(config: Config, clocks: int = 1000) -> Clocks:
    chunks = list(Trace(config).chunks(clocks))
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}


@pytest.mark.parametrize("clocks", [1, 7, 100, 10**6])
def test_pieces_of_any_size_join_without_gaps(clocks: int) -> None:
    expected, found = whole(CONFIG), whole(CONFIG, clocks)
    for name in expected:
        np.testing.assert_array_equal(found[name], expected[name])


@settings(max_examples=25)
@given(configs(clocks=150))
def test_shapes_and_ranges_are_those_of_the_probe(config: Config) -> None:
    """Every field, in every clock, fits into its bits."""
    trace = whole(config)
    clocks = len(trace["phase"])
    for field in probe.fields(config):
        values = trace[field.name]
        assert values.shape == (clocks, field.count)
        assert values.min() >= -(1 << field.width - 1 if field.signed else 0)
        assert values.max() < 1 << field.width - field.signed


def test_ends_with_the_run() -> None:
    [run] = Trainer(CONFIG, [5], stop_when_solved=False).run()
    trace = whole(CONFIG)
    first = int(np.flatnonzero(trace["phase"][:, 0] == Phase.DONE)[0])
    assert first == run.clocks
    assert len(trace["phase"]) == first + Timing.of(CONFIG).loop
    np.testing.assert_array_equal(trace["theta"][-1], run.theta)
    assert trace["step"][-1] == run.steps
    assert (trace["correct"][-1], trace["cost_sum"][-1]) == (run.correct, run.cost_sum)


def test_stops_when_solved_on_demand() -> None:
    config = xor(seed=11)
    [run] = Trainer(config, [11]).run()
    assert run.solved
    last = list(Trace(config, stop_when_solved=True).chunks())[-1]
    assert (last["step"][-1], last["solved"][-1]) == (run.steps, 1)


def test_states_change_when_their_strobe_has_reached_the_layer() -> None:
    """θ after an update, G after an accumulation: first layer a clock later, then the second."""
    trace, timing = whole(CONFIG), Timing.of(CONFIG)
    phase = trace["phase"][:, 0]
    strobes = {
        "theta": (Phase.INIT_UPDATE, Phase.UPDATE),
        "G": (Phase.INIT_ACCUMULATE, Phase.INIT_UPDATE, Phase.UPDATE, Phase.ACCUMULATE),
        "perturbation": (Phase.INIT_SHIFT, Phase.STEP),
    }
    for name, causes in strobes.items():
        for layer, part in enumerate((slice(0, 6), slice(6, 9))):
            late = timing.offset(layer) + 1
            values = trace[name][:, part]
            changed = np.flatnonzero((values[1:] != values[:-1]).any(axis=1)) + 1
            assert len(changed) > 10
            assert {Phase(value) for value in phase[changed - late]} <= set(causes)


def test_costs_and_u_change_in_their_clock_only() -> None:
    """C as late as an evaluation takes; C0 and C̃ a clock after their C; u at the loop's end.

    Before the first step, u is what the initial θ is made of, bit by bit.
    """
    trace, timing = whole(CONFIG), Timing.of(CONFIG)
    C, C0, C_tilde, u = (trace[name][:, 0] for name in ("C", "C0", "C_tilde", "u"))
    phase = trace["phase"][:, 0]
    baselines = np.flatnonzero(phase == Phase.BASELINE)
    perturbed = np.flatnonzero(phase == Phase.PERTURBED)
    shifting = (phase == Phase.INIT_SHIFT).astype(int)
    bits = np.flatnonzero(np.diff(shifting) == 1) + 1
    arrivals = {
        "C0": baselines + timing.evaluation + 1,
        "C_tilde": perturbed + timing.evaluation + 1,
        "u": perturbed + timing.loop,
    }
    for name, clocks in arrivals.items():
        changed = np.flatnonzero(np.diff(trace[name][:, 0])) + 1
        assert len(changed) > 10
        assert set(changed) <= {*clocks, *(bits + 1 if name == "u" else [])}
    np.testing.assert_array_equal(u[bits + 1], 2 ** np.arange(len(bits)))
    np.testing.assert_array_equal(C0[arrivals["C0"]], C[arrivals["C0"] - 1])
    late = arrivals["C_tilde"]
    np.testing.assert_array_equal(C_tilde[late], C[late - 1] - C0[late - 1])
    shift = 2.0 ** (4 - derive.eta_shift(CONFIG))
    np.testing.assert_array_equal(u[arrivals["u"]], np.round(C_tilde[late] * shift))
