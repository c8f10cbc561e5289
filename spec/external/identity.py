"""What tells configs for external plants apart, and the gateware of them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from spec import identity as ours
from spec.external import derive
from spec.external.config import ExternalConfig

VERSION = 1
"""Counts up when gateware of the same config does something else than before."""


def identity(config: ExternalConfig) -> int:
    """Return 128 bits by which a host knows the gateware of a config.

    Registers do not count, nor does the clock, by which a board times SPI; nor the plant's model,
    of which the gateware knows only how many parameters and samples it has. The samples of a task
    do, as they cannot be written.
    """
    exchange = replace(derive.exchange(config), clock_hz=0.0)
    data = derive.cost(config), derive.samples(config)
    parts = "external", VERSION, derive.optimizer(config), exchange, *data
    digest = hashlib.sha256(repr(parts).encode()).digest()
    return int.from_bytes(digest[:16], "little")


def config_digest(config: ExternalConfig) -> str:
    """Return a SHA-256, in hexadecimal digits, of every key of a config and of its samples."""
    text = json.dumps([config.to_dict(), config.parameters, config.samples], sort_keys=True)
    return hashlib.sha256(repr((text, config.data)).encode()).hexdigest()


def constants(config: ExternalConfig, clock_hz: int) -> dict[str, int]:
    """Return the values of the map's constants, but for the first two."""
    return {
        "identity": identity(config),
        **ours.of_the_optimizer(config),
        "samples": config.samples,
        "clock_hz": clock_hz,
    }
