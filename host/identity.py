"""Whether a device is the gateware of a config."""

from __future__ import annotations

from collections.abc import Mapping

from host.link import Registers
from spec.errors import InputError
from spec.map import MAGIC, MAP, MAP_VERSION, address_of


def require_gateware(registers: Registers, constants: Mapping[str, int]) -> None:
    """Refuse a device that is not the gateware of a config; it reads, and writes nothing.

    Parameters
    ----------
    registers : Registers
    constants : mapping of str to int
        Those that it must have, the identity among them; any clock will do.

    Raises
    ------
    InputError
        The message says what was expected and what was found.
    """
    found = registers.read(address_of("magic"), 2)
    if found[0] != MAGIC:
        raise InputError(
            f"the device is no mgd trainer: its first word is {found[0]:#010x}, not {MAGIC:#x}"
        )
    if found[1] != MAP_VERSION:
        raise InputError(
            f"the device has version {found[1]} of the register map; this mgd needs "
            f"{MAP_VERSION}: build and flash its bitstream again"
        )
    words_of = MAP["identity"].words
    expected = constants["identity"]
    hashed = registers.read(address_of("identity"), words_of)
    if sum(word << 32 * k for k, word in enumerate(hashed)) == expected:
        return
    for name, value in constants.items():
        if name in ("identity", "clock_hz"):
            continue
        (there,) = registers.read(address_of(name))
        if there != value:
            raise InputError(
                f"the device has the bitstream of another config: its {name} is {there}, that "
                f"of the config is {value}; build and flash this config, or name the other one"
            )
    raise InputError(
        "the device has the bitstream of another config (same sizes, but other formats, "
        "activations, perturbation or schedule): build and flash this config, or name that one"
    )
