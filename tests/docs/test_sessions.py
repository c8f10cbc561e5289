"""What a page shows after `$ mgd …` is what comes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from host.cli import main
from host.screen import console
from tests.docs.pages import PAGES, ROOT, Command, blocks, commands, matches

ELSEWHERE = ("docs/howto/mismatch.md", "docs/howto/new-perturbation.md")
"""Their commands are about gateware that is changed: test_mismatch.py, test_new_perturbation.py."""


def sessions(page: str) -> list[Command]:
    text = (ROOT / page).read_text(encoding="utf-8")
    found = [command for block in blocks(text) for command in commands(block)]
    return [command for command in found if command.session]


WITH_SESSIONS = [page for page in PAGES if page not in ELSEWHERE and sessions(page)]


@pytest.mark.pages
@pytest.mark.parametrize("page", WITH_SESSIONS)
def test_a_page_shows_what_comes(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its commands one after the other, in a folder with what a clone has, after `make train`."""
    shutil.copy(ROOT / "examples" / "iris.csv", tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "build").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(console, "width", 100)
    for command in sessions(page):
        status, shown = main(command.words), [line for line in command.output if line]
        said = capfd.readouterr()
        assert not status, said.err
        assert not shown or matches(said.out.splitlines(), shown), (command, said.out)


@pytest.mark.parametrize(
    ("came", "shown", "same"),
    [
        ("a\nb\nc", "a\n…\nc", True),
        ("a\nc", "a\n…\nc", True),
        ("a\nb\nd", "a\n…\nc", False),
        ("a 1", "a …", True),
        ("b 1", "a …", False),
        ("a\nb", "a", False),
        ("a", "a\nb", False),
    ],
)
def test_a_difference_is_seen(came: str, shown: str, same: bool) -> None:
    assert matches(came.splitlines(), shown.splitlines()) is same


def test_there_are_sessions() -> None:
    assert "README.md" in WITH_SESSIONS
