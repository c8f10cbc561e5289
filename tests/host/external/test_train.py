"""`mgd train` and `mgd verify` with a plant of one's own, its model at the pins."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.external.trainer import ExternalTrainer
from model.run import theta_digest
from sim.external import train as simulation
from spec.external.config import ExternalConfig
from tests.host.conftest import read_json, run
from tests.host.external.conftest import Write
from tests.sim.external.rude import Falters

KEYS: dict[str, Any] = {"steps": 60, "spread": 0.25, "solved_cost": 0.01, "samples": 1}

Out = pytest.CaptureFixture[str]


def test_both_engines_find_the_same(write: Write, folder: Path, capsys: Out) -> None:
    """Three runs, their JSON, and a picture."""
    name, found = write(**KEYS), {}
    for engine in ("model", "sim"):
        outputs = ["--json", f"{engine}.json", "--plot", f"{engine}.png"]
        assert run("train", name, "--engine", engine, "--runs", "3", *outputs) == 0
        assert (folder / f"{engine}.png").read_bytes().startswith(b"\x89PNG")
        found[engine] = read_json(folder / f"{engine}.json")
    assert "the golden model agrees" in capsys.readouterr().out
    model, sim = found["model"], found["sim"]
    assert (model["engine"], sim["engine"]) == ("model", "sim")
    assert model["solved"] == sim["solved"] == 3
    assert model["config"]["plant"]["model"] == "models.py:Quadratic"
    golden = ExternalTrainer(ExternalConfig.load(name), [1, 2, 3]).run()
    for ours, its, other in zip(golden, model["runs"], sim["runs"], strict=True):
        assert its["theta"] == ours.theta.tolist()
        assert its["theta_digest"] == theta_digest(ours.theta)
        assert (its["clocks"], its["timeouts"], its["unasked"]) == (None, None, None)
        assert (other["clocks"], other["timeouts"], other["unasked"]) == (ours.clocks, 0, 0)
        assert its["accuracy"] is None
        same = ("seed", "solved", "steps", "cost", "theta", "theta_digest")
        assert [its[name] for name in same] == [other[name] for name in same]
        assert its["cost"] == ours.cost_sum / 256 <= 0.01


def test_without_a_goal(write: Write, folder: Path, capsys: Out) -> None:
    """Nothing is solved, and that is no failure; other steps and another seed may be given."""
    name = write(model="models.py:Accurate", samples=3, steps=999)
    words = ["--steps", "20", "--seed", "7", "--json", "o.json", "--engine", "sim"]
    assert run("train", name, *words) == 0
    found = read_json(folder / "o.json")
    (only,) = found["runs"]
    assert (found["solved"], found["median_steps"], only["solved"]) == (None, None, None)
    assert (only["seed"], only["steps"]) == (7, 20)
    assert 0 <= only["accuracy"] <= 1
    assert "1 run of 20 steps" in capsys.readouterr().out


def test_a_goal_that_is_missed(write: Write) -> None:
    assert run("train", write(solved_cost=0.0, spread=0.9, samples=5, steps=20)) == 1


@pytest.mark.parametrize("keys", [{}, {"weights": "stream", "cost_in": "stream", "samples": 2}])
def test_verify(keys: dict[str, Any], write: Write, folder: Path, capsys: Out) -> None:
    assert run("verify", write(**keys), "--steps", "50", "--json", "o.json") == 0
    assert "0 mismatches in " in capsys.readouterr().out
    found = read_json(folder / "o.json")
    assert (found["mismatches"], found["steps"]) == (0, 50)
    assert found["clocks"] > 500


def test_verify_sees_a_difference(
    write: Write, monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: Out
) -> None:
    """A golden model that is wrong from some step on."""
    right = ExternalTrainer._next_step

    def wrong(trainer: ExternalTrainer) -> None:
        trainer.cells.theta[:, 1] += trainer.n == 30
        right(trainer)

    monkeypatch.setattr(ExternalTrainer, "_next_step", wrong)
    assert run("verify", write(), "--steps", "50", "--json", "o.json") == 1
    assert "the lockstep broke" in capsys.readouterr().out
    found = read_json(folder / "o.json")
    (first,) = found["first_mismatch"]
    assert (first["signal"], first["step"]) == ("theta[1]", 30)
    assert (folder / "build" / "mismatch-verilator.vcd").read_text().count("$scope module") == 2
    assert run("train", "own.toml", "--engine", "sim") == 1
    assert "the golden model differs for the seeds [1]" in capsys.readouterr().out


@pytest.mark.parametrize("engine", ["model", "sim"])
@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("nan", "the plant's model returned nan for sample 0"),
        ("raises", "the plant's model, for sample 0: ZeroDivisionError: a plant of many"),
        ("exits", "the plant's model, for sample 0: SystemExit"),
        ("none", "the plant's model, for sample 0: TypeError"),
        ("many", "the plant's model, for sample 0: TypeError"),
        ("text", "the plant's model, for sample 0: ValueError"),
    ],
)
def test_a_model_that_fails(how: str, said: str, engine: str, write: Write, capsys: Out) -> None:
    """While it trains: one line, and no success."""
    name = write(model="models.py:Fails", how=how, after=20)
    assert run("train", name, "--engine", engine) == 1
    assert one_line(capsys).startswith(f"mgd train: {said}")
    if engine == "sim":
        assert run("verify", name, "--steps", "50") == 1
        assert one_line(capsys).startswith(f"mgd verify: {said}")


@pytest.mark.parametrize("how", ["nan", "none", "text", "more"])
def test_an_accuracy_that_is_none(how: str, write: Write, capsys: Out) -> None:
    assert run("train", write(model="models.py:Inaccurate", how=how, steps=10)) == 1
    assert one_line(capsys).startswith("mgd train: accuracy of the plant's model: ")


@pytest.mark.parametrize("engine", ["model", "sim"])
def test_what_was_learned_is_kept(engine: str, write: Write, folder: Path, capsys: Out) -> None:
    """If it is ended while the plant evaluates."""
    name = write(model="models.py:Interrupts", after=40, steps=10_000, samples=2)
    assert run("train", name, "--engine", engine, "--json", "o.json") == 128 + 15
    assert one_line(capsys) == "mgd train: interrupted"
    found = read_json(folder / "o.json")
    (only,) = found["runs"]
    assert found["interrupted"]
    assert 10 < only["steps"] < 30
    config = ExternalConfig.load(write(steps=only["steps"], samples=2))
    (golden,) = ExternalTrainer(config, [1]).run()
    assert only["theta"] == golden.theta.tolist()
    assert only["cost"] * 512 == golden.cost_sum


@pytest.mark.parametrize("after", [0, 30])
def test_a_plant_that_never_answers_can_be_left(
    after: int, write: Write, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Out
) -> None:
    class Silent(Falters):
        def __init__(self, config: ExternalConfig) -> None:
            super().__init__(config, "silent", after)
            self.reactions = 0

        def react(self, clock: int, outputs: Any) -> Any:
            self.reactions += 1
            if self.reactions == 500:
                os.kill(os.getpid(), signal.SIGTERM)
            return super().react(clock, outputs)

    monkeypatch.setattr(simulation, "Answer", Silent)
    name = write(cost_in="stream", timeout=500, steps=1000)
    assert run("train", name, "--engine", "sim", "--json", "o.json") == 128 + 15
    said = capsys.readouterr()
    assert said.err.splitlines()[-1] == "mgd train: interrupted"
    assert "asked again, as there was no answer" in said.out
    (only,) = read_json(folder / "o.json")["runs"]
    assert only["timeouts"] > 100
    assert not only["solved"]
    if after:
        config = ExternalConfig.load(name).with_training(steps=only["steps"])
        (golden,) = ExternalTrainer(config, [1]).run()
        np.testing.assert_array_equal(only["theta"], golden.theta)


def one_line(capsys: Out) -> str:
    """What was said on standard error, if it is one line."""
    (line,) = capsys.readouterr().err.splitlines()
    return line
