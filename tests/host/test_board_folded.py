"""Virtual boards with a folded engine, by weight and by node: all that a user does with a board."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from host import ports
from model.trainer import Trainer, theta_digest
from spec.config import Config
from spec.map import Kind
from spec.registers import entries
from tests.host.conftest import MakeBoard, read_json, run

TABLES = """
[task]
name = "file"
path = "own.csv"
target = "kind"
inputs = "fixed"
[network]
layers = [6, 5, 3]
hidden = "relu"
output = "relu"
[formats]
theta = "Q2.10"
[training]
perturbation = "fresh"
estimator = "{estimator}"
cost = "cross_entropy"
steps = 200
check_every = 60
[build]
engine = "folded"
lanes = 3
accumulate = false
samples = {samples}
"""

ROOM = {"weight": '"auto"', "node": "8"}
"""By estimator; of 24 samples, eight at a time come while it trains by node."""


@pytest.fixture(scope="session")
def configs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write configs, and their data."""
    folder, rng = tmp_path_factory.mktemp("folded"), np.random.default_rng(1)
    x = rng.uniform(-1, 1, (24, 6)).round(3)
    kinds = (x[:, :3] @ [1, -1, 0.5] > 0).astype(int) + (x[:, 3] > 0)
    names = [f"x{k}" for k in range(6)]
    rows = [",".join([*map(str, row), f"c{kind}"]) for row, kind in zip(x, kinds, strict=True)]
    (folder / "own.csv").write_text("\n".join([",".join([*names, "kind"]), *rows]))
    for name, samples in ROOM.items():
        text = TABLES.format(estimator=name, samples=samples)
        (folder / f"{name}.toml").write_text(text)
    return {name: folder / f"{name}.toml" for name in ROOM}


@pytest.fixture(scope="module", params=ROOM)
def board(
    request: pytest.FixtureRequest, make_board: MakeBoard, configs: dict[str, Path]
) -> Iterator[tuple[str, str]]:
    """A config and the port of its board."""
    path = configs[request.param]
    with make_board(config=Config.load(path)) as board:
        yield str(path), board.port


def test_it_trains(
    board: tuple[str, str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two seeds, then from their weights: the golden model's θ, read back."""
    path, port = board
    words = ["train", path, "--engine", "board", "--port", port, "--json", "out.json"]
    assert run(*words, "--runs", "2", "--seed", "3") == 0
    printed = capsys.readouterr()
    assert "the golden model agrees: same θ bit for bit, same steps\n" in printed.out
    made = read_json(folder / "out.json")["runs"]
    config = Config.load(path)
    golden = [Trainer(config, [seed]).run()[0] for seed in (3, 4)]
    assert [run["theta_digest"] for run in made] == [theta_digest(run.theta) for run in golden]
    comes = "node" in path
    assert all((run["waited"] or 0) > 0 if comes else run["waited"] is None for run in made)
    assert ("8 of 24 samples fit; at 1,000,000 baud the line brings" in printed.err) is comes
    assert run("train", path, "--save", "w.npz") == 0
    assert run(*words, "--from", "w.npz") == 0
    assert "the golden model agrees" in capsys.readouterr().out


def test_selftest(board: tuple[str, str], folder: Path) -> None:
    path, port = board
    assert run("selftest", path, "--port", port, "--json", "out.json") == 0
    assert all(check["ok"] for check in read_json(folder / "out.json"))


def test_weights_and_inference(
    board: tuple[str, str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """There and back; outputs are the golden network's, of as many samples as one likes."""
    path, port = board
    assert run("train", path, "--save", "w.npz") == 0
    assert run("weights", "load", path, "w.npz", "--port", port) == 0
    assert run("weights", "save", path, "back.npz", "--port", port) == 0
    assert (folder / "w.npz").read_bytes() == (folder / "back.npz").read_bytes()
    capsys.readouterr()
    assert run("infer", path, "--weights", "w.npz", "--engine", "board", "--port", port) == 0
    assert "the golden network agrees: same outputs bit for bit" in capsys.readouterr().out
    assert run("watch", path, "--once", "--port", port) == 0
    assert "waiting, step 0" in capsys.readouterr().out


def test_every_entry_can_be_read(
    board: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    path, port = board
    config = Config.load(path)
    names = [entry.name for entry in entries(config) if entry.kind is not Kind.COMMAND]
    assert run("poke", path, "lane", "2", "--port", port) == 0
    counts = {"theta": 53, "words": 20, "trace": 256, "identity": 4, "y": 3}
    for name in [*names, "theta"]:
        capsys.readouterr()
        assert run("peek", path, name, "--port", port) == 0
        lines = [line for line in capsys.readouterr().out.splitlines() if name in line]
        assert len(lines) == counts.get(name, 1)
    assert run("poke", path, "lane", "3", "--port", port) == 2
    assert "from 0 to 2" in capsys.readouterr().err


def test_reading_does_not_disturb(board: tuple[str, str]) -> None:
    """θ and the trace are read all the time, over the line; the end is the same."""
    path, port = board
    steps = 300 if "node" in path else 10_000
    config, looks = Config.load(path).with_training(steps=steps), []
    with ports.device(config, port) as device:
        device.stop()
        device.upload()
        run = device.run(1, lambda state: looks.append((device.theta(), device.trace())))
    (golden,) = Trainer(config, [1]).run()
    assert len(looks) > 3
    assert theta_digest(run.theta) == theta_digest(golden.theta)


def test_the_host_cannot_train_it(
    board: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    path, port = board
    assert run("train", path, "--engine", "loop", "--port", port) == 2
    assert "trains by itself (--engine board)" in capsys.readouterr().err
