"""icetime is asked where it is there and says what it is known to say; else nothing is checked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from boards import catalogue, icetime

SAID = """// Reading input .asc file..
Total number of logic levels: 5
Total path delay: 24.83 ns (40.28 MHz)
"""


def install(folder: Path, script: str, patch: pytest.MonkeyPatch) -> None:
    program = folder / "bin" / icetime.TOOL
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    patch.setenv("PATH", str(program.parent), prepend=":")


@pytest.mark.parametrize(
    ("script", "found"),
    [
        (f"cat <<'END'\n{SAID}END", 40.28),
        ('[ "$1 $2 $3 $4" = "-t -d up5k top.asc" ] || exit 1; echo "Total path delay: 10.00 ns '
         '(100.00 MHz)"', 100.0),
        ("echo 'Slowest path: 24.83 ns'", None),  # of another version
        (f"cat <<'END'\n{SAID}END\nexit 1", None),
    ],
)  # fmt: skip
def test_what_it_says(
    script: str, found: float | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, script, monkeypatch)
    board = catalogue.find("icebreaker")
    assert icetime.fmax(tmp_path, board) == found
    monkeypatch.setenv("PATH", "")  # it is asked once
    assert icetime.fmax(tmp_path, board) == found


def test_it_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert icetime.fmax(tmp_path, catalogue.find("icebreaker")) is None


def test_every_ice40_has_a_name() -> None:
    devices = {board.device for board in catalogue.BOARDS if board.family == "iCE40"}
    assert devices == set(icetime.DEVICES)


@pytest.mark.skipif(shutil.which(icetime.TOOL) is None, reason="icetime is not installed")
def test_the_real_one_refuses_what_is_no_design(tmp_path: Path) -> None:
    (tmp_path / "top.asc").write_text("nothing", encoding="utf-8")
    assert icetime.fmax(tmp_path, catalogue.find("icebreaker")) is None
