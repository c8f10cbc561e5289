"""Convolutions."""

from __future__ import annotations

import math
from dataclasses import dataclass

from spec.network import WINDOW, Shape
from spec.plant.layer import LayerSpec


@dataclass(frozen=True)
class ConvSpec(LayerSpec):
    """A convolution of 3 x 3, valid, of stride 1: channels that see the same windows of an image.

    `neurons` are its channels: each has weights of its own, and a sum at every place. Of a channel,
    the weights are in the order row, column, channel of the image (the fastest), and its bias comes
    last. What it puts out is in the same order: row, column, channel. Only a folded engine has it.

    Parameters
    ----------
    shape : tuple of int
        Rows, columns and channels of the image.
    planar : bool
        Whether the image comes channel by channel, as samples do; else row, column, channel.
    """

    shape: Shape = ()
    planar: bool = False

    @property
    def output_shape(self) -> Shape:
        """Rows, columns, channels of what it puts out."""
        rows, columns, _ = self.shape
        return rows - WINDOW + 1, columns - WINDOW + 1, self.neurons

    @property
    def inputs(self) -> int:
        """Numbers of an image."""
        return math.prod(self.shape)

    @property
    def products(self) -> int:
        """How many an evaluation takes everywhere, biases among them."""
        rows, columns, _ = self.output_shape
        return rows * columns * self.parameters

    @property
    def signals(self) -> int:
        """How many numbers it puts out."""
        return math.prod(self.output_shape)

    @property
    def latency(self) -> int:
        """Clocks of the spatial engine, which has none of it."""
        return 0
