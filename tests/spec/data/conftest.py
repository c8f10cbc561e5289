"""Reading the user's files: whole tables, and configs that are made of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spec.config import Config
from spec.data.source import open_source

Row = list[float | str | None]


def table(path: Path) -> tuple[list[str], list[Row]]:
    """Names and rows of a whole file; None where a value is missing."""
    source = open_source(path)
    columns = source.load(range(len(source.names))).columns
    cells = [
        [None if gone else cell for cell, gone in zip(c.cells.tolist(), c.missing, strict=True)]
        for c in columns
    ]
    assert [column.name for column in columns] == list(source.names)
    return list(source.names), [list(row) for row in zip(*cells, strict=True)]


@pytest.fixture
def own(tmp_path: Path) -> Callable[..., Config]:
    """Make the config of a file, with other keys of [task] and the layers of a network."""

    def build(
        path: Path, *, layers: tuple[int, ...] = (2, 1), output: str = "plan", **task: Any
    ) -> Config:
        given = {"name": "file", "path": str(path), "inputs": "fixed"} | task
        network = {"layers": list(layers), "output": output}
        return Config.from_dict({"task": given, "network": network}, tmp_path)

    return build
