"""Pooling."""

from __future__ import annotations

import math
from dataclasses import dataclass

from spec.network import POOL, Shape
from spec.plant.layer import LayerSpec
from spec.plant.signal import SignalSpec


@dataclass(frozen=True)
class PoolSpec(LayerSpec):
    """The largest of each 2 x 2 of a channel; where rows or columns are odd, the last is dropped.

    It has no neurons and no parameters; formats and activation are those of the convolution before
    it. What it takes and puts out is in the order row, column, channel.

    Parameters
    ----------
    shape : tuple of int
        Rows, columns, channels of the image.
    """

    shape: Shape = ()

    @property
    def output_shape(self) -> Shape:
        """Rows, columns, channels of what it puts out."""
        rows, columns, channels = self.shape
        return rows // POOL, columns // POOL, channels

    @property
    def inputs(self) -> int:
        """Numbers of an image."""
        return math.prod(self.shape)

    @property
    def signals(self) -> int:
        """How many numbers it puts out."""
        return math.prod(self.output_shape)

    @property
    def output(self) -> SignalSpec:
        """What it puts out: one of what it takes."""
        return self.input

    @property
    def latency(self) -> int:
        """Clocks of the spatial engine, which has none of it."""
        return 0
