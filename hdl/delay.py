"""Delay by a number of clocks."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Signal


def delay(m: Module, value: Any, shape: Any, clocks: int, name: str) -> Any:
    """Return `value` as it was some clocks ago; all zeros before the first clock.

    Parameters
    ----------
    m : Module
        Where the registers go.
    value : value-like
    shape : shape-like
        Its shape, or layout.
    clocks : int
        0 returns `value` itself.
    name : str
        Prefix of the registers' names.
    """
    for k in range(clocks):
        register = Signal(shape, name=f"{name}_{k + 1}")
        m.d.sync += register.eq(value)
        value = register
    return value
