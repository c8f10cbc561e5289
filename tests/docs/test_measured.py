"""Steps to solution in docs/measured.md are what the commands beside them find."""

from __future__ import annotations

import json
import math
import re
import shlex
from pathlib import Path

import pytest

from host.cli import main
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "measured.md"

TASK = re.compile(
    r"\| (?P<solved>[\d,]+) of (?P<runs>[\d,]+) within (?P<limit>[\d,]+) steps "
    r"\| (?P<median>[\d,∞]+) \| `mgd (?P<words>train [^`]*)` \|"
)

OPTIMISER = re.compile(
    r"^\| `(?P<name>[\w-]+)` \| [^|]* \| (?P<solved>\d+) \| (?P<median>[\d,]+) \|$"
)

LONG = ("nist7x7", "nist7x7-fast", "nist7x7-node-fast", "nist7x7-folded")

Row = tuple[str, int, float]
"""The words of a command, how many of its runs are solved, the median of their steps."""


def number(text: str) -> float:
    return math.inf if text == "∞" else int(text.replace(",", ""))


def rows(page: str) -> list[Row]:
    """Of the two tables that come before those of boards."""
    text = page.partition("\n## Boards")[0]
    tasks = [found for line in text.splitlines() if (found := TASK.search(line))]
    others = [found for line in text.splitlines() if (found := OPTIMISER.search(line))]
    return [
        (found["words"], int(number(found["solved"])), number(found["median"])) for found in tasks
    ] + [
        (f"train {found['name']} --runs 200", int(found["solved"]), number(found["median"]))
        for found in others
    ]


ROWS = rows(PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            row,
            id=row[0].split()[1],
            marks=pytest.mark.slow if row[0].split()[1] in LONG else pytest.mark.pages,
        )
        for row in ROWS
    ],
)
def test_a_row_is_what_its_command_finds(row: Row, tmp_path: Path) -> None:
    words, solved, median = row
    outcome = tmp_path / "outcome.json"
    main([*shlex.split(words), "--json", str(outcome)])
    found = json.loads(outcome.read_text(encoding="utf-8"))
    came = found["median_steps"]
    assert (found["solved"], math.inf if came is None else came) == (solved, median)


def test_all_rows_are_read() -> None:
    """Of both tables; a number that is changed is another one."""
    text = PAGE.read_text(encoding="utf-8")
    assert len(ROWS) == 10 + 13
    assert ROWS[0] == ("train xor --runs 1000", 1000, 690)
    assert rows(text.replace("| 690 |", "| 691 |"))[0] == ("train xor --runs 1000", 1000, 691)
    limits = {found["words"]: found["limit"] for found in TASK.finditer(text)}
    assert limits["train xor --runs 1000"] == "10,000"
