"""The check that every public name is in the reference sees one that is not."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import pytest

from docs.checks import coverage
from docs.extensions import FOLDERS
from tests.conftest import EXAMPLES

SOURCE = """
class Cell:
    def update(self): ...
    def _hidden(self): ...
    class State: ...
def of(): ...
def _own(): ...
LIMIT = 3
"""
NAMES = ["hdl", "hdl.cell", "hdl.cell.Cell", "hdl.cell.Cell.update", "hdl.cell.Cell.State"]
NAMES += ["hdl.cell.of"]


def project(folder: Path) -> Path:
    """Make a folder of sources."""
    (folder / "hdl").mkdir()
    (folder / "hdl" / "__init__.py").touch()
    (folder / "hdl" / "cell.py").write_text(SOURCE)
    return folder


def site(folder: Path, names: list[str]) -> Path:
    """Make a site whose inventory has these names, as Sphinx writes it."""
    head = "# Sphinx inventory version 2\n# Project: x\n# Version: \n"
    head += "# The remainder of this file is compressed using zlib.\n"
    body = "".join(f"{name} py:function 1 x.html#$ -\n" for name in names)
    (folder / "objects.inv").write_bytes(head.encode() + zlib.compress(body.encode()))
    return folder


def test_what_is_public(tmp_path: Path) -> None:
    assert list(coverage.public(project(tmp_path), ["hdl"])) == NAMES


def test_all_folders_are_looked_at() -> None:
    names = list(coverage.public())
    assert len(names) > 2000
    assert {name.partition(".")[0] for name in names} == set(FOLDERS)
    text = (EXAMPLES.parent / "pyproject.toml").read_text(encoding="utf-8")
    (packages,) = re.findall(r"^root_packages = \[(.*)\]$", text, re.MULTILINE)
    assert set(re.findall(r"\w+", packages)) == {*FOLDERS, "experiments"}


@pytest.mark.parametrize("missing", ["hdl.device", "model.loop.Loop", "spec.lfsr.Lfsr.load"])
def test_a_missing_name_is_found(
    missing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = list(coverage.public())
    assert coverage.main([str(site(tmp_path, names))]) == 0
    names.remove(missing)
    assert coverage.main([str(site(tmp_path, names))]) == 1
    assert capsys.readouterr().err == f"coverage: missing: {missing}\n"


def test_no_site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert coverage.main([str(tmp_path)]) == 2
    assert "there is no inventory" in capsys.readouterr().err
