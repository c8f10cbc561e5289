"""Commands by hand give the orders that the schedule would give, clock by clock."""

from __future__ import annotations

import random

import pytest
from amaranth.lib import data

from hdl.link import by_hand
from hdl.link.by_hand import ByHand
from hdl.optimizer.hand import STROBES, orders_layout
from spec import derive
from spec.map import LARGEST_LEARN, LINE_BITS, TAG_PLACE, address_of
from tests.configs import xor
from tests.hdl import tags
from tests.hdl.helpers import Row, stream

LAYOUT = orders_layout(derive.schedule(xor()))
ANSWERED = 7
"""Clocks until an evaluation is answered."""

BIT = data.StructLayout({"bit": 1})
TWO = data.StructLayout({"bit": 1, "active": 1})


def order(tag: Row = tags.NOTHING, **strobes: int) -> Row:
    """Return orders, of which those named are given."""
    return dict.fromkeys(STROBES, 0) | {"tag": tag} | strobes


def expected(command: str, word: int, bits: int) -> list[tuple[Row, int | None]]:
    """List the orders of each clock of a command, and the place of the line that moves in."""
    if command == "line":
        places = [word >> bits * k & (1 << bits) - 1 for k in range(LINE_BITS // bits)]
        return [(order(fill=1, initialising=1), place) for place in places]
    if command == "u":
        return [(order(preparing=1), None)]
    if command == "learn":
        once = [(order(initialising=1, accumulate=1), None)]
        once += [(order(initialising=1, update=1), None)]
        return [*once * word, (order(), None)]
    fields = {name: word >> TAG_PLACE + k & 1 for k, name in enumerate(tags.FIELDS)}
    first, second = order(read=1, sweep=1), order(tag=fields)
    if not any(fields.values()):
        return [(first, None), (second, None)]
    return [(first, None), (second, None), *[(order(), None)] * (ANSWERED - 1)]


def wrong(commands: list[tuple[str, int]], line: data.StructLayout = BIT) -> int:
    """Give commands one after the other; count clocks in which orders are other ones."""
    rows: list[Row] = []
    wanted: list[tuple[Row, int | None, int]] = []
    for command, word in commands:
        clocks = expected(command, word, line.size)
        row = {"write": 1, "command": address_of(command), "data": word}
        answers = command == "evaluate"
        rows.append(row | {"write": 0, "answered": 0})
        wanted.append((order(), None, 0))
        rows += [row | {"answered": answers and k == ANSWERED} for k in range(len(clocks) + 1)]
        wanted += [*((*clock, 0) for clock in clocks), (order(), None, 1)]
    found = stream(ByHand(LAYOUT, line), rows, ["hand", "line", "done"])
    count = 0
    for row, asked, (orders, place, done) in zip(found, rows, wanted, strict=True):
        hand = dict(row["hand"])
        u, address = hand.pop("init_u"), hand.pop("address")
        count += hand != orders or row["done"] != done
        if orders["preparing"]:
            count += u % 256 != asked["data"] % 256
        if orders["sweep"]:
            count += address != asked["data"] % 4
        if place is not None:
            count += row["line"]["bit"] + 2 * row["line"].get("active", 0) != place
    return count


def drawn(seed: int) -> list[tuple[str, int]]:
    """Draw some commands of each kind."""
    rng = random.Random(seed)
    commands = []
    for _ in range(25):
        command = rng.choice(by_hand.BY_HAND)
        word = rng.choice([0, 1, 2, 5, 11]) if command == "learn" else rng.randrange(1 << 32)
        if command == "evaluate" and rng.random() < 0.3:
            word %= 1 << TAG_PLACE  # only read
        commands.append((command, word))
    return commands


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("line", [BIT, TWO])
def test_orders_of_all_commands(seed: int, line: data.StructLayout) -> None:
    assert wrong(drawn(seed), line) == 0


def test_the_largest_learn() -> None:
    assert wrong([("learn", LARGEST_LEARN), ("learn", 1)]) == 0


@pytest.mark.parametrize(
    ("right", "planted"),
    [("places", lambda line: LINE_BITS // line.size - 1), ("TAG_PLACE", TAG_PLACE + 1)],
)
def test_a_planted_fault_is_found(
    right: str, planted: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place of the line is left out; the tag is taken from other bits."""
    monkeypatch.setattr(by_hand, right, planted)
    assert wrong(drawn(1)) > 0
