"""Where an external plant is connected: pins of a board's connectors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from amaranth.build import Attrs, Pins, Resource, Subsignal
from amaranth.hdl import Module, Shape, Signal, Value
from amaranth.lib import io
from amaranth.lib.wiring import Out

from boards.catalogue import Board
from spec.errors import InputError

VOLTAGE = {
    "iCE40": Attrs(IO_STANDARD="SB_LVCMOS"),
    "ECP5": Attrs(IO_TYPE="LVCMOS33"),
}
"""3.3 V, by family."""

STROBES = ("new_sample",)
"""Members that last a clock, and may be made of logic that glitches."""


def free_pins(platform: Any) -> list[tuple[str, str]]:
    """List the connectors' pins that no resource of the board has, in order.

    Returns
    -------
    list of (str, str)
        As `amaranth.build` names them, "connector_number:pin", and as the FPGA does.
    """
    taken = set()
    for resource in platform.resources.values():
        for pins, *_ in _leaves(resource):
            taken.update(pins.map_names(platform._conn_pins, resource))
    found = []
    for connector in platform.connectors.values():
        for pin in connector.mapping:
            name = f"{connector.name}_{connector.number}:{pin}"
            (physical,) = Pins(name, dir="io").map_names(platform._conn_pins, None)
            if physical not in taken:
                taken.add(physical)
                found.append((name, physical))
    return found


def _leaves(part: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the pins of a resource; of a differential pair, both."""
    for given in part.ios:
        if isinstance(given, Subsignal):
            yield from _leaves(given)
        elif hasattr(given, "map_names"):
            yield (given,)
        else:  # a differential pair
            yield (given.p,)
            yield (given.n,)


def assign(platform: Any, board: Board, pins: dict[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """Choose pins for the members that lead to a plant, one after the other.

    Raises
    ------
    InputError
        If the board has too few.
    """
    free = free_pins(platform)
    widths = {name: Shape.cast(member.shape).width for name, member in pins.items()}
    if sum(widths.values()) > len(free):
        raise InputError(
            f"[plant]: needs {sum(widths.values())} pins, and {board.name} has {len(free)} on its "
            'connectors; weights = "spi" and cost = "spi" need the fewest'
        )
    places = iter(free)
    return {name: [next(places) for _ in range(width)] for name, width in widths.items()}


def outward(m: Module, part: Any, name: str) -> Value:
    """Return what is at the pins of a member of a part; of a strobe, from a register."""
    ours = Value.cast(getattr(part, name))
    if name not in STROBES:
        return ours
    held = Signal(ours.shape(), name=f"{name}_register")
    m.d.sync += held.eq(ours)
    return held


def connect(m: Module, platform: Any, board: Board, part: Any, pins: dict[str, Any]) -> None:
    """Add buffers between the members of a part that lead to a plant and the board's pins.

    Parameters
    ----------
    m : Module
    platform : Platform
    board : Board
    part : Component
    pins : dict of str to Member
        Of its members.
    """
    places, given = assign(platform, board, pins), []
    for name, chosen in places.items():
        direction = "o" if pins[name].flow is Out else "i"
        names = " ".join(place for place, _ in chosen)
        given.append(Subsignal(name, Pins(names, dir=direction)))
    platform.add_resources([Resource("plant", 0, *given, VOLTAGE[board.family])])
    ports = platform.request("plant", 0, dir="-")
    for name, member in pins.items():
        port = getattr(ports, name)
        if member.flow is Out:
            m.submodules[f"plant_{name}"] = buffer = io.Buffer(io.Direction.Output, port)
            m.d.comb += buffer.o.eq(outward(m, part, name))
        else:
            m.submodules[f"plant_{name}"] = buffer = io.Buffer(io.Direction.Input, port)
            m.d.comb += Value.cast(getattr(part, name)).eq(buffer.i)
