"""What all lanes hear, from registers near them."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module

from hdl.number.delay import copy, delay

NEAR = 8
"""Lanes that hear what all of them do from a register of their own, so that its way is short."""


def near(m: Module, value: Any, shape: Any, lanes: int, name: str) -> list[Any]:
    """Return `value` as it was a clock ago, for each lane: from the register that is near it.

    Parameters
    ----------
    m : Module
        Where the registers go.
    value : value-like
    shape : shape-like
        Its shape, or layout.
    lanes : int
    name : str
        Prefix of the registers' names.
    """
    if lanes <= NEAR:
        return [delay(m, value, shape, 1, name)] * lanes
    registers = [copy(m, value, shape, f"{name}_{k}") for k in range(-(-lanes // NEAR))]
    return [registers[lane // NEAR] for lane in range(lanes)]
