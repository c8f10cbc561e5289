"""Commands with a virtual board that has an external plant: its model is at the pins."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from host import files
from host.external import virtual
from host.external.device import ExternalDevice
from host.link import Channel, Port
from model.run import theta_digest
from sim.external.pins import Answer
from sim.simulators import Simulator
from spec.external.config import ExternalConfig
from spec.external.registers import entries
from spec.map import Kind
from tests.conftest import EXAMPLES, need
from tests.host.conftest import read_json, run
from tests.host.external.device import scenarios
from tests.host.external.device.plant import HERE

TEXT = """
[plant]
{plant}
[plant.options]
{options}
[formats]
theta = "Q2.8"
cost_bits = 8
bus_bits = 8
[training]
eta = -5
amplitude = -4
steps = 60
check_every = 20
seed = 3
"""

MODEL = f'model = "{HERE}/distance.py:Distance"'

NOISY = TEXT.format(plant=f'{MODEL}\ncost = "stream"\ntimeout = 99', options="noise = 0.2")


@pytest.fixture(scope="module", autouse=True)
def _built_once() -> Iterator[None]:
    """Keep what is compiled beside what other tests compile."""
    need(Simulator.VERILATOR)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "BUILD", EXAMPLES.parent / "build")
        yield


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A config whose plant has noise of its own."""
    path = tmp_path_factory.mktemp("plant") / "noisy.toml"
    path.write_text(NOISY)
    return str(path)


@pytest.fixture(scope="module")
def port(config: str) -> Iterator[str]:
    """Port of a virtual board with that plant."""
    with virtual.board(ExternalConfig.load(config)) as board:
        yield board.port


@pytest.fixture
def line(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Return what was said of an error, in one line."""

    def last() -> str:
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        return said

    return last


def test_the_golden_models_weights(
    config: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two runs, for each of which the plant is made anew."""
    words = ["train", config, "--runs", "2", "--json", "out.json", "--plot", "cost.png"]
    assert run(*words, "--engine", "board", "--port", "virtual") == 0
    assert "the golden model agrees" in capsys.readouterr().out
    made = read_json(folder / "out.json")
    found = made["runs"][0]
    expected = scenarios.golden(ExternalConfig.load(config))
    assert (made["engine"], found["clocks"]) == ("board", None)
    assert (found["timeouts"], found["unasked"]) == (0, 0)
    assert found["theta_digest"] == theta_digest(expected.theta) != made["runs"][1]["theta_digest"]
    assert found["accuracy"] is not None
    assert (folder / "cost.png").is_file()


def test_words_of_memory(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same digest from board, simulated gateware and golden model."""
    plant = f'{MODEL}\ncost = "stream"\nweights = "stream"\ntimeout = 99'
    text = TEXT.format(plant=plant, options="parameters = 9")
    (folder / "words.toml").write_text(f'{text}[build]\nengine = "folded"\n')
    for engine in (("sim",), ("board", "--port", "virtual")):
        assert run("train", "words.toml", "--json", f"{engine[0]}.json", "--engine", *engine) == 0
        assert "the golden model agrees" in capsys.readouterr().out
    (sim,), (board,) = (read_json(folder / f"{n}.json")["runs"] for n in ("sim", "board"))
    assert sim["theta_digest"] == board["theta_digest"]


def test_other_weights_than_the_golden_models(
    config: str, spoil: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Planted: a bit of one weight."""
    spoil("theta", 1, word=2)
    assert run("train", config, "--engine", "board", "--port", "virtual") == 1
    assert "the golden model differs for the seeds [3]" in capsys.readouterr().out


def test_a_plant_that_nobody_knows(
    port: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As on a real board: without a model, nothing is compared, and nobody knows how good it is."""
    bare = 'parameters = 5\nsamples = 2\ncost = "stream"\ntimeout = 99'
    (folder / "bare.toml").write_text(TEXT.format(plant=bare, options=""))
    words = ["train", "bare.toml", "--engine", "board", "--port", port, "--json", "out.json"]
    assert run(*words) == 0
    assert "golden" not in capsys.readouterr().out
    (found,) = read_json(folder / "out.json")["runs"]
    assert (found["steps"], found["timeouts"], found["accuracy"]) == (60, 0, None)
    assert run("train", "bare.toml", "--engine", "board", "--port", "virtual") == 2
    assert "plant.model" in capsys.readouterr().err


def test_watch(config: str, port: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("watch", config, "--once", "--json", "out.json", "--port", port) == 0
    found = read_json(folder / "out.json")
    assert (found["step"], found["timeouts"], found["unasked"]) == (60, 0, 0)
    assert len(found["theta"]) == 5
    assert len(found["costs"]) == 3
    assert found["cost"] == found["costs"][-1]
    assert "asked again 0 times" in capsys.readouterr().out


def test_every_entry_can_be_read(
    config: str, port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = {"theta": 5, "G": 5, "trace": 256, "identity": 4}
    for entry in entries(ExternalConfig.load(config)):
        if entry.kind is not Kind.COMMAND:
            assert run("peek", config, entry.name, "--port", port) == 0
            assert len(capsys.readouterr().out.splitlines()) == counts.get(entry.name, 1)


def test_a_register(config: str, port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("poke", config, "steps", "0x1234", "--port", port) == 0
    assert run("peek", config, "steps", "--port", port) == 0
    assert capsys.readouterr().out.splitlines()[1] == "0x0025 steps 0x00001233 4660"  # less one


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["peek", "correct"], "magic, map_version"),
        (["peek", "theta:6"], "from 1 to 5"),
        (["poke", "evaluate", "1"], "control, tau_p"),
        (["poke", "samples_in_use", "1"], "control, tau_p"),
        (["poke", "eta_shift", "16"], "from 0 to 15"),
        (["poke", "u", "128"], "from -128 to 127"),
    ],
)
def test_wrong_names_and_values(
    words: list[str], named: str, config: str, port: str, line: Callable[[], str]
) -> None:
    verb, *rest = words
    assert run(verb, config, *rest, "--port", port) == 2
    assert named in line()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["train", "CONFIG", "--port", "virtual"], "--engine board"),
        (["train", "CONFIG", "--engine", "loop"], "model or sim or board"),
        (["train", "CONFIG", "--runs", "2", "--save", "w.npz"], "--save"),
        (["watch", "CONFIG", "--data", "x.csv"], "--data"),
        (["peek", "CONFIG", "theta", "--data", "x.csv"], "--data"),
        (["sim-board", "CONFIG", "--data", "x.csv"], "--data"),
        (["selftest", "CONFIG", "--data", "x.csv"], "--data"),
        (["watch", "CONFIG", "--json", "x.json"], "--once"),
    ],
)
def test_wrong_words(
    words: list[str], named: str, config: str, folder: Path, line: Callable[[], str]
) -> None:
    assert run(*(config if word == "CONFIG" else word for word in words)) == 2
    assert named in line()
    assert list(folder.iterdir()) == []


def test_another_config(config: str, port: str, folder: Path, line: Callable[[], str]) -> None:
    (folder / "other.toml").write_text(NOISY.replace("timeout = 99", "timeout = 98"))
    assert run("peek", "other.toml", "theta", "--port", port) == 2
    assert "another config" in line()
    assert run("peek", "xor", "theta", "--port", port) == 2
    assert "parameters is 5" in line()


def test_a_board_without_a_link(folder: Path, line: Callable[[], str]) -> None:
    (folder / "mute.toml").write_text(NOISY + "[build]\nlink = false\n")
    for words in (["sim-board", "mute.toml"], ["watch", "mute.toml", "--port", "virtual"]):
        assert run(*words) == 2
        assert "build.link = false: such a board has no link" in line()


def test_a_model_that_fails(folder: Path, line: Callable[[], str]) -> None:
    """It is said what was wrong, and not only that the board has ended."""
    text = NOISY.replace("noise = 0.2", "noise = 0.2\nfails = 50")
    (folder / "dark.toml").write_text(text)
    assert run("train", "dark.toml", "--engine", "board", "--port", "virtual") == 1
    assert "no light" in line()


class Silent(Answer):
    """It answers three evaluations, and then no more."""

    def ask(self, clock: int, outputs: Any) -> None:
        if self.asked < 3:
            super().ask(clock, outputs)


def test_a_plant_that_falls_silent(config: str) -> None:
    """It is asked again and again; told to stop, the run ends where it is."""
    loaded = ExternalConfig.load(config)
    with (
        virtual.board(loaded, plant=Silent(loaded)) as board,
        Channel(Port(board.port, loaded.build.baud)) as channel,
    ):
        device = ExternalDevice(channel, loaded)
        while device.counted().timeouts < 3:
            time.sleep(0.01)
        before = device.state()
        assert before.busy
        device.stop()
        state = device.state()
        assert (state.done, state.solved, state.step) == (True, False, before.step)


def test_a_board_for_others(config: str) -> None:
    """`sim-board` prints its port, and ends when it is told to."""
    words = [sys.executable, "-m", "host.cli", "sim-board", config]
    with subprocess.Popen(
        words,
        cwd=EXAMPLES.parent,
        env=os.environ | {"PYTHONPATH": str(EXAMPLES.parent)},
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            assert run("peek", config, "theta", "--port", port) == 0
            process.send_signal(signal.SIGTERM)
            process.wait(10)
        finally:
            process.kill()
    assert not Path(port).exists()
