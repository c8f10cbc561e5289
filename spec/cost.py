"""Widths of costs, shared by the probe, the registers and both cost units."""

from __future__ import annotations

from spec.config import Config
from spec.numbers import bits_for


def cost_width(config: Config) -> int:
    """Bits of a cost C: the largest squared error, in LSBs of 2**-cost_bits, fits."""
    low, high = config.range_of(len(config.layer_shapes) - 1)
    dropped = 2 * config.formats.activation_bits - config.formats.cost_bits
    return ((high - low) ** 2 >> dropped).bit_length()


def cost_sum_width(config: Config) -> int:
    """Bits of the sum of the costs of all samples."""
    return cost_width(config) + bits_for(len(config.data))


def held_width(config: Config) -> int:
    """Bits of C and C0: one more, for the sign, where noise can make a cost negative."""
    return cost_width(config) + bool(config.cost_noise)


def guard_bits(config: Config) -> int:
    """Fraction bits of C̃ beyond those of C: what the high-pass of the analog loop needs."""
    return config.training.tau_hp.bit_length() - 1 if config.analog else 0


def tilde_width(config: Config) -> int:
    """Bits of C̃, signed: it holds every C - C0; a high-pass saturates there."""
    return held_width(config) + 1 + guard_bits(config)
