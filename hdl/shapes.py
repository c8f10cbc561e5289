"""Shapes of numbers: from the specs' ranges to the gateware's fixed point."""

from __future__ import annotations

from amaranth import hdl

from hdl.number import fixed
from spec.noise import Gaussian
from spec.plant import DEFECT_FRACTION, LayerSpec, SignalSpec


def signal(spec: SignalSpec) -> hdl.Shape | fixed.Shape:
    """Shape of what a neuron takes in: one bit, unless it is fixed point."""
    return hdl.unsigned(1) if spec.binary else number(spec)


def number(spec: SignalSpec) -> fixed.Shape:
    """Shape of a number; a bit is one of 0 and 1."""
    return fixed.span(spec.low, spec.high, spec.fraction_bits)


def draw(noise: Gaussian, fraction_bits: int) -> fixed.Shape:
    """Shape of a draw of noise."""
    return fixed.SQ(noise.bits - fraction_bits, fraction_bits)


def defect(layer: LayerSpec) -> fixed.Shape:
    """Shape of a draw of a neuron's defects."""
    assert layer.defects
    return draw(layer.defects, DEFECT_FRACTION)
