"""docs/config.md has every key of a config, its default, its choices and its range."""

import dataclasses
import enum
import json
import re
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spec.config import TABLES
from spec.network import Layer

PAGE = (Path(__file__).parents[2] / "docs" / "config.md").read_text(encoding="utf-8")
NARROWED = {"weight_bits", "amplitude", "eta", "init", "cost_noise", "update_noise"}
"""Keys whose range depends on others: the page says on which, not from where to where."""
FILLED_IN = {
    "weight_bits": "8, or the nearest allowed",
    "solved_accuracy": "1 if all targets",
    "solved_cost": "0.04",
}
"""Keys whose default is worked out: how the page's words for it begin."""

Row = tuple[str, str]  # the default, and whatever else is said of a key


def documented(page: str) -> dict[str, dict[str, Row]]:
    """Read the page's tables: their keys, and what is said of each."""
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", page.replace("−", "-"))
    tables: dict[str, dict[str, Row]] = {}
    rows: dict[str, Row] = {}
    for line in plain.splitlines():
        if heading := re.match(r"##[# ]+\[+([\w.]+)\]+: layer by layer|## \[(\w+)\]", line):
            rows = tables[heading[1] or heading[2]] = {}
        elif row := re.match(r"\| `(\w+)` \| (.*?) \| (.*?) \| (.*) \|$", line):
            rows[row[1]] = (row[3].strip("`"), f"{row[2]} {row[4]}")
    return tables


def written(default: Any) -> str:
    """How the page writes a default."""
    value = default.value if isinstance(default, enum.Enum) else default
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return {None: "needed", (): "none"}.get(value) or json.dumps(value)


def numbers(text: str) -> set[int]:
    """Find the numbers, also those written 2^32 - 1."""
    found = re.findall(r"(-?\d+)(?:\^(\d+))?(?: - (\d+))?", text)
    return {int(base) ** int(power or 1) - int(less or 0) for base, power, less in found}


def wrong_in_row(row: Row, field: "dataclasses.Field[Any]", kind: Any) -> Iterator[str]:
    """Compare one row with the key it is about."""
    default, text = row
    words = FILLED_IN.get(field.name)
    if not (default.startswith(words) if words else default == written(field.default)):
        yield "default"
    choices: set[str] = set()
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        choices = {member.value for member in kind}
    if choices and text != "string the same" and set(re.findall(r'"(\w+)"', text)) != choices:
        yield "choices"
    ends = {field.metadata.get("low"), field.metadata.get("high")} - {None}
    if field.name not in NARROWED and not ends <= numbers(text):
        yield "range"


def mistakes(page: str) -> set[str]:
    """Whatever the page says of the keys that the code does not, or leaves out."""
    tables = documented(page)
    classes = TABLES | {"network.layer": Layer}
    found = set(tables) ^ set(classes)
    for name in set(tables) & set(classes):
        cls, rows = classes[name], tables[name]
        kinds = typing.get_type_hints(cls)
        fields = {field.name: field for field in dataclasses.fields(cls)}
        found |= {f"{name}.{key}" for key in set(rows) ^ set(fields)}
        found |= {
            f"{name}.{key}: {what}"
            for key in set(rows) & set(fields)
            for what in wrong_in_row(rows[key], fields[key], kinds[key])
        }
    return found


def test_every_key_is_documented_as_it_is() -> None:
    assert mistakes(PAGE) == set()


@pytest.mark.parametrize(
    ("right", "wrong", "mistake"),
    [
        ("| `bits` |", "| `bit` |", {"task.bits", "task.bit"}),
        ("## [build]", "## [built]", {"build", "built"}),
        ("| −3 |", "| −4 |", {"training.amplitude: default"}),
        ("| 10,000 |", "| 1,000 |", {"training.steps: default"}),
        ("| 8, or the nearest", "| 9, or the nearest", {"formats.weight_bits: default"}),
        ('`"tm"`: time', '`"time"`: time', {"training.perturbation: choices"}),
        ('(−1, 1), `"unipolar"` (0, 1), ', "(−1, 1), ", {"task.inputs: choices"}),
        ("| 2 to 8: inputs", "| 2 to 9: inputs", {"task.bits: range"}),
        ("| 2 to 8: inputs", "| 3 to 8: inputs", {"task.bits: range"}),
        ("0 to 8: k", "0 to 9: k", {"network.layer.doublings: range"}),
        ("2^32 − 1: the most", "2^32: the most", {"training.steps: range"}),
        ("up to 1,024", "up to 1,000", {"training.update_delay: range"}),
    ],
)
def test_a_planted_mistake_is_found(right: str, wrong: str, mistake: set[str]) -> None:
    assert right in PAGE
    assert mistakes(PAGE.replace(right, wrong)) == mistake
