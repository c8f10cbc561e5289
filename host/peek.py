"""A look at single registers of a board, and a change of them, by the names of the register map."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from host import files, ports
from host.device import Device
from host.driver import AnyDriver
from host.link import LinkError, Reason
from host.screen import console
from host.state import signed
from model.folded import places
from spec import derive
from spec.errors import InputError
from spec.external.config import AnyConfig, ExternalConfig
from spec.external.registers import registers as registers_of_plants
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
from spec.registers import Register, entries, entries_with, registers
from spec.trained import Trained

SIGNED = ("theta", "words", "G", "y", "C", "C0")
"""What is in two's complement."""


@dataclass(frozen=True)
class Shown:
    """What there is to see and to change at the device of a config.

    Parameters
    ----------
    entries : tuple of Entry
    words : mapping of str to int
        Of entries that have as many as the config says.
    limits : mapping of str to (int, int)
        Least and largest value of what can be written, but for 0 and 32 bits.
    """

    entries: tuple[Entry, ...]
    words: Mapping[str, int]
    limits: Mapping[str, tuple[int, int]]


def limits_of(config: Trained, kept: Sequence[Register]) -> dict[str, tuple[int, int]]:
    """Return the limits of registers, and of commands that load θ."""
    half = 1 << config.formats.bus_bits - 1
    return {
        **{r.name: (int(r.name in LESS_ONE), (1 << r.width) - 1) for r in kept},
        "line": (0, (1 << LINE_BITS) - 1),
        "u": (-half, half - 1),
        "learn": (0, LARGEST_LEARN),
    }


def shown(config: AnyConfig) -> Shown:
    """Return what a config's device has; θ can be read of any."""
    words = {"theta": config.parameters, "G": config.parameters}
    if isinstance(config, ExternalConfig):
        kept = registers_of_plants(config)
        return Shown(entries_with(kept, external=True), words, limits_of(config, kept))
    samples, folded = derive.samples(config), config.build.engine is Engine.FOLDED
    found = entries(config)
    return Shown(
        found if MAP["theta"] in found else (*found, MAP["theta"]),
        {
            **words,
            "y": config.data.outputs,
            "sample": samples.words,
            **({"words": derive.folded(config).words} if folded else {}),
        },
        {
            **limits_of(config, registers(config)),
            "samples_in_use": (1, samples.depth),
            "lane": (0, config.build.lanes - 1),
        },
    )


def peek(options: Namespace) -> int:
    """Print words of an entry, all that there are by default, and what they mean."""
    config = files.load_any(options)
    entry, count, several = asked(shown(config), options.name)
    with ports.device(config, options.port) as device:
        if entry.name == "theta" and isinstance(device, Device) and device.folded is not None:
            _show_theta(device, count)
        else:
            show(device, entry, count, several=several)
    return 0


def asked(shown: Shown, text: str) -> tuple[Entry, int, bool]:
    """Read NAME or NAME:COUNT; return the entry, how many words, and whether it has several."""
    name, _, count = text.partition(":")
    entry = _entry(shown, name, *(kind for kind in Kind if kind is not Kind.COMMAND))
    most = shown.words.get(name, entry.words)
    if count and not (count.isascii() and count.isdigit() and 1 <= int(count) <= most):
        raise InputError(f"{text}: COUNT must be from 1 to {most}, as many words as {name} has")
    return entry, int(count or most), most > 1


def show(device: AnyDriver, entry: Entry, count: int, *, several: bool) -> None:
    """Print words of a device, and what they mean."""
    for k, word in enumerate(device.registers.read(entry.address, count)):
        place = f"{entry.name}[{k}]" if several else entry.name
        value = (signed(word) if entry.name in SIGNED else word) - in_map(entry.name, 0)
        console.print(f"{entry.address + k:#06x} {place} {word:#010x} {value}")


def _show_theta(device: Device, count: int) -> None:
    """Print parameters of a device in words, with the lanes and words that they are in."""
    assert device.folded is not None
    addresses, lanes = places(device.folded)
    for k, value in enumerate(device.theta()[:count].tolist()):
        place = f"lane {lanes[k]} {address_of('words', int(addresses[k])):#06x}"
        console.print(f"{place} theta[{k}] {value & 0xFFFF_FFFF:#010x} {value}")


def poke(options: Namespace) -> int:
    """Write the word that means a value to a register or a command."""
    config = files.load_any(options)
    entry, value = given(shown(config), options)
    with ports.device(config, options.port) as device:
        write(device, entry, value)
    return 0


def given(shown: Shown, options: Namespace) -> tuple[Entry, int]:
    """Read NAME and VALUE, which the entry's bits must be able to hold."""
    entry, text = _entry(shown, options.name, Kind.REGISTER, Kind.COMMAND), options.value
    low, high = shown.limits.get(entry.name, (0, 0xFFFF_FFFF))
    try:
        value = int(text if text.isascii() else "none", 0)
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise InputError(f"{entry.name} {text}: must be a whole number from {low} to {high}")
    return entry, value & 0xFFFF_FFFF


def write(device: AnyDriver, entry: Entry, value: int) -> None:
    """Write a value, and say so."""
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
    console.print(f"{entry.address:#06x} {entry.name} {value:#x}")


def _entry(shown: Shown, name: str, *kinds: Kind) -> Entry:
    """Find an entry of the map that a config's device has."""
    names = [entry.name for entry in shown.entries if entry.kind in kinds]
    if name not in names:
        raise InputError(f"{name!r}: must be one of {', '.join(names)}")
    return MAP[name]
