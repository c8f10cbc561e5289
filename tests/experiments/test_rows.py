"""The user's names mean the rows they should, and others are refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from boards import catalogue
from experiments.report import ROOT
from experiments.rows import ROWS, Row, choose
from spec.config import Config


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_rows_are_examples_on_boards(row: Row) -> None:
    assert catalogue.find(row.board).name == row.board
    config = Config.load(ROOT / "examples" / f"{row.example}.toml")
    if row.simulated_steps is not None:
        assert config.with_training(steps=row.simulated_steps).training.seed
        assert row.simulated_steps < config.training.steps


def test_names_differ() -> None:
    assert len({row.file for row in ROWS} | {"cells.json", "growth.json"}) == len(ROWS) + 2
    assert len({row.name for row in ROWS}) == len(ROWS)


def test_choose() -> None:
    assert choose([]) == (["cells", "growth"], list(ROWS))
    assert choose(["growth"]) == (["growth"], [])
    others, rows = choose(["xor-fast:ulx3s-25f", "xor"])
    assert not others
    assert rows == [row for row in ROWS if row.example == "xor" or row.name == "xor-fast:ulx3s-25f"]
    assert {row.example for row in rows} == {"xor", "xor-fast"}
    _, rows = choose(["xor+link:ulx3s-25f"])
    assert rows == [Row("xor", "ulx3s-25f", link=True)]


@pytest.mark.parametrize("name", ["", "xor:", ":ulx3s-25f", "xor:zx-spectrum", "xor ", "CELLS"])
def test_refusals(name: str, refusal: Callable[..., str]) -> None:
    text = refusal(choose, ["xor", name])
    assert f"{name!r}: choose from cells, growth, xor, " in text
    assert text.endswith(ROWS[-1].name)
