"""docs/loop.md's table of items: every file, class, method and function that it names exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "loop.md").read_text(encoding="utf-8")


def rows(page: str) -> list[str]:
    """Rows of the table under its heading."""
    section = page.partition("## Where each item is")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| ")][1:]


def names_in(file: Path) -> set[str]:
    """All classes, functions, attributes and variables of a file; methods also as Class.method."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{m.name}" for m in node.body if isinstance(m, ast.FunctionDef)}
        if isinstance(node, ast.Attribute):
            found |= {node.attr, ast.unparse(node)}
        if isinstance(node, ast.Name):
            found.add(node.id)
    return found


def mistakes(page: str) -> set[str]:
    """What the table names and the code does not have; a name belongs to the file before it."""
    wrong: set[str] = set()
    for row in rows(page):
        names: set[str] = set()
        file = ""
        for word in re.findall(r"`([^`]+)`", row):
            if word.endswith(".py"):
                file = word
                names = names_in(ROOT / file) if (ROOT / file).exists() else set()
                wrong |= set() if names else {file}
            elif names and word not in names:
                wrong.add(f"{file}: {word}")
    return wrong


def test_all_that_the_table_names_exists() -> None:
    assert len(rows(PAGE)) > 10
    assert mistakes(PAGE) == set()


@pytest.mark.parametrize(
    ("right", "wrong", "found"),
    [
        ("`Schedule.sample`", "`Schedule.simple`", "simple"),
        ("`model/plant/layer/dense.py`", "`model/dense.py`", "model/dense.py"),
        ("`update_due`", "`update_duty`", "update_duty"),
    ],
)
def test_a_planted_mistake_is_found(right: str, wrong: str, found: str) -> None:
    assert right in PAGE
    (mistake,) = mistakes(PAGE.replace(right, wrong))
    assert found in mistake
