"""The identity of an optimizer for an external plant: a hash of what its gateware depends on."""

from __future__ import annotations

import hashlib
import json

from spec import identity as ours
from spec.external import derive
from spec.external.config import ExternalConfig

VERSION = 1
"""Counts up when gateware of the same config does something else than before."""


def identity(config: ExternalConfig) -> int:
    """Return 128 bits by which a host knows the gateware of a config.

    Registers do not count, nor does the plant's model, of which the gateware knows only how many
    parameters and samples it has.
    """
    samples = config.samples, config.plant.order
    parts = "external", VERSION, derive.optimizer(config), derive.exchange(config), samples
    digest = hashlib.sha256(repr(parts).encode()).digest()
    return int.from_bytes(digest[:16], "little")


def config_digest(config: ExternalConfig) -> str:
    """Return a SHA-256, in hexadecimal digits, of every key of a config, and of the plant's size.

    What is in the file of plant.model does not count.
    """
    parts = json.dumps(config.to_dict(), sort_keys=True), config.parameters, config.samples
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def constants(config: ExternalConfig, clock_hz: int) -> dict[str, int]:
    """Return the values of the map's constants, but for the first two."""
    return {
        "identity": identity(config),
        "samples": config.samples,
        **ours.of_the_optimizer(config),
        "clock_hz": clock_hz,
    }
