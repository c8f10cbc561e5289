"""What travels between components: the bus, a sample, and the shapes of numbers."""

from __future__ import annotations

from amaranth import hdl
from amaranth.lib import data

from hdl import fixed
from spec.config import Config
from spec.numbers import bits_for
from spec.tasks import Inputs


def bus(config: Config) -> data.StructLayout:
    """Lay out the bus that every cell hears.

    u
        The change in cost, scaled, in LSBs of θ.
    clear
        Strobe: θ and G become zero.
    perturb
        Strobe: take the next perturbation.
    accumulate
        Strobe: G ← sat(G ± u).
    update
        Strobe: θ ← sat(θ - G); G ← 0.
    fill, initialise, slot
        Of periodic codes only. Strobe: take the neighbour's bit, as a random code does; whether
        that bit is the sign of u now; where the code is.
    """
    strobes = dict.fromkeys(("clear", "perturb", "accumulate", "update"), 1)
    periodic = {} if config.code is None else {"fill": 1, "initialise": 1, "slot": slot(config)}
    return data.StructLayout({"u": fixed.of(config.bus), **strobes, **periodic})


def slot(config: Config) -> data.StructLayout:
    """Lay out where a periodic code is: the column or turn, and the sign of the period."""
    assert config.code is not None
    return data.StructLayout({"index": config.code.bits, "negative": 1})


def weight(config: Config) -> fixed.Shape:
    """Shape of θ ± Δθ as the multiplier sees it: one bit more than the top bits of θ."""
    return fixed.SQ(config.weight.integer_bits + 1, config.weight.fraction_bits)


def activation(config: Config, layer: int) -> fixed.Shape:
    """Shape of the activations of a layer."""
    fraction = config.formats.activation_bits
    return fixed.span(*config.activation_of(layer).range(fraction), fraction)


def sample_input(config: Config) -> hdl.Shape | fixed.Shape:
    """Shape of one input of a sample: one bit, unless it is fixed point."""
    if config.task.inputs is Inputs.FIXED:
        return fixed.SQ(2, config.formats.activation_bits)
    return hdl.unsigned(1)


def target(config: Config) -> fixed.Shape:
    """Shape of one target: one bit if all targets are 0 or 1, else as the output."""
    if config.data.binary_targets:
        return fixed.UQ(1, 0)
    return activation(config, len(config.layer_shapes) - 1)


def label_bits(config: Config) -> int:
    """Bits of a sample's class."""
    return max(1, bits_for(config.data.outputs))


def sample(config: Config) -> data.StructLayout:
    """Lay out a sample: inputs x, targets t, and the class they mean."""
    return data.StructLayout(
        {
            "x": data.ArrayLayout(sample_input(config), config.data.inputs),
            "t": data.ArrayLayout(target(config), config.data.outputs),
            "label": label_bits(config),
        }
    )


def cells(config: Config) -> data.StructLayout:
    """Lay out what the probe shows of a group of cells."""
    return data.StructLayout(
        {
            "theta": fixed.of(config.theta),
            "G": fixed.of(config.gradient),
            "perturbation": 1,
        }
    )
