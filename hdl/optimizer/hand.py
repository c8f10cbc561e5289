"""The hand: what may take the schedule's place while no run is busy."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data

from hdl.number import fixed
from hdl.optimizer.bus import Tag
from spec.numbers import bits_for
from spec.optimizer import JOINED, ScheduleSpec

STROBES = ("fill", "preparing", "initialising", "accumulate", "update", "read", "sweep")


def orders_layout(spec: ScheduleSpec) -> data.StructLayout:
    """Lay out what a schedule orders, under the names of `Schedule`'s members.

    By the hand, θ is loaded as the schedule makes the initial one: bits move into the cells
    (`fill`), and become ±u (`preparing` with `init_u`, then `accumulate` and `update`, all of them
    with `initialising`). `fill` with `initialising` leaves the noise of updates as it is, so that
    nothing but θ and perturbations changes.
    """
    return data.StructLayout(
        dict.fromkeys(STROBES, 1)
        | {
            "init_u": fixed.of(spec.bus),
            "address": max(1, bits_for(spec.samples)),
            "tag": Tag,
        }
    )


def merge(m: Module, spec: ScheduleSpec, schedule: Any, hand: Any) -> Any:
    """Return the orders of schedule and hand, of which one is silent.

    With `schedule.less`, the hand's `JOINED` come a clock before the rest of what it orders.

    Parameters
    ----------
    m : Module
    spec : ScheduleSpec
    schedule : Schedule
    hand : struct
        As `orders_layout`.
    """
    orders: Any = Signal(orders_layout(spec), name="orders")
    joined = JOINED if schedule.less else ()
    strobes = [name for name in STROBES if name not in joined]
    m.d.comb += [
        *(orders[name].eq(getattr(schedule, name) | hand[name]) for name in strobes),
        *(orders[name].eq(getattr(schedule, name)) for name in joined),
        *(getattr(schedule, f"{name}_next").eq(hand[name]) for name in joined),
        orders.init_u.eq(fixed.mux(hand.preparing, hand.init_u, schedule.init_u)),
        orders.address.eq(Mux(hand.sweep, hand.address, schedule.address)),
        orders.tag.eq(schedule.tag.as_value() | hand.tag.as_value()),
    ]
    return orders
