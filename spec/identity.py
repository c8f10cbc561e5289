"""The identity of a trainer: a hash of all that its gateware depends on."""

from __future__ import annotations

import hashlib
import json

from spec import derive
from spec.config import Config
from spec.plant import Engine, Pipeline
from spec.trained import Trained

VERSION = 1
"""Counts up when gateware of the same config does something else than before."""


def identity(config: Config) -> int:
    """Return 128 bits by which a host knows the gateware of a config.

    Registers (seed, steps, τ_p, τ_x, τ_θ, η, checks) and the samples themselves do not count, as
    they can be changed at run time; for how many samples there is room, and their formats, do.
    """
    samples, folded = derive.samples(config), config.build.engine is Engine.FOLDED
    pipeline = config.build.pipeline
    parts = (
        VERSION,
        derive.optimizer(config),
        derive.network(config),
        derive.cost(config),
        derive.score(config),
        (samples.input, samples.target, samples.depth, samples.order),
        *((derive.folded(config), samples.ring) if folded else ()),
        # Of a key that came later, the default leaves boards that have been flashed what they are.
        *((pipeline,) if pipeline is not Pipeline.DEEP else ()),
    )
    digest = hashlib.sha256(repr(parts).encode()).digest()
    return int.from_bytes(digest[:16], "little")


def config_digest(config: Config) -> str:
    """Return a SHA-256, in hexadecimal digits, of every key of a config and of its samples."""
    parts = (json.dumps(config.to_dict(), sort_keys=True), config.data)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def of_the_optimizer(config: Trained) -> dict[str, int]:
    """Return the values of the map's constants that say how it trains, whatever that is."""
    cell = derive.cell(config)
    return {
        "parameters": config.parameters,
        "theta_format": cell.theta.fraction_bits | cell.theta.bits << 8,
        "gradient_bits": cell.gradient.bits,
        "cost_bits": config.formats.cost_bits,
    }


def constants(config: Config, clock_hz: int) -> dict[str, int]:
    """Return the values of the map's constants, but for the first two."""
    samples, output = derive.samples(config), derive.network(config).output
    return {
        "identity": identity(config),
        **of_the_optimizer(config),
        "inputs": config.data.inputs,
        "outputs": config.data.outputs,
        "samples": samples.slots,
        "sample_words": samples.words,
        "output_format": output.fraction_bits | output.bits << 8,
        "clock_hz": clock_hz,
    }
