"""Files of weights of an external plant: from every engine, back to every one that takes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from host import weights
from model.run import theta_digest
from spec.external.config import ExternalConfig
from spec.external.identity import identity
from spec.map import Control
from tests.host.conftest import XOR, read_json, run
from tests.host.external.conftest import Write
from tests.host.external.device import scenarios

Out = pytest.CaptureFixture[str]


def test_every_engine_saves_the_same(write: Write, folder: Path) -> None:
    """And the file says of which config it is."""
    name, files = write(steps=20), []
    for words in ("--engine model", "--engine sim", "--engine board --port virtual"):
        assert run("train", name, "--save", "w.npz", *words.split()) == 0
        files.append((folder / "w.npz").read_bytes())
    assert files[0] == files[1] == files[2]
    config = ExternalConfig.load(name)
    with np.load("w.npz") as found:
        assert found["theta"].tolist() == scenarios.golden(config).theta.tolist()
        assert str(found["identity"]) == f"{identity(config):032x}"
    assert weights.read_trained(Path("w.npz"), config).tables == config.to_dict()


def test_training_goes_on_from_a_file(write: Write, folder: Path, capsys: Out) -> None:
    """In the golden model, and on a board, which is loaded with it."""
    config = ExternalConfig.load(write(steps=20))
    theta = scenarios.drawn(config)
    weights.write(Path("w.npz"), config, theta)
    for engine in ("--engine model", "--engine board --port virtual"):
        words = ["--from", "w.npz", "--json", "o.json", *engine.split()]
        assert run("train", "own.toml", *words) == 0
        (found,) = read_json(folder / "o.json")["runs"]
        assert found["theta_digest"] == theta_digest(scenarios.golden(config, theta).theta)
    assert "the golden model agrees" in capsys.readouterr().out


@pytest.fixture
def board_port(write: Write) -> object:
    """The port of a virtual board with own.toml."""
    from host import ports

    with ports.board(ExternalConfig.load(write(steps=20))) as board:
        yield board.port


def test_a_board_keeps_and_takes_them(
    board_port: str, folder: Path, spoil: Callable[..., None], capsys: Out
) -> None:
    """Planted at the end: a bit of one weight that is read."""
    config = ExternalConfig.load("own.toml")
    theta = scenarios.drawn(config)
    weights.write(Path("w.npz"), config, theta)
    assert run("weights", "load", "own.toml", "w.npz", "--port", board_port) == 0
    assert run("weights", "save", "own.toml", "v.npz", "--port", board_port) == 0
    assert (folder / "v.npz").read_bytes() == (folder / "w.npz").read_bytes()
    assert capsys.readouterr().out.count(theta_digest(theta)) == 2
    spoil("theta", 1, word=1)
    assert run("weights", "load", "own.toml", "w.npz", "--port", board_port) == 1
    assert "other weights now" in capsys.readouterr().out


def test_not_while_it_trains(board_port: str, folder: Path, capsys: Out) -> None:
    assert run("poke", "own.toml", "control", "2", "--port", board_port) == 0
    assert run("poke", "own.toml", "steps", "0xffffffff", "--port", board_port) == 0
    assert run("poke", "own.toml", "control", str(int(Control.START)), "--port", board_port) == 0
    assert run("weights", "save", "own.toml", "w.npz", "--port", board_port) == 1
    assert "the board is training" in capsys.readouterr().err
    assert not (folder / "w.npz").exists()


def test_weights_of_something_else(write: Write, refusal: Callable[..., str], capsys: Out) -> None:
    """Of a network of ours, and the other way round; of other formats, of another P."""
    config = ExternalConfig.load(write())
    weights.write(Path("w.npz"), config, np.zeros(2, dtype=int))
    weights.write(Path("xor.npz"), XOR, np.zeros(9, dtype=int))
    assert "of a network of ours; the config is of an external plant" in refusal(
        weights.read, Path("xor.npz"), config
    )
    assert "of an external plant; the config is of a network of ours" in refusal(
        weights.read, Path("w.npz"), XOR
    )
    assert "this needs a network of ours" in refusal(weights.read_alone, Path("w.npz"))
    assert run("show", "w.npz") == 2
    for keys, said in (
        ({"theta": "Q3.9"}, "formats.theta = 'Q2.6'; the config has 'Q3.9'"),
        ({"parameters": 3}, "θ of (2,); the config has 3 weights"),
    ):
        assert said in refusal(weights.read, Path("w.npz"), ExternalConfig.load(write(**keys)))
    assert "network of ours" in capsys.readouterr().err
