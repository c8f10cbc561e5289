"""Files of weights: what is written is read, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from host import weights
from spec.config import Config
from spec.identity import identity
from tests.configs import xor
from tests.host.conftest import XOR

THETA = np.array([-128, 127, 0, 1, -1, 5, 6, 7, 8])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Weights of XOR."""
    path = tmp_path / "w.npz"
    weights.write(path, XOR, THETA)
    return path


def change(path: Path, **arrays: Any) -> None:
    """Replace arrays of the file, or leave them out where they are None."""
    with np.load(path) as found:
        changed = {name: found[name] for name in found.files} | arrays
    with path.open("wb") as file:
        np.savez(file, **{name: value for name, value in changed.items() if value is not None})


def test_what_is_written_is_read(path: Path) -> None:
    assert weights.read(path, XOR).tolist() == THETA.tolist()
    with np.load(path) as found:
        assert json.loads(str(found["config"])) == XOR.to_dict()
        assert str(found["identity"]) == f"{identity(XOR):032x}"
        assert found["theta"].dtype == np.dtype("<i4")


def test_the_same_weights_make_the_same_file(path: Path) -> None:
    before = path.read_bytes()
    weights.write(path, XOR, THETA)
    assert path.read_bytes() == before


def test_how_they_were_trained_does_not_matter(path: Path) -> None:
    assert weights.read(path, XOR.with_training(seed=5, eta=-3, tau_theta=4)) is not None


@pytest.mark.parametrize(
    ("config", "named"),
    [
        (xor(inputs="unipolar"), "task.inputs"),
        (xor(hidden="relu"), "network.hidden"),
        (xor(output="hard_tanh"), "network.output"),
        (xor(theta="Q2.7"), "formats.theta"),
        (
            Config.from_dict({"task": {"name": "xor"}, "network": {"layers": [2, 3, 1]}}),
            "network.layers",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_another_network(
    config: Config, named: str, path: Path, refusal: Callable[..., str]
) -> None:
    message = refusal(weights.read, path, config)
    assert str(path) in message
    assert named in message


@pytest.mark.parametrize(
    ("arrays", "named"),
    [
        ({"version": np.array(3)}, "version 3; this mgd reads 1 to 2"),
        ({"version": np.array(0)}, "version 0"),
        ({"version": np.array([1, 1])}, "no weights"),
        ({"theta": THETA + 1}, "damaged"),
        ({"theta": THETA[:8]}, "damaged"),
        ({"theta": THETA / 2}, "no weights"),
        ({"theta": None}, "no weights"),
        ({"theta_digest": None}, "no weights"),
        ({"config": np.array("{")}, "no weights"),
    ],
)
def test_a_wrong_file(
    arrays: dict[str, Any], named: str, path: Path, refusal: Callable[..., str]
) -> None:
    change(path, **arrays)
    assert named in refusal(weights.read, path, XOR)


@pytest.mark.parametrize("content", [b"", b"PK\3\4 nothing", b"theta"])
def test_no_archive(content: bytes, path: Path, refusal: Callable[..., str]) -> None:
    path.write_bytes(content)
    assert "no weights" in refusal(weights.read, path, XOR)


def test_every_single_byte_of_a_damaged_file(path: Path) -> None:
    """Whatever byte is wrong: an error in one line, or the very same weights."""
    whole, messages = path.read_bytes(), []
    for place in range(0, len(whole), 7):
        spoiled = bytearray(whole)
        spoiled[place] ^= 0xFF
        path.write_bytes(spoiled)
        try:
            assert weights.read(path, XOR).tolist() == THETA.tolist()
        except weights.InputError as error:
            messages.append(str(error))
    assert len(messages) > 100
    assert all(len(message.splitlines()) == 1 for message in messages)


def test_a_key_that_is_gone_does_not_matter(path: Path) -> None:
    """A file of a version that had it is read, with the config and without."""
    tables = XOR.to_dict()
    tables["build"]["reuse"] = 3
    change(path, config=np.array(json.dumps(tables)))
    assert weights.read(path, XOR).tolist() == THETA.tolist()
    config, trained = weights.read_alone(path)
    assert (config.build, trained.theta.tolist()) == (XOR.build, THETA.tolist())
