"""What the project's pages tell the reader to type, and what they say comes of it."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]

ANYTHING = "…"
"""Alone in a line of output: any number of lines. At the end of a line: any rest."""

PAGES = [
    path.relative_to(ROOT).as_posix()
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
]

CODE = re.compile(
    r"^```[^\n]*\n(?P<fenced>.*?)^```$|^(?P<indented>(?:(?: {4}[^\n]*)?\n)+)", re.M | re.S
)


@dataclass
class Command:
    """A command line of `mgd`.

    Attributes
    ----------
    words : list of str
        Without `mgd` itself.
    output : list of str
        Lines that follow in the page.
    session : bool
        Whether the output belongs to it, as there is a $ before, or the path that make prints.
    """

    words: list[str]
    output: list[str] = field(default_factory=list)
    session: bool = False


def blocks(text: str) -> list[str]:
    """Blocks of code of a page."""
    found = (match["fenced"] or match["indented"] or "" for match in CODE.finditer(text))
    return [re.sub("^ {4,6}", "", block, flags=re.M) for block in found if block.strip()]


def commands(block: str) -> list[Command]:
    """Commands of a block; lines that tell what is possible, with [ ], are none."""
    found: list[Command] = []
    for line in block.splitlines():
        told = re.match(r"(?P<session>\$ |\.venv/bin/)?mgd (?P<words>.*)", line)
        if told and not re.search(r"[\[|…]", line):
            words = shlex.split(told["words"], comments=True)
            found.append(Command(words, session=bool(told["session"])))
        elif found and not line.startswith("=="):  # that is what make says
            found[-1].output.append(line)
    return found


def matches(output: list[str], shown: list[str]) -> bool:
    """Whether a page shows what came."""
    if not shown:
        return not output
    if shown[0].strip() == ANYTHING:
        return any(matches(output[k:], shown[1:]) for k in range(len(output) + 1))
    if not output:
        return False
    ours, theirs = output[0].rstrip(), shown[0].rstrip()
    if theirs.endswith(ANYTHING):
        same = ours.startswith(theirs.removesuffix(ANYTHING))
    else:
        same = ours == theirs
    return same and matches(output[1:], shown[1:])
