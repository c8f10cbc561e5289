"""Which serial port a board is at, and the device at it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from serial.tools import list_ports

from host import virtual
from host.device import Device
from host.link import Channel, Port
from sim.board import VirtualBoard
from spec.config import Config
from spec.errors import InputError

VIRTUAL = "virtual"
"""A port's name that means: start a virtual board."""


@contextlib.contextmanager
def channel(
    port: str | None, baud: int, simulated: Callable[[], AbstractContextManager[VirtualBoard]]
) -> Iterator[Channel]:
    """Open a port, as `device` does, or that of a simulated board."""
    with contextlib.ExitStack() as stack:
        if port == VIRTUAL:
            port = stack.enter_context(simulated()).port
        stream = Port(port or only(), baud)
        yield stack.enter_context(Channel(stream))


@contextlib.contextmanager
def device(config: Config, port: str | None) -> Iterator[Device]:
    """Open the device at a port.

    Parameters
    ----------
    config : Config
        What the device must be.
    port : str or None
        Its path, or `VIRTUAL`; None finds the only one there is.

    Raises
    ------
    InputError
        If there is no such port, more than one, it is busy, or another device is there.
    LinkError
        If nothing answers.
    """
    virtual.require_link(config)
    with channel(port, config.build.baud, lambda: virtual.board(config)) as link:
        yield Device(link, config)


def only() -> str:
    """Return the one USB serial port of this computer."""
    found = sorted(port.device for port in list_ports.comports() if port.vid is not None)
    if not found:
        raise InputError(
            "no USB serial port is there: plug a board in, or name a port with --port; "
            f"--port {VIRTUAL} simulates a board"
        )
    if len(found) > 1:
        raise InputError(f"several USB serial ports: name one of {', '.join(found)} with --port")
    return found[0]
