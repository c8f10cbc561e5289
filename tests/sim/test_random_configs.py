"""Gateware and golden model agree in every clock for any config, whatever its registers hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import Phase, given, settings

from hdl.trainer import Trainer
from sim.simulators import Simulator, to_verilog
from sim.verify import verify
from spec.config import Config
from spec.training import Loop
from tests.configs import OPTIMISERS, Optimiser
from tests.conftest import FRESH, need
from tests.strategies import configs, registers

EXAMPLES = 2
"""Configs of each kind: the simplest there is, and another."""

# Icarus compiles a design in a second, Verilator in ten: it takes some of the optimisers again.
PAIRS = [
    pytest.param(
        *(optimiser, simulator),
        id="-".join(kind.value for kind in (*optimiser, simulator)),
        marks=[pytest.mark.slow] if k % every else [],
    )
    for simulator, every in ((Simulator.ICARUS, 1), (Simulator.VERILATOR, 16))
    for k, optimiser in enumerate(OPTIMISERS)
]


def writes(config: Config, other: Config, step: int) -> dict[int, dict[str, int]]:
    """Write the other's registers at a step."""
    names = ["eta", "tau_p", "tau_x", *([] if config.training.analog else ["tau_theta"])]
    return {step: {name: getattr(other.training, name) for name in names}}


def lockstep(data: st.DataObject, config: Config, simulator: Simulator, builds: Path) -> None:
    """Compile once; run with the registers of the config, and with others that change midway."""
    other, third = (data.draw(registers(config)) for _ in range(2))
    step = data.draw(st.integers(1, config.training.steps - 1))
    source = to_verilog(Trainer(config, probe=True))
    for run, written in ((config, {}), (other, writes(config, third, step))):
        result = verify(run, simulator, builds, source=source, writes=written)
        assert result.mismatches == []
        assert result.steps == config.training.steps


@pytest.mark.parametrize(("optimiser", "simulator"), PAIRS)
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_lockstep(
    optimiser: Optimiser, simulator: Simulator, data: st.DataObject, builds: Path
) -> None:
    lockstep(data, data.draw(configs([optimiser], max_width=2)), need(simulator), builds)


@pytest.mark.parametrize("part", range(3))
@settings(max_examples=3)
@given(data=st.data())
def test_overlap(part: int, data: st.DataObject, icarus: Simulator, builds: Path) -> None:
    """One rail or two, with and without G, any delay; each part draws others."""
    lockstep(data, data.draw(configs(overlap=True, clocks=300, max_width=3)), icarus, builds)


@pytest.mark.slow
@pytest.mark.parametrize("overlap", [False, True])
@settings(FRESH, max_examples=40)
@given(data=st.data())
def test_fresh(overlap: bool, data: st.DataObject, icarus: Simulator, builds: Path) -> None:
    """Other configs each time."""
    lockstep(data, data.draw(configs(overlap=overlap)), icarus, builds)


def drawn(strategy: st.SearchStrategy[Config], count: int) -> Sequence[Config]:
    """Draw so many different configs."""
    found: list[Config] = []

    @settings(max_examples=count, phases=[Phase.generate])
    @given(strategy)
    def collect(config: Config) -> None:
        found.append(config)

    collect()
    return found


def test_the_configs_are_diverse() -> None:
    found = [config for each in OPTIMISERS for config in drawn(configs([each]), 9)]
    for values in (
        {c.network.hidden for c in found},
        {c.network.output for c in found},
        {c.training.tau_p for c in found},
        {c.training.tau_x for c in found},
        {c.training.tau_theta for c in found},
    ):
        assert len(values) >= 7
    assert {len(c.layer_shapes) for c in found} == {1, 2, 3}
    assert {c.data.outputs for c in found} == {1, 2, 3, 4}
    assert len({(c.task.inputs, c.task.order) for c in found}) == 6
    assert {c.data.binary_targets for c in found} == {True, False}
    assert {c.build.accumulate for c in found} == {True, False}
    trainings = [c.training for c in found]
    assert {(t.perturbation, t.loop, t.estimator) for t in trainings} == set(OPTIMISERS)
    assert len({t.tau_hp for t in trainings if t.loop is Loop.ANALOG}) > 3
    for kind in ("cost_noise", "update_noise", "defects"):
        noisy = {(c.training.loop, getattr(c.hardware, kind) > 0) for c in found}
        assert len(noisy) == 4
    assert len({c.training.momentum for c in found}) > 3
    assert {len(c.training.schedule) for c in found} == {0, 1, 2, 3}


def test_those_with_overlap_are_diverse() -> None:
    found = drawn(configs(overlap=True), 50)
    assert len({(c.build.rails, c.build.accumulate) for c in found}) == 4
    assert {len(c.layer_shapes) for c in found} == {1, 2, 3}
    assert {bool(c.training.schedule) for c in found} == {True, False}
    assert {bool(c.training.momentum) for c in found} == {True, False}
