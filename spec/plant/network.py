"""A network: layer after layer."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

from spec.plant.layer import LayerSpec
from spec.plant.signal import SignalSpec


@dataclass(frozen=True)
class NetworkSpec:
    """Layer after layer."""

    layers: tuple[LayerSpec, ...]

    @property
    def input(self) -> SignalSpec:
        """What the first layer sees."""
        return self.layers[0].input

    @property
    def inputs(self) -> int:
        """How many inputs it has."""
        return self.layers[0].inputs

    @property
    def output(self) -> SignalSpec:
        """What the last layer puts out."""
        return self.layers[-1].output

    @property
    def outputs(self) -> int:
        """How many outputs it has."""
        return self.layers[-1].neurons

    @property
    def neurons(self) -> int:
        """Neurons of all layers, and channels."""
        return sum(layer.neurons for layer in self.layers)

    @property
    def products(self) -> int:
        """How many an evaluation takes, biases among them."""
        return sum(layer.products for layer in self.layers)

    @cached_property
    def parts(self) -> tuple[slice, ...]:
        """Which parameters are those of each layer, in documented order."""
        ends = list(itertools.accumulate(layer.parameters for layer in self.layers))
        return tuple(map(slice, [0, *ends], ends))

    @property
    def input_fraction(self) -> int:
        """Fraction bits that the inputs of all layers have at most."""
        return max(layer.input.fraction_bits for layer in self.layers)

    @property
    def latency(self) -> int:
        """Clocks from a sample to y."""
        return sum(layer.latency for layer in self.layers)

    @property
    def offsets(self) -> tuple[int, ...]:
        """Clocks from a sample to when its evaluation asks each layer's cells for weights."""
        starts = itertools.accumulate((layer.latency for layer in self.layers), initial=0)
        return tuple(start - layer.ahead for start, layer in zip(starts, self.layers, strict=False))

    @property
    def depth(self) -> int:
        """How many layers there are."""
        return len(self.layers)
