"""Training on a board, by itself and in the loop: the golden model's θ, or a clear failure."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from host import files
from host.outcome import differences
from host.train import train
from model.trainer import Trainer, theta_digest
from sim.board import Fault
from tests.conftest import EXAMPLES
from tests.host.conftest import XOR, MakeBoard, read_json, run


@pytest.mark.parametrize("engine", ["board", "loop"])
def test_the_golden_models_weights(
    engine: str, port: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Solved by the board; in the loop, where each step takes some messages, the first steps."""
    steps = [] if engine == "board" else ["--steps", "25"]
    words = ["train", "xor", "--engine", engine, "--port", port, *steps]
    status = run(*words, "--json", "out.json", "--plot", "cost.png", "--save", "w.npz")
    made = read_json(folder / "out.json")
    config = XOR.with_training(steps=25) if steps else XOR
    (golden,) = Trainer(config, [1]).run()
    (found,) = made["runs"]
    assert status == (0 if golden.solved else 1)
    assert (found["theta_digest"], found["steps"]) == (theta_digest(golden.theta), golden.steps)
    assert (made["engine"], found["clocks"]) == (engine, None)
    assert "the golden model agrees: same θ bit for bit, same steps\n" in capsys.readouterr().out
    assert {path.name for path in folder.iterdir()} == {"out.json", "cost.png", "w.npz"}


@pytest.mark.parametrize("engine", ["board", "loop"])
def test_the_curve_is_the_golden_models(engine: str, port: str) -> None:
    config = XOR.with_training(steps=60 if engine == "board" else 25, check_every=7)
    assert train(config, engine, 1, port=port).curves == train(config, "model", 1).curves


def test_a_longer_run_than_the_trace(port: str) -> None:
    """What the trace lost is not invented; the end of the curve is there."""
    config = XOR.with_training(steps=3000, check_every=1, solved_cost=0.0)
    curve = dict(train(config, "board", 1, port=port).curves[1])
    golden = dict(train(config, "model", 1).curves[1])
    assert len(curve) >= 256
    assert curve.items() <= golden.items()
    assert 3000 in curve


def test_twenty_seeds(port: str) -> None:
    on_board, golden = (train(XOR, engine, 20, port=port) for engine in ("board", "model"))
    assert [theta_digest(run.theta) for run in on_board.runs] == [
        theta_digest(run.theta) for run in golden.runs
    ]
    assert differences(on_board, golden) == []
    other = replace(on_board, runs=[replace(run, cost_sum=0) for run in on_board.runs])
    assert len(differences(other, golden)) == 20


def test_several_seeds_from_the_same_weights(port: str, folder: Path) -> None:
    assert run("train", "xor", "--steps", "40", "--seed", "9", "--save", "w.npz") == 1
    words = ["train", "xor", "--from", "w.npz", "--runs", "2", "--seed", "3", "--steps", "60"]
    digests = []
    for engine in (["model"], ["board", "--port", port]):
        assert run(*words, "--json", "out.json", "--engine", *engine) in (0, 1)
        digests.append([found["theta_digest"] for found in read_json(folder / "out.json")["runs"]])
    assert digests[0] == digests[1]
    assert run("train", "xor", "--runs", "2", "--seed", "3", "--steps", "60", "--json", "o") == 1
    assert digests[0] != [found["theta_digest"] for found in read_json(folder / "o")["runs"]]


def test_other_weights_than_the_golden_models(
    port: str, folder: Path, spoil: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Planted: a bit of one weight; then nothing is saved."""
    spoil("theta", 1, word=4)
    words = ["train", "xor", "--engine", "board", "--port", port, "--save", "w.npz"]
    assert run(*words) == 1
    assert "the golden model differs for the seeds [1]" in capsys.readouterr().out
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("engine", ["board", "loop"])
def test_unplugged(
    engine: str, make_board: MakeBoard, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (EXAMPLES / "xor.toml").read_text(encoding="utf-8")
    (folder / "long.toml").write_text(text + "solved_cost = 0.0\n", encoding="utf-8")
    with make_board(Fault("to host", "unplug", at=2000)) as board:
        words = ["train", "long.toml", "--engine", engine, "--port", board.port]
        assert run(*words, "--steps", "1000000000", "--save", "w.npz") == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    announced, error = printed.err.splitlines()
    assert "9 cells × 1,000,000,000 steps" in announced
    assert error.startswith("mgd train: ")
    assert "gone" in printed.err
    assert [path.name for path in folder.iterdir()] == ["long.toml"]


def test_training_goes_on_while_nobody_listens(make_board: MakeBoard) -> None:
    """The cable is out for a while; afterwards the run has more steps, and the right end."""
    from host import ports

    config = XOR.with_training(steps=10_000, solved_cost=0.0)
    with make_board() as board:
        with ports.device(config, board.port) as device:
            device.stop()
            device.upload()
            device.configure()
            device.start()
            before = device.state().step
        board.unplug()
        time.sleep(0.2)
        board.plug()
        with ports.device(config, board.port) as device:
            assert device.state().step > before
            run = device.result(1, device.wait())
    (golden,) = Trainer(config, [1]).run()
    assert (run.steps, theta_digest(run.theta)) == (golden.steps, theta_digest(golden.theta))


def test_reading_does_not_disturb(port: str) -> None:
    """θ, G and the trace are read all the time; the end is the same."""
    from host import ports

    config = XOR.with_training(steps=20_000, solved_cost=0.0)
    looks = []
    with ports.device(config, port) as device:
        device.stop()
        device.upload()

        def look(state: object) -> None:
            looks.append((device.theta(), device.G(), device.trace()))

        run = device.run(1, look)
    (golden,) = Trainer(config, [1]).run()
    assert len(looks) > 2
    assert theta_digest(run.theta) == theta_digest(golden.theta)


def test_a_board_of_its_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--port virtual` compiles and starts one."""
    monkeypatch.setattr(files, "BUILD", EXAMPLES.parent / "build")
    assert run("train", "xor", "--engine", "board", "--port", "virtual") == 0


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--port", "virtual"], "--engine board"),
        (["--port", "virtual", "--engine", "sim"], "--engine board"),
        (["--from", "w.npz", "--engine", "sim"], "--engine board --port virtual"),
        (["--save", "w.npz", "--runs", "2"], "--save"),
        (["--save", "w.txt"], ".npz"),
        (["--save", "no/w.npz"], "no/w.npz"),
        (["--from", "w.npz"], "w.npz"),
    ],
)
def test_wrong_words(
    words: list[str], named: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("train", "xor", *words) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert named in error
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("name", "key"), [("fm", "perturbation"), ("node", "estimator")])
def test_what_a_loop_cannot_have(
    name: str, key: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said before a board is sought, or compiled."""
    assert run("train", name, "--engine", "loop", "--port", "virtual") == 2
    assert f"training.{key}" in capsys.readouterr().err
    assert list(folder.iterdir()) == []
