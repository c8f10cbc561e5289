"""An input of a netlist with planted faults that chooses one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from amaranth.hdl import Mux, Signal, Value, ValueCastable

FAULT = Signal(8, name="fault")


def with_faults(wrong: Mapping[int, Any], right: Any) -> Any:
    """Return what is right, or what is wrong with the fault of that number.

    Parameters
    ----------
    wrong : mapping of int to value-like
    right : value-like, or list of them
        If it is a view or a fixed-point value, so is what is returned, of the same shape.
    """
    if isinstance(right, list):
        rows = zip(right, *wrong.values(), strict=False)
        return [with_faults(dict(zip(wrong, others, strict=True)), one) for one, *others in rows]
    value = as_it_is = Value.cast(right)
    for number, other in wrong.items():
        value = Mux(number == FAULT, other, value)
    if not isinstance(right, ValueCastable):
        return value
    shape: Any = right.shape()
    value = value[: len(as_it_is)]
    return shape(value.as_signed() if as_it_is.shape().signed else value)
