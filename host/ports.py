"""Which serial port a board is at, and the device at it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import overload

from serial.tools import list_ports

from host import virtual
from host.device import Device
from host.external import virtual as plant_virtual
from host.external.device import ExternalDevice
from host.link import Channel, Port
from sim.board import VirtualBoard
from spec.config import Config
from spec.errors import InputError
from spec.external.config import AnyConfig, ExternalConfig

VIRTUAL = "virtual"
"""A port's name that means: start a virtual board."""


AnyDevice = Device | ExternalDevice


def board(config: AnyConfig) -> AbstractContextManager[VirtualBoard]:
    """Return a virtual board of a config, which must have a link."""
    virtual.require_link(config)
    if isinstance(config, ExternalConfig):
        return plant_virtual.board(config)
    return virtual.board(config)


@overload
def device(config: Config, port: str | None) -> AbstractContextManager[Device]: ...


@overload
def device(config: ExternalConfig, port: str | None) -> AbstractContextManager[ExternalDevice]: ...


@overload
def device(config: AnyConfig, port: str | None) -> AbstractContextManager[AnyDevice]: ...


@contextlib.contextmanager
def device(config: AnyConfig, port: str | None) -> Iterator[AnyDevice]:
    """Open the device at a port.

    Parameters
    ----------
    config : Config or ExternalConfig
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
    with contextlib.ExitStack() as stack:
        if port == VIRTUAL:
            port = stack.enter_context(board(config)).port
        link = stack.enter_context(Channel(Port(port or only(), config.build.baud)))
        if isinstance(config, ExternalConfig):
            yield ExternalDevice(link, config)
        else:
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
