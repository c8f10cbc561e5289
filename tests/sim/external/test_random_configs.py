"""Gateware and golden model agree in every clock for any config of an external plant."""

from __future__ import annotations

from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import Phase, given, settings

from sim.external.pins import Answer
from sim.external.verify import verify
from sim.simulators import Simulator
from spec.external.config import ExternalConfig
from spec.external.plant import Way
from spec.plant import Engine
from tests.conftest import FRESH, need
from tests.plants.drawn import TRAINED, plants


def lockstep(data: st.DataObject, config: ExternalConfig, builds: Path) -> None:
    """Compare all steps; then, if there is a goal, a run that ends when solved."""
    need(Simulator.VERILATOR)
    delays = tuple(data.draw(st.lists(st.integers(0, 60), min_size=1, max_size=5)))
    stalls = data.draw(st.sampled_from((0.0, 0.3, 0.8)))

    def plant() -> Answer:
        return Answer(config, delays if config.plant.answers else (0,), stalls)

    result = verify(config, builds, plant=plant())
    assert result.mismatches == []
    assert result.steps == config.training.steps
    if config.training.has_goal:
        assert verify(config, builds, plant=plant(), stop_when_solved=True).mismatches == []


@settings(max_examples=4)
@given(data=st.data())
def test_lockstep(data: st.DataObject, builds: Path) -> None:
    lockstep(data, data.draw(plants()), builds)


@pytest.mark.slow
@settings(FRESH, max_examples=60)
@given(data=st.data())
def test_fresh(data: st.DataObject, builds: Path) -> None:
    """Others each time."""
    lockstep(data, data.draw(plants()), builds)


def test_the_configs_are_diverse() -> None:
    found: list[ExternalConfig] = []

    @settings(max_examples=400, phases=[Phase.generate])
    @given(plants())
    def collect(config: ExternalConfig) -> None:
        found.append(config)

    collect()
    assert {(c.plant.weights, c.plant.cost) for c in found} == {(a, b) for a in Way for b in Way}
    assert {c.plant.handshake for c in found} == {True, False}
    trainings = [c.training for c in found]
    assert len({(t.perturbation, t.loop, t.estimator) for t in trainings}) > len(TRAINED) - 3
    for values in (
        {c.plant.average for c in found},
        {c.plant.settling for c in found},
        {c.parameters for c in found},
        {c.samples for c in found},
        {c.training.momentum for c in found},
        {len(c.training.schedule) for c in found},
    ):
        assert len(values) >= 3
    assert {c.build.accumulate for c in found} == {True, False}
    folded = [c for c in found if c.build.engine is Engine.FOLDED]
    assert {c.plant.weights for c in folded} == {Way.STREAM, Way.SPI}
    assert len({(c.training.perturbation, c.training.loop) for c in folded}) == 5
    for kind in ("cost_noise", "update_noise"):
        assert {getattr(c.hardware, kind) > 0 for c in found} == {True, False}
