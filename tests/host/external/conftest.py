"""A folder with a plant's model, and the builds of other tests."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from amaranth.hdl import Elaboratable

from sim.simulators import Simulator
from tests.conftest import need
from tests.plants import FOLDER, tables

Elaboratable._MustUse__silence = True  # type: ignore[attr-defined]

Write = Callable[..., str]


def toml(value: Any) -> str:
    """Write a value as TOML has it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {toml(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


@pytest.fixture
def write(folder: Path, builds: Path) -> Write:
    """Write a config of the given keys; return its name."""
    need(Simulator.VERILATOR)
    shutil.copy(FOLDER / "models.py", folder)
    (folder / "build").mkdir()
    builds.mkdir(parents=True, exist_ok=True)
    (folder / "build" / "sim").symlink_to(builds)

    def write(**keys: Any) -> str:
        lines = []
        for table, items in tables(**{"parameters": 2, "check_every": 10} | keys).items():
            lines += [f"[{table}]", *(f"{name} = {toml(item)}" for name, item in items.items())]
        (folder / "own.toml").write_text("\n".join(lines) + "\n")
        return "own.toml"

    return write
