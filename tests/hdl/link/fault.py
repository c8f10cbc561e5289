"""An input of the planted netlist that chooses a fault."""

from __future__ import annotations

from collections.abc import Mapping

from amaranth.hdl import Mux, Signal, Value, ValueLike

FAULT = Signal(8, name="fault")


def chosen(wrong: Mapping[int, ValueLike], right: ValueLike) -> Value:
    """Return what is right, or what is wrong with the fault of that number."""
    value = Value.cast(right)
    for number, other in wrong.items():
        value = Mux(number == FAULT, other, value)
    return value
