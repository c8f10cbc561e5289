"""A look at single registers of a board with an external plant, and a change of them."""

from __future__ import annotations

from argparse import Namespace

from host import files, peek
from host.external import virtual
from spec.external.config import ExternalConfig
from spec.external.registers import entries, registers


def shown(config: ExternalConfig) -> peek.Shown:
    """Return what a config's device has."""
    words = {"theta": config.parameters, "G": config.parameters}
    return peek.Shown(entries(config), words, peek.limits_of(config, registers(config)))


def look(options: Namespace) -> int:
    """Print words of an entry, as `host.peek.peek`."""
    config = files.load_plant(options)
    entry, count, several = peek.asked(shown(config), options.name)
    with virtual.device(config, options.port) as device:
        peek.show(device, entry, count, several=several)
    return 0


def poke(options: Namespace) -> int:
    """Write a register or a command, as `host.peek.poke`."""
    config = files.load_plant(options)
    entry, value = peek.given(shown(config), options)
    with virtual.device(config, options.port) as device:
        peek.write(device, entry, value)
    return 0
