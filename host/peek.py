"""A look at single registers of a board, and a change of them, by the names of the register map."""

from __future__ import annotations

from argparse import Namespace

from host import files, ports
from host.device import Device
from host.driver import signed
from host.link import LinkError, Reason
from host.screen import console
from model.folded import places
from spec import derive
from spec.config import Config
from spec.errors import InputError
from spec.map import (
    LARGEST_LEARN,
    LESS_ONE,
    LINE_BITS,
    MAP,
    Entry,
    Kind,
    address_of,
    in_map,
)
from spec.plant import Engine
from spec.registers import entries, registers

SIGNED = ("theta", "words", "G", "y", "C", "C0")
"""What is in two's complement."""


def peek(options: Namespace) -> int:
    """Print words of an entry, all that there are by default, and what they mean."""
    config = files.load_config(options.config, options.data)
    name, _, count = options.name.partition(":")
    entry = _entry(config, name, *(kind for kind in Kind if kind is not Kind.COMMAND))
    most = _words(config, entry)
    if count and not (count.isascii() and count.isdigit() and 1 <= int(count) <= most):
        raise InputError(
            f"{options.name}: COUNT must be from 1 to {most}, as many words as {name} has"
        )
    with ports.device(config, options.port) as device:
        if device.folded is not None and name == "theta":  # which is in the words of all lanes
            _show_theta(device, int(count or most))
            return 0
        words = device.registers.read(entry.address, int(count or most))
    for k, word in enumerate(words):
        place = f"{name}[{k}]" if most > 1 else name
        value = (signed(word) if name in SIGNED else word) - in_map(name, 0)
        console.print(f"{entry.address + k:#06x} {place} {word:#010x} {value}")
    return 0


def _show_theta(device: Device, count: int) -> None:
    """Print parameters, with the lanes and words that they are in."""
    assert device.folded is not None
    addresses, lanes = places(device.folded)
    for k, value in enumerate(device.theta()[:count].tolist()):
        place = f"lane {lanes[k]} {address_of('words', int(addresses[k])):#06x}"
        console.print(f"{place} theta[{k}] {value & 0xFFFF_FFFF:#010x} {value}")


def poke(options: Namespace) -> int:
    """Write the word that means a value to a register or a command."""
    config = files.load_config(options.config, options.data)
    entry = _entry(config, options.name, Kind.REGISTER, Kind.COMMAND)
    value = _value(config, entry, options.value)
    with ports.device(config, options.port) as device:
        _write(device, entry, value)
    console.print(f"{entry.address:#06x} {entry.name} {value:#x}")
    return 0


def _write(device: Device, entry: Entry, value: int) -> None:
    try:
        device.put(entry.name, value)
    except LinkError as error:
        if error.reason is not Reason.REFUSED:
            raise
        if device.state().busy:
            raise RuntimeError(
                f"{entry.name} cannot be written while the board is training; control 2 stops it"
            ) from None
        raise RuntimeError(f"{entry.name}: the board refuses {value:#x}") from None


def _entry(config: Config, name: str, *kinds: Kind) -> Entry:
    """Find an entry of the map that a config's device has."""
    names = [entry.name for entry in entries(config) if entry.kind in kinds]
    if Kind.WINDOW in kinds and "theta" not in names:
        names.append("theta")
    if name not in names:
        raise InputError(f"{name!r}: must be one of {', '.join(names)}")
    return MAP[name]


def _words(config: Config, entry: Entry) -> int:
    """Count the words of an entry that a config's device has."""
    folded = config.build.engine is Engine.FOLDED
    return {
        "theta": config.parameters,
        "G": config.parameters,
        "y": config.data.outputs,
        "sample": derive.samples(config).words,
        **({"words": derive.folded(config).words} if folded else {}),
    }.get(entry.name, entry.words)


def _value(config: Config, entry: Entry, text: str) -> int:
    """Read a value that the entry's bits can hold."""
    half = 1 << config.formats.bus_bits - 1
    widths = {register.name: register.width for register in registers(config)}
    low, high = {
        "line": (0, (1 << LINE_BITS) - 1),
        "u": (-half, half - 1),
        "learn": (0, LARGEST_LEARN),
        "samples_in_use": (1, derive.samples(config).depth),
        "lane": (0, config.build.lanes - 1),
    }.get(entry.name, (int(entry.name in LESS_ONE), (1 << widths.get(entry.name, 32)) - 1))
    try:
        value = int(text if text.isascii() else "none", 0)
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise InputError(f"{entry.name} {text}: must be a whole number from {low} to {high}")
    return value & 0xFFFF_FFFF
