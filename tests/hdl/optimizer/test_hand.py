"""Orders of the hand take the schedule's place, and leave it alone while there are none."""

from __future__ import annotations

import random
from typing import Any

import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.optimizer import hand
from hdl.optimizer.hand import STROBES, merge, orders_layout
from spec import derive
from tests.configs import xor
from tests.hdl import tags
from tests.hdl.helpers import Row, stream

SPEC = derive.schedule(xor())
LAYOUT = orders_layout(SPEC)
NONE: Row = dict.fromkeys(STROBES, 0) | {"init_u": 0, "address": 0, "tag": tags.NOTHING}


class Both(wiring.Component):
    """A hand, and orders in place of a schedule's."""

    def __init__(self) -> None:
        super().__init__({"schedule": In(LAYOUT), "hand": In(LAYOUT), "orders": Out(LAYOUT)})

    def elaborate(self, platform: object) -> Module:
        """Merge them."""
        m, it = Module(), self
        both: Any = it

        class Schedule:
            """Orders, as attributes; there is no link."""

            less = 0

            def __getattr__(self, name: str) -> Any:
                return both.schedule[name]

        m.d.comb += both.orders.eq(merge(m, SPEC, Schedule(), both.hand))
        return m


def drawn(rng: random.Random) -> Row:
    """Draw orders of any kind."""
    strobes = {name: rng.randint(0, 1) for name in STROBES}
    tag = {field: rng.randint(0, 1) for field in tags.FIELDS}
    return strobes | {"init_u": rng.randint(-128, 127), "address": rng.randrange(4), "tag": tag}


def wrong(by_hand: bool) -> int:
    """Count clocks in which orders are not those of the one that gives any."""
    rng = random.Random(1)
    rows, expected = [], []
    for _ in range(200):
        orders = drawn(rng)
        # Of the other, words without their strobe are there all the same.
        idle = NONE | {name: drawn(rng)[name] for name in ("init_u", "address")}
        rows.append({"hand": orders, "schedule": idle} if by_hand else
                    {"hand": idle, "schedule": orders})  # fmt: skip
        if by_hand and not orders["preparing"]:
            orders = orders | {"init_u": idle["init_u"]}
        if by_hand and not orders["sweep"]:
            orders = orders | {"address": idle["address"]}
        expected.append(orders)
    found = stream(Both(), rows, ["orders"])
    return sum(row["orders"] != want for row, want in zip(found, expected, strict=True))


@pytest.mark.parametrize("by_hand", [False, True])
def test_the_orders_of_either(by_hand: bool) -> None:
    assert wrong(by_hand) == 0


def test_a_planted_fault_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A strobe that is left out; the schedule's init_u in place of the hand's."""
    monkeypatch.setattr(hand, "STROBES", STROBES[1:])
    assert wrong(True) > 0
    assert wrong(False) > 0
