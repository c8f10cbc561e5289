"""What the lanes of a folded engine are, and their memories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spec.derive import formats
from spec.derive import plant as plants
from spec.derive.loop import init_bits, init_bits_of_layers
from spec.folded import FoldedLayerSpec, FoldedSpec, ImageSpec, stores_samples
from spec.plant import ConvSpec, PoolSpec, SignalSpec
from spec.training import Perturbation

if TYPE_CHECKING:
    from spec.config import Config


def folded(config: Config) -> FoldedSpec:
    """Return what the lanes and their memories are, for a folded engine."""
    plant, build = plants.network(config), config.build
    one = 1 << plant.output.fraction_bits
    signals = [*(layer.input for layer in plant.layers), plant.output]
    ends = [end for signal in signals for end in _ends(signal, one)]
    heard, by_node = iter(init_bits_of_layers(config)), iter(config.by_node)
    layers, word, inputs, neuron = [], 0, 0, 0
    pairs = [*zip(plant.layers, config.network.all, strict=True)]
    for index, (layer, given) in enumerate(pairs):
        if isinstance(layer, PoolSpec):
            continue
        image = None
        if isinstance(layer, ConvSpec):
            behind = pairs[index + 1][0]  # never the last one
            image = ImageSpec(*layer.shape, pooled=isinstance(behind, PoolSpec))
        copies = _copies(layer.neurons, build.lanes, image)
        made = FoldedLayerSpec(
            layer.neurons, layer.fan_in, build.lanes // copies, word, inputs, neuron,
            1 if index == 0 or build.lane_multipliers == 2 else 2, index == 0,
            layer.activation, layer.output, next(heard), given.doublings, image,
            copies, next(by_node), build.word_ports,
            build.word_ports == 1 and build.lane_multipliers == 2,
        )  # fmt: skip
        layers.append(made)
        word, neuron = word + made.words, neuron + layer.neurons
        if index or stores_samples(made):
            inputs += made.inputs
    return FoldedSpec(
        tuple(layers), build.lanes, build.lane_multipliers, build.multipliers,
        formats.theta(config), formats.weight(config), formats.bus(config),
        SignalSpec(min(0, *ends), max(one, *ends), plant.output.fraction_bits),
        plant.input, config.training.amplitude,
        config.training.perturbation is Perturbation.FRESH, init_bits(config),
    )  # fmt: skip


def _copies(neurons: int, lanes: int, image: ImageSpec | None) -> int:
    """Return how many places of a pooled square lanes have room for: all four, a row, or one."""
    fits = (copies for copies in (4, 2) if lanes % copies == 0 and neurons * copies <= lanes)
    return next(fits, 1) if image and image.pooled else 1


def _ends(signal: SignalSpec, one: int) -> tuple[int, int]:
    """Return the range of a signal, in LSBs of which `one` are 1."""
    unit = one >> signal.fraction_bits
    return signal.low * unit, signal.high * unit
