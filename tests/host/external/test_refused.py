"""What commands do not take of a config for an external plant: one line, exit status 2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.host.conftest import run
from tests.host.external.conftest import Write

NEEDS_A_NETWORK = "own.toml: is of an external plant; this needs a network of ours"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        *(
            (words, NEEDS_A_NETWORK)
            for words in (
                "estimate own.toml --board icebreaker",
                "tune own.toml",
                "infer own.toml --weights models.py",
            )
        ),
        ("build own.toml --board icebreaker", "[plant]: needs 35 pins, and icebreaker has 24"),
        ("build own.toml --board ulx3s-25f --data x", "--data: needs a network of ours"),
        ("train own.toml --engine loop", "--engine loop: an external plant takes model or sim or"),
        ("train own.toml --data x.csv", "--data: needs a network of ours; own.toml has a plant"),
        ("train own.toml --save o.npy", "o.npy: must end in one of .npz"),
        ("train own.toml --from models.py", "models.py: no weights: an NPZ of"),
        ("train own.toml --from o.npz --engine sim", "--from: the simulated gateware alone cannot"),
        ("train own.toml --port virtual", "--port: is for --engine board"),
        ("train own.toml --json models.py", "models.py: cannot be written: this command reads it"),
        ("weights save own.toml o.npy", "o.npy: must end in one of .npz"),
        ("weights load own.toml models.py", "models.py: no weights: an NPZ of"),
        ("selftest own.toml --json own.toml", "own.toml: "),
        ("train own.toml --plot o.txt", "o.txt: must end in one of"),
        ("train own.toml --json own.toml", "own.toml: "),
        ("train own.toml --engine sim --simulator icarus", "--simulator: an external plant takes"),
        ("verify own.toml --simulator icarus", "--simulator: an external plant takes verilator"),
        ("verify own.toml --data x.csv", "--data: needs a network of ours; own.toml has a plant"),
        ("verify own.toml --json own.toml", "own.toml: "),
        ("export own.toml -o v --weights o.npz", "--weights: needs a network of ours"),
        ("export own.toml -o v --data x.csv", "--data: needs a network of ours"),
    ],
)
def test_refused(
    words: str, said: str, write: Write, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written."""
    before = write() and sorted(folder.rglob("*"))
    assert run(*words.split()) == 2
    (line,) = capsys.readouterr().err.splitlines()
    verb = words.split()[0]
    assert line.startswith(f"mgd {verb}: {said}")
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("verb", ["train", "verify", "export -o v"])
@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"model": "nowhere.py:A"}, "plant.model: there is no file "),
        ({"model": "models.py:Refuses"}, "plant.model = 'models.py:Refuses': ValueError: cannot"),
        ({"model": "models.py:Leaves"}, "plant.model = 'models.py:Leaves': "),
        ({"cost_in": "stream", "timeout": 3}, "plant.timeout = 3: must be at least 4"),
        ({"colour": 3}, "training.colour: unknown key"),
    ],
)
def test_a_config_that_is_wrong(
    verb: str, keys: dict[str, Any], said: str, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write(**keys)
    first, *others = verb.split()
    assert run(first, "own.toml", *others) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"mgd {first}: own.toml: {said}")


@pytest.mark.parametrize("verb", ["train", "verify"])
def test_without_a_model(verb: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "own.toml").write_text("[plant]\nparameters = 3\n")
    assert run(verb, "own.toml") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"mgd {verb}: ")
    assert "plant.model: is missing; without it there is nothing to train here" in line
