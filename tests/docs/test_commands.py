"""Every command line on a page is one that `mgd` takes."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest

from host import words
from tests.docs.pages import PAGES, ROOT, blocks, commands

INLINE = re.compile(r"`mgd ([a-z-][^`\[…]*)`")

BY_NAME = re.compile(r"--[a-z-]+")


def refused(line: list[str]) -> bool:
    try:
        words.parser().parse_args(line)
    except SystemExit:
        return True
    return False


def unknown(line: str) -> bool:
    """Whether a command that is named in passing, perhaps in part, has a word that `mgd` lacks."""
    verb, *rest = shlex.split(line.replace("\\|", "|"))
    helped = words.parser()
    choices: Any = next(action.choices for action in helped._actions if action.dest == "verb")
    if verb.startswith("-"):
        return False
    if verb not in choices:
        return True
    known = tuple(choices[verb]._option_string_actions)
    return any(
        not any(name.startswith(option) for name in known)
        for option in BY_NAME.findall(" ".join(rest))
    )


@pytest.mark.parametrize("page", PAGES)
def test_what_is_to_be_typed_is_understood(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    lines = [command.words for block in blocks(text) for command in commands(block)]
    wrong = [line for line in lines if refused(line)]
    wrong += [[line] for line in INLINE.findall(text) if unknown(line)]
    assert not wrong, capsys.readouterr().err


def test_a_wrong_command_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = blocks(
        "Type\n\n    mgd train xor --engin sim   # so\n    .venv/bin/mgd fly\n\nand go.\n"
    )
    assert [refused(command.words) for command in commands(block)] == [False, True]
    (block,) = blocks("Type\n\n```\nmgd train xor --engines sim\n```\n")
    assert [refused(command.words) for command in commands(block)] == [True]
    assert [unknown(line) for line in ("train --run 5", "fly", "train --motor", "boards")] == [
        False, True, True, False,
    ]  # fmt: skip


def test_most_pages_have_commands() -> None:
    """Else the pattern finds none."""
    texts = {page: (ROOT / page).read_text(encoding="utf-8") for page in PAGES}
    found = {page: sum(len(commands(block)) for block in blocks(texts[page])) for page in PAGES}
    assert sum(found.values()) > 25
    assert found["README.md"]
    assert found["docs/plants.md"]
