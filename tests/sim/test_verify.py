"""The lockstep itself: what it covers, and what it says."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from host.commands import show_verification
from host.files import load_config
from model.trainer import Trainer, theta_digest
from sim.simulators import Simulator
from sim.verify import DEFAULT_CLOCKS, default_steps, verify
from spec import probe
from tests.conftest import EXAMPLES


def test_xor_for_20_000_clocks(
    simulator: Simulator, builds: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what README.md and docs/verification.md say."""
    config = load_config("xor")
    config = config.with_training(steps=default_steps(config))
    reached: list[int] = []
    result = verify(config, simulator, builds, progress=reached.append)
    assert result.mismatches == []
    assert result.clocks >= DEFAULT_CLOCKS
    assert result.steps == config.training.steps
    fields = {f.name: f.count * result.clocks for f in probe.fields(config)}
    assert result.compared == fields
    assert reached == sorted(reached)
    golden = Trainer(config, [config.training.seed], stop_when_solved=False).run()[0]
    assert result.theta_digest == theta_digest(golden.theta)
    show_verification(result, probe.fields(config))
    printed = capsys.readouterr().out.replace(simulator.value, "verilator")
    for page in ("README.md", "docs/verification.md"):
        shown = textwrap.indent(f"$ mgd verify xor\n{printed}", "    ")
        assert shown in (EXAMPLES.parent / page).read_text(encoding="utf-8")


@pytest.mark.parametrize(("tau_x", "tau_theta"), [(1, 1), (5, 3), (7, 7), (1000, 1000)])
def test_default_steps_are_enough(tau_x: int, tau_theta: int) -> None:
    config = load_config("xor").with_training(tau_x=tau_x, tau_theta=tau_theta)
    config = config.with_training(steps=default_steps(config))
    run = Trainer(config, [1], stop_when_solved=False).run()[0]
    assert run.clocks >= DEFAULT_CLOCKS


def test_a_change_at_step_1(icarus: Simulator, builds: Path) -> None:
    """Nothing of the plan has moved before; Icarus once took what it says for unknown."""
    config = load_config("xor").with_training(
        steps=20, tau_theta=2, tau_x=5, schedule=[{"step": 1, "eta": -3, "tau_theta": 3}]
    )
    assert verify(config, icarus, builds).mismatches == []


def test_json_is_as_documented(icarus: Simulator, builds: Path) -> None:
    result = verify(load_config("xor").with_training(steps=5), icarus, builds).to_json()
    assert result["mismatches"] == 0
    assert {
        "simulator", "level", "clocks", "steps", "compared", "mismatches", "theta_digest",
    } <= set(result)  # fmt: skip
