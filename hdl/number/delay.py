"""Delay by a number of clocks, in registers or in a memory."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Module, Mux, Signal, Value
from amaranth.lib import memory


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


def copy(m: Module, value: Any, shape: Any, name: str) -> Any:
    """Return what `delay` by one clock does, in a register that stays apart from others like it.

    So that what goes to many places far from each other goes by a copy near each of them. The
    attribute `keep` tells synthesis, which else makes one register of all copies.
    """
    register = Signal(shape, name=name, attrs={"keep": 1})
    m.d.sync += register.eq(value)
    return register


def long_delay(m: Module, value: Any, shape: Any, clocks: int, name: str) -> Any:
    """Return what `delay` does, but from a memory: for many clocks, it takes fewer cells.

    Parameters
    ----------
    m, value, shape, name
        As those of `delay`.
    clocks : int
        At least 2.
    """
    raw = Value.cast(value)
    m.submodules[f"{name}_memory"] = ring = memory.Memory(shape=len(raw), depth=clocks, init=[])
    write, read = ring.write_port(), ring.read_port()
    place = Signal(range(clocks), name=f"{name}_place")
    following = Signal(range(clocks), name=f"{name}_next", init=1)
    delayed = Signal(shape, name=f"{name}_delayed")
    m.d.sync += [  # both are registers, as a memory of LUTs is slow enough
        place.eq(following),
        following.eq(Mux(following == clocks - 1, 0, following + 1)),
    ]
    m.d.comb += [
        write.en.eq(1),
        write.addr.eq(place),
        write.data.eq(raw),
        # The oldest, which is written over in the next clock, when it is at the output.
        read.addr.eq(following),
        Value.cast(delayed).eq(read.data),
    ]
    return delayed
