"""Number formats, and noise in their LSBs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spec.noise import Gaussian
from spec.numbers import Format
from spec.plant import DEFECT_FRACTION

if TYPE_CHECKING:
    from spec.trained import Trained


def theta(config: Trained) -> Format:
    """Return the format of a parameter."""
    return Format.parse(config.formats.theta, "formats.theta")


def gradient(config: Trained) -> Format:
    """Return the format of G: LSBs of θ."""
    return Format.of_bits(config.formats.gradient_bits, theta(config).fraction_bits)


def bus(config: Trained) -> Format:
    """Return the format of u: LSBs of θ."""
    return Format.of_bits(config.formats.bus_bits, theta(config).fraction_bits)


def weight(config: Trained) -> Format:
    """Return the format of what the multiplier sees of θ: its top bits."""
    integer = theta(config).integer_bits
    return Format(integer, config.formats.weight_bits - integer)


def multiplied(config: Trained) -> Format:
    """Format of θ ± Δθ as the multiplier sees it: one bit more than the top bits of θ."""
    top = weight(config)
    return Format(top.integer_bits + 1, top.fraction_bits)


def cost_noise(config: Trained) -> Gaussian | None:
    """Return the noise of a perturbed cost, in LSBs of 2**-cost_bits."""
    return _noise(config, "cost_noise", config.formats.cost_bits)


def update_noise(config: Trained) -> Gaussian | None:
    """Return the noise of a cell's update, in LSBs of θ."""
    return _noise(config, "update_noise", theta(config).fraction_bits)


def defects(config: Trained) -> Gaussian | None:
    """Return the deviation of a neuron's scales and offsets, in LSBs of 2**-DEFECT_FRACTION."""
    return _noise(config, "defects", DEFECT_FRACTION)


def _noise(config: Trained, name: str, fraction_bits: int) -> Gaussian | None:
    sigma = getattr(config.hardware, name)
    return Gaussian.of(sigma, fraction_bits, f"hardware.{name}") if sigma else None
