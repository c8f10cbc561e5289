"""What the plant is: layers, samples, cost and score."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from spec.derive import formats
from spec.network import LayerKind
from spec.optimizer import ChangeSpec
from spec.plant import (
    COST_SPECS,
    WEIGHT_LATENCY,
    ActivationSpec,
    ConvSpec,
    Cost,
    CostSpec,
    CrossEntropySpec,
    Engine,
    FoldedSamplesSpec,
    LayerSpec,
    NetworkSpec,
    PoolSpec,
    SamplesSpec,
    ScoreSpec,
    SignalSpec,
)

if TYPE_CHECKING:
    from spec.config import Config


def network(config: Config) -> NetworkSpec:
    """Return what the network is."""
    fraction = config.formats.activation_bits
    signal = SignalSpec.of_samples(config.task.inputs, fraction)
    build, layers = config.build, []
    # A multiplier that registers its operands takes x from there, if the weights come as early.
    ahead = build.multipliers.latency > 1 and not config.training.node
    weight, shapes = formats.multiplied(config), config.network.shapes
    for index, (given, shape) in enumerate(zip(config.network.all, shapes, strict=False)):
        activation = ActivationSpec(
            given.activation, fraction, config.training.amplitude,
            deep=build.multipliers.latency > 1,
        )  # fmt: skip
        if given.kind is LayerKind.POOL:
            layer = PoolSpec(0, 0, signal, weight, activation, shape=shape)
        elif given.kind is LayerKind.CONV:
            layer = ConvSpec(
                *given.weights(shape), signal, weight, activation, shape=shape, planar=index == 0
            )
        else:
            layer = LayerSpec(
                *given.weights(shape), signal, weight, activation, formats.defects(config),
                build.multipliers, WEIGHT_LATENCY if ahead and index else 0, build.pipeline,
            )  # fmt: skip
        layers.append(layer)
        signal = layer.output
    return NetworkSpec(tuple(layers))


def target(config: Config) -> SignalSpec:
    """Return what a target is: one bit if all targets are 0 or 1 and stay so, else as an output.

    One bit as well where the cost needs to know the right class only.
    """
    output, lasting = network(config).output, room(config) is None
    classes = config.training.cost is Cost.CROSS_ENTROPY
    binary = classes or (lasting and config.data.binary_targets)
    return SignalSpec(0, 1, 0, binary=True) if binary else output


def cost(config: Config) -> CostSpec:
    """Return what the cost is."""
    output = network(config).output
    cost_bits, build = config.formats.cost_bits, config.build
    made = cost_bits, build.multipliers, build.pipeline
    spec = COST_SPECS[config.training.cost](config.data.outputs, output, target(config), *made)
    if isinstance(spec, CrossEntropySpec):
        return replace(spec, serial=config.build.serial_cost)
    return spec


def samples(config: Config) -> SamplesSpec:
    """Return what the samples are."""
    if config.build.engine is Engine.FOLDED:
        return folded_samples(config)
    given = network(config).input, target(config), config.data, config.task.order
    return SamplesSpec(*given, room=room(config))


def folded_samples(config: Config) -> FoldedSamplesSpec:
    """Return what they are for a folded engine."""
    given = network(config).input, target(config), config.data, config.task.order
    return FoldedSamplesSpec(*given, room=room(config), ring=ring(config))


def room(config: Config) -> int | None:
    """Return how many samples there is room for, if that is given; None: for the task's."""
    given = config.build.samples
    return given if isinstance(given, int) and not ring(config) else None


def ring(config: Config) -> int:
    """Return how many of the task's samples there is room for at a time; 0: for all."""
    given = config.build.samples
    return given if isinstance(given, int) and given < len(config.data) else 0


def score(config: Config) -> ScoreSpec:
    """Return what a check counts."""
    errors, held = cost(config), samples(config)
    return ScoreSpec(
        outputs=errors.outputs,
        output=errors.output,
        label_bits=held.label_bits,
        cost_width=errors.width,
        samples=held.depth,
        cost_latency=errors.latency + ChangeSpec.register_latency,
        serial=config.build.serial_cost,
    )
