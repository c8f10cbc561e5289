"""What travels between components: the bus, a sample, and the shapes of numbers."""

from __future__ import annotations

from functools import reduce
from operator import or_

from amaranth import hdl
from amaranth.hdl import Value
from amaranth.lib import data

from hdl.number import fixed
from hdl.number.noise import shape_of
from spec.code import Turns, Walsh
from spec.config import Config
from spec.numbers import bits_for
from spec.phase import Kind
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
    fill
        Strobe: take the neighbour's random bit, and the neighbour's noise if there is any.
    initialise
        Whether that bit is the sign of u now, and updates are free of noise.
    slot
        Where a broadcast code is; only with one.
    """
    names = ("clear", "perturb", "accumulate", "update", "fill", "initialise")
    broadcast = {"slot": slot(config.code)} if isinstance(config.code, Walsh | Turns) else {}
    return data.StructLayout({"u": fixed.of(config.bus), **dict.fromkeys(names, 1), **broadcast})


def slot(code: Walsh | Turns) -> data.StructLayout:
    """Lay out where a broadcast code is: the column or turn, and the sign of the period."""
    return data.StructLayout({"index": code.bits, "negative": 1})


def perturbed(kind: Value, config: Config) -> Value:
    """Whether an evaluation of this kind is a perturbed one."""
    kinds = [Kind.FIRST] if config.analog else [Kind.OPPOSITE] if config.antithetic else []
    return reduce(or_, (kind == other for other in kinds), kind == Kind.PERTURBED)


def share(config: Config) -> fixed.Shape:
    """Shape of what a neuron makes of u by its own perturbation, which at most doubles it."""
    return fixed.SQ(config.bus.integer_bits + 1, config.bus.fraction_bits)


def update_noise(config: Config) -> fixed.Shape:
    """Shape of the noise of a cell's update."""
    assert config.update_noise
    return shape_of(config.update_noise, config.theta.fraction_bits)


def weight(config: Config) -> fixed.Shape:
    """Shape of θ ± Δθ as the multiplier sees it: one bit more than the top bits of θ."""
    return fixed.SQ(config.weight.integer_bits + 1, config.weight.fraction_bits)


def activation(config: Config, layer: int) -> fixed.Shape:
    """Shape of the activations of a layer."""
    return fixed.span(*config.range_of(layer), config.formats.activation_bits)


def sample_input(config: Config) -> hdl.Shape | fixed.Shape:
    """Shape of one input of a sample: one bit, unless it is fixed point."""
    if config.task.inputs is Inputs.FIXED:
        return fixed.SQ(2, config.formats.activation_bits)
    return hdl.unsigned(1)


def neuron_input(config: Config, layer: int) -> hdl.Shape | fixed.Shape:
    """Shape of what a neuron of a layer multiplies: an activation, or an input of a sample."""
    return activation(config, layer - 1) if layer else sample_input(config)


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
            "perturbation": config.perturbation_bits,
        }
    )
