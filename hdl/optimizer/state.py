"""Shapes of a cell: what it holds, and the noise that it hears."""

from __future__ import annotations

from amaranth.lib import data

from hdl import shapes
from hdl.number import fixed
from hdl.optimizer import perturbation as perturbations
from spec.optimizer import CellSpec


def noise_shape(spec: CellSpec) -> fixed.Shape:
    """Shape of the noise of an update."""
    f_bits = spec.theta.fraction_bits
    return shapes.draw(spec.noise, f_bits) if spec.noise else fixed.SQ(1 - f_bits, f_bits)


def state_layout(spec: CellSpec) -> data.StructLayout:
    """Lay out what the probe shows of a parameter."""
    bits = perturbations.of(spec.perturbation).bits
    return data.StructLayout(
        {"theta": fixed.of(spec.theta), "G": fixed.of(spec.gradient), "perturbation": bits}
    )
