"""The self-test of a board with an external plant, and faults that it must see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from host import selftest
from host.external import virtual
from sim.external.pins import Answer
from spec.external.config import ExternalConfig
from tests.host.conftest import read_json, run
from tests.host.external.conftest import Write
from tests.sim.external.rude import Twice

KEYS: dict[str, Any] = {"steps": 20, "cost_in": "stream", "timeout": 99}


def names(folder: Path, *, ok: bool) -> list[str]:
    """List the checks that passed, or those that did not."""
    return [check["name"] for check in read_json(folder / "o.json") if check["ok"] is ok]


def test_a_virtual_board(write: Write, folder: Path) -> None:
    """Its plant is the config's model, so that it is compared too."""
    words = ["selftest", write(**KEYS), "--port", "virtual", "--json", "o.json"]
    assert run(*words) == 0
    checks = [*selftest.OF_PLANTS, *selftest.OF_MODELS]
    assert names(folder, ok=True) == ["identity", *checks]


@pytest.mark.parametrize(
    ("fault", "failing"),
    [
        ({"name": "tau_x", "bits": 1}, {"registers"}),
        ({"name": "theta", "bits": 1, "word": 1}, {"initial θ", "θ", "100 steps"}),
        ({"name": "cost_sum", "bits": 1}, {"100 steps"}),
        ({"name": "timeouts", "bits": 1}, {"plant"}),
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else "",
)
def test_planted_faults(
    fault: dict[str, Any], failing: set[str], write: Write, folder: Path, spoil: Callable[..., None]
) -> None:
    spoil(**fault)
    words = ["selftest", write(**KEYS), "--port", "virtual", "--json", "o.json"]
    assert run(*words) == 1
    assert set(names(folder, ok=False)) == failing


class Silent(Answer):
    """It never answers."""

    def ask(self, clock: int, outputs: Any) -> None:
        """Do nothing."""


@pytest.fixture(params=[Silent, Twice])
def rude(request: pytest.FixtureRequest, write: Write) -> Iterator[str]:
    """Port of a board whose plant misbehaves."""
    config = ExternalConfig.load(write(**KEYS))
    with virtual.board(config, plant=request.param(config)) as board:
        yield board.port


def test_a_plant_that_misbehaves(rude: str, folder: Path) -> None:
    """As on a real board: of a plant that nobody knows, it is seen whether it answers."""
    assert run("selftest", "own.toml", "--port", rude, "--json", "o.json") == 1
    assert names(folder, ok=True) == ["identity", "registers", "initial θ", "θ"]
    assert names(folder, ok=False) == ["plant"]
