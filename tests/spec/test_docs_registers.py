"""docs/registers.md has the tables of spec/map.py, word for word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spec.map import ENTRIES, LIVE, LIVE_COMMANDS, TAG_PLACE, Entry, Kind
from spec.registers import registers
from tests.configs import xor

PAGE = (Path(__file__).parents[2] / "docs" / "registers.md").read_text(encoding="utf-8")

HEADINGS = {
    "Constants": Kind.CONSTANT,
    "Status": Kind.STATUS,
    "Registers": Kind.REGISTER,
    "Commands": Kind.COMMAND,
    "Windows": Kind.WINDOW,
}
WIDTHS = {register.name: str(register.width) for register in registers(xor())}
BY_THE_CONFIG = ("solved_correct", "solved_cost", "samples_in_use", "solved_below")
WIDTHS |= dict.fromkeys(BY_THE_CONFIG, "by the config")


def row(entry: Entry) -> str:
    """Return the row of an entry."""
    address = f"{entry.address:#06x}" if entry.kind is Kind.WINDOW else f"0x{entry.address:02x}"
    if entry.words > 1 and entry.kind is Kind.CONSTANT:
        address += f" to 0x{entry.address + entry.words - 1:02x}"
    cells = [address, f"`{entry.name}`"]
    if entry.kind is Kind.REGISTER:
        cells += [WIDTHS[entry.name], "written" if entry.name in LIVE else "refused"]
    if entry.kind is Kind.COMMAND:
        cells += ["done" if entry.name in LIVE_COMMANDS else "refused"]
    if entry.kind is Kind.WINDOW:
        cells += [f"up to {entry.words:,}"]
    return "| " + " | ".join([*cells, entry.doc]) + " |"


def mistakes(page: str) -> set[str]:
    """Rows of the page's tables that the map has not, and the other way round."""
    found = set()
    for heading, kind in HEADINGS.items():
        section = page.partition(f"## {heading}\n")[2].partition("\n## ")[0]
        rows = [line for line in section.splitlines() if line.startswith("| 0x")]
        expected = [row(entry) for entry in ENTRIES if entry.kind is kind]
        found |= set(rows) ^ set(expected)
        if sorted(rows) == sorted(expected) and rows != expected:
            found.add(f"{heading}: another order")
    return found


def test_the_tables_are_those_of_the_map() -> None:
    assert mistakes(PAGE) == set()


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("| 0x15 | `step`", "| 0x16 | `step`"),
        ("| 32 | refused |", "| 31 | refused |"),
        ("| 4 | written |", "| 4 | refused |"),
        ("`learn` | refused", "`learn` | done"),
        ("| up to 256 |", "| up to 255 |"),
        ("less one |", "|"),
    ],
)
def test_a_planted_mistake_is_found(right: str, wrong: str) -> None:
    assert right in PAGE
    assert mistakes(PAGE.replace(right, wrong, 1))


def test_bits_of_the_tag() -> None:
    found = re.findall(r"^\| (\d+) \| (\w+) \|", PAGE, re.MULTILINE)
    names = ["perturb", "negate", "hold", "first", "count"]
    assert found == [(str(TAG_PLACE + k), name) for k, name in enumerate(names)]


def test_addresses_do_not_overlap() -> None:
    taken = [entry.address + word for entry in ENTRIES for word in range(entry.words)]
    assert len(taken) == len(set(taken))
    assert max(taken) < 1 << 16
