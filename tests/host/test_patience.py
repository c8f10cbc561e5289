"""Early stopping: what decides, and that every engine makes the same run."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from host import golden
from host import train as training
from host.outcome import Training, differences
from model.plant.cost import cost_of
from model.trainer import Trainer
from sim.simulators import Simulator
from spec import derive
from spec.config import Config
from tests.conftest import EXAMPLES
from tests.host.conftest import read_json, run

CONFIG = """
[task]
name = "file"
path = "data.csv"
inputs = "fixed"
scale = "standard"
test = 0.25
validation = 0.3
[network]
layers = [2, 3, {outputs}]
[formats]
theta = "Q3.9"
cost_bits = 10
[training]
amplitude = -4
eta = -2
steps = 600
check_every = 20
patience = {patience}
{goal}
"""

SEEDS = (1, 2, 3, 4)


def save(folder: Path, patience: int, *, numbers: bool = False, goal: str = "") -> Config:
    """Write data that are mostly noise, so that η is too large to come to rest, and a config."""
    draw, rows = random.Random(2), ["a,b,y"]
    for k in range(60):
        word = f"{draw.gauss(0, 3):.2f}" if numbers else ("one", "two", "three")[k % 3]
        rows.append(f"{k % 3 + draw.gauss(0, 1):.2f},{draw.gauss(0, 1):.2f},{word}")
    (folder / "data.csv").write_text("\n".join(rows))
    text = CONFIG.format(outputs=1 if numbers else 3, patience=patience, goal=goal)
    (folder / "my.toml").write_text(text)
    return Config.load(folder / "my.toml")


def costs_in_validation(config: Config) -> dict[int, dict[int, float]]:
    """Mean cost at each check of each seed, of runs that know of no patience: of so many steps."""
    assert config.own is not None
    assert config.own.validation is not None
    data = config.own.validation.data
    found: dict[int, dict[int, float]] = {seed: {} for seed in SEEDS}
    for step in range(20, 601, 20):
        for made in Trainer(config.with_training(steps=step, patience=0), SEEDS).run():
            y = golden.outputs(config, made.theta, data)
            costs = cost_of(derive.cost(config), y, np.array(data.t))
            found[made.seed][step] = float(costs.mean())
    return found


@pytest.mark.parametrize("numbers", [False, True])
def test_a_run_is_as_it_was_at_its_best_check(folder: Path, *, numbers: bool) -> None:
    config = save(folder, patience=3, numbers=numbers)
    made, found = training.train(config, "model", len(SEEDS)), costs_in_validation(config)
    ends = {}
    for one in made.runs:
        costs = found[one.seed]
        best = waited = 20
        for waited in costs:  # as the words of docs/config.md have it
            best = min((step for step in costs if step <= waited), key=lambda step: costs[step])
            if waited == best + 3 * 20:
                break
        assert one.steps == best
        assert made.curves[one.seed][-1][0] == waited
        (same,) = Trainer(config.with_training(steps=best, patience=0), [one.seed]).run()
        assert differences(
            Training("model", config, [one]), Training("model", config, [same])
        ) == []  # fmt: skip
        ends[one.seed] = waited
    assert min(ends.values()) < 600  # or it would have tested nothing
    assert len(set(ends.values())) > 1


@pytest.fixture
def like_xor(folder: Path) -> Config:
    """Own data of four samples for training, that a board with XOR takes."""
    rows = ["x0,x1,t0", *(f"{a},{b},{int(a != b)}" for a in (-1, 1) for b in (-1, 1))]
    (folder / "data.csv").write_text("\n".join([*rows, *rows[1:]]))
    text = (EXAMPLES / "xor.toml").read_text(encoding="utf-8")
    task = 'name = "file"\npath = "data.csv"\nvalidation = 0.5'
    text = text.replace('name = "xor"', task).replace("[training]", "[training]\npatience = 2")
    (folder / "my.toml").write_text(text)
    return Config.load(folder / "my.toml")


def test_every_engine_makes_the_same_runs(
    like_xor: Config, port: str, icarus: Simulator, folder: Path
) -> None:
    words = ["train", "my.toml", "--runs", "2", "--json"]
    for engine, more in {
        "model": [],
        "sim": ["--simulator", icarus.value],
        "board": ["--port", port],
        "loop": ["--port", port],
    }.items():
        assert run(*words, f"{engine}.json", "--engine", engine, *more) == 0
    golden_runs = read_json(folder / "model.json")["runs"]
    assert read_json(folder / "sim.json")["runs"] == golden_runs
    for engine in ("board", "loop"):
        found = read_json(folder / f"{engine}.json")["runs"]
        assert found == [one | {"clocks": None} for one in golden_runs]
    steps = [one["steps"] for one in golden_runs]
    assert len(set(steps)) == 2
    assert max(steps) < like_xor.training.steps
    assert golden_runs[0]["validation"]["samples"] == 4


def test_a_run_that_reaches_its_goal_ends_there(folder: Path) -> None:
    config = save(folder, patience=30, goal="solved_cost = 0.24")
    patient = training.train(config, "model", len(SEEDS)).runs
    plain = training.train(config.with_training(patience=0), "model", len(SEEDS)).runs
    assert any(one.solved for one in plain)
    for one, other in zip(patient, plain, strict=True):
        assert not other.solved or (one.steps, one.solved) == (other.steps, True)


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ("validation = 0.3", "", "training.patience = 2: needs task.validation above 0"),
        ("validation = 0.3", "validation = 1", "task.validation = 1.0: must be from 0 to just"),
        ("patience = 2", "patience = -1", "training.patience = -1: must be from 0 to 65535"),
        ("test = 0.25", "test = 0.99", "task.validation = 0.3: needs two samples at least, not 1"),
    ],
)
def test_what_is_wrong_is_one_line(
    before: str, after: str, named: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(folder, patience=2)
    path = folder / "my.toml"
    path.write_text(path.read_text().replace(before, after))
    assert run("train", "my.toml") == 2
    said = capsys.readouterr().err
    assert named in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("numbers", [False, True])
def test_all_parts_fit_in_a_terminal(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    numbers: bool,
) -> None:
    save(folder, patience=3, numbers=numbers)
    monkeypatch.setattr("host.screen.console.width", 80)
    assert run("train", "my.toml", "--runs", "2", "--json", "o.json") == 0
    printed = capsys.readouterr().out
    for one in read_json(folder / "o.json")["runs"]:
        for part in ("train", "validation", "test"):
            judged = one[part]
            value = f"{judged['r2'][0]:.3f}" if numbers else f"{judged['accuracy']:.1%}"
            assert f" {value} " in printed
        assert not numbers or f" {one['test']['rmse'][0]:.4g} " in printed
