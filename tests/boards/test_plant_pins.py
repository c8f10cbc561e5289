"""Pins of an external plant on a board."""

from __future__ import annotations

from typing import Any

import pytest
from amaranth.hdl import Module
from amaranth.sim import Simulator

from boards import plant_pins
from boards.catalogue import find
from boards.designs import design_of
from hdl.external.samples import SampleOrder
from spec.external import derive
from tests.plants import external

SAMPLES: dict[str, Any] = {"samples": 3, "order": "sequential", "parameters": 2}


def test_every_pin_has_a_place_of_its_own() -> None:
    """A strobe as well; with one sample, there is none."""
    board = find("ulx3s-25f")
    pins = design_of(external(**SAMPLES)).pins(board)
    assert len(pins["new_sample"]) == 1
    assert len(pins["sample"]) == 2
    places = [place for chosen in pins.values() for place in chosen]
    assert len(set(places)) == len(places)
    assert {"sample", "new_sample"}.isdisjoint(
        design_of(external(samples=1, parameters=2)).pins(board)
    )


def levels() -> list[tuple[int, int]]:
    """Return the sample's number and the strobe at its pin, in clocks of which every 5th draws."""
    m = Module()
    order: Any
    m.submodules.order = order = SampleOrder(derive.samples(external(**SAMPLES)))
    order.new_sample = order.advance
    pin = plant_pins.outward(m, order, "new_sample")
    number = plant_pins.outward(m, order, "sample")
    found = []

    async def bench(ctx: Any) -> None:
        for clock in range(30):
            ctx.set(order.advance, clock % 5 == 4)
            found.append((ctx.get(number), ctx.get(pin)))
            await ctx.tick()

    simulator = Simulator(m)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    return found


def as_it_should_be() -> bool:
    """Whether the strobe is 1 in the first clock of each number, and in no other.

    The first number drawn is 0, which was there before.
    """
    found = levels()
    changes = [k for k in range(1, len(found)) if found[k - 1][0] != found[k][0]]
    return changes == [10, 15, 20, 25] and [k for k, (_, pin) in enumerate(found) if pin] == [
        5, *changes
    ]  # fmt: skip


def test_the_strobe_comes_with_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """From a register; and, planted, straight from the logic: a clock too early."""
    assert as_it_should_be()
    monkeypatch.setattr(plant_pins, "STROBES", ())
    assert not as_it_should_be()
