"""[network]: layers, as a list of sizes or as tables of their own."""

from __future__ import annotations

import dataclasses
import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from spec.activation import Activation
from spec.errors import InputError
from spec.keys import key, read_table, require_table

WINDOW = 3
"""Rows and columns of a convolution's window."""

POOL = 2
"""Rows and columns that pooling makes one of."""

Shape = tuple[int, ...]
"""Of what a layer takes or gives: numbers in a row, or rows, columns and channels."""


class LayerKind(enum.Enum):
    """What a layer is."""

    CONV = "conv"  # windows of 3 x 3, all within the image, one at every place
    POOL = "pool"  # the largest of 2 x 2; odd rows and columns are dropped
    DENSE = "dense"  # neurons that see everything


class LayerEstimator(enum.Enum):
    """What a layer perturbs."""

    AUTO = "auto"  # as training.estimator says, but a conv by weight
    WEIGHT = "weight"
    NODE = "node"


@dataclass(frozen=True)
class Layer:
    """[[network.layer]]: one layer; those that it follows come before."""

    kind: LayerKind = key(None)
    channels: int = key(0, 0, 4096)  # conv only
    neurons: int = key(0, 0, 4096)  # dense only
    activation: Activation = key(Activation.RELU)  # not of a pool
    estimator: LayerEstimator = key(LayerEstimator.AUTO)  # node: dense only
    doublings: int = key(0, 0, 8)  # k: Δθ and u are 2**k times as large here

    @property
    def trained(self) -> bool:
        """Whether it has parameters."""
        return self.kind is not LayerKind.POOL

    def by_node(self, usual: LayerEstimator) -> bool:
        """Whether it perturbs its neurons' sums, where other layers do as usual; a conv never."""
        found = usual if self.estimator is LayerEstimator.AUTO else self.estimator
        return self.kind is LayerKind.DENSE and found is LayerEstimator.NODE

    def output(self, shape: Shape) -> Shape:
        """Return the shape of what it makes of a shape."""
        if self.kind is LayerKind.DENSE:
            return (self.neurons,)
        rows, columns, channels = shape
        if self.kind is LayerKind.POOL:
            return rows // POOL, columns // POOL, channels
        return rows - WINDOW + 1, columns - WINDOW + 1, self.channels

    def weights(self, shape: Shape) -> tuple[int, int]:
        """Return how many neurons or channels it has, and weights of one, its bias among them."""
        if self.kind is LayerKind.CONV:
            return self.channels, WINDOW * WINDOW * shape[2] + 1
        return self.neurons, math.prod(shape) + 1


@dataclass(frozen=True)
class NetworkShape:
    """[network]: layer after layer."""

    layers: tuple[int, ...] = key((), 1, 4096)  # inputs, neurons of each layer
    hidden: Activation = key(Activation.HARD_TANH)
    output: Activation = key(Activation.PLAN)
    shape: tuple[int, ...] = key((), 1, 4096)  # of a sample; with tables of layers
    layer: tuple[Layer, ...] = ()  # in place of `layers`

    @cached_property
    def all(self) -> tuple[Layer, ...]:
        """Every layer, however they are written."""
        if self.layer:
            return self.layer
        last = len(self.layers) - 1
        return tuple(
            Layer(LayerKind.DENSE, neurons=n, activation=self.output if k == last else self.hidden)
            for k, n in enumerate(self.layers)
            if k
        )

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """Of a sample, and of what each layer puts out."""
        found = [self.shape if self.layer else self.layers[:1]]
        for layer in self.all:
            found.append(layer.output(found[-1]))
        return tuple(found)

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many numbers a sample has, and each layer puts out."""
        return tuple(map(math.prod, self.shapes))

    @property
    def activations(self) -> tuple[Activation, ...]:
        """What the neurons of each layer that has some do."""
        return tuple(layer.activation for layer in self.all if layer.trained)

    @property
    def weights(self) -> tuple[tuple[int, int], ...]:
        """(neurons, weights of a neuron, its bias among them) of each layer that has some."""
        layers = zip(self.all, self.shapes, strict=False)
        return tuple(layer.weights(shape) for layer, shape in layers if layer.trained)

    @property
    def title(self) -> str:
        """What it is, in short: 2-2-1, or 28×28×1, conv 16, pool, dense 10."""
        if not self.layer:
            return "-".join(map(str, self.layers))
        words = ["×".join(map(str, self.shape))]
        for layer in self.layer:
            count = layer.channels or layer.neurons
            words.append(f"{layer.kind.value} {count}" if layer.trained else layer.kind.value)
        return ", ".join(words)

    @property
    def written(self) -> str:
        """The key that says how many inputs it has."""
        if self.layer:
            return f"network.shape = {list(self.shape)}"
        return f"network.layers = {list(self.layers)}"


def read_network(given: Mapping[str, Any]) -> NetworkShape:
    """Read [network], and check what layers are of each other.

    Raises
    ------
    InputError
        Naming the key that is wrong and what is allowed.
    """
    require_table("network", given)
    plain = {name: value for name, value in given.items() if name != "layer"}
    network = read_table("network", NetworkShape, plain)
    listed = given.get("layer", [])
    if not isinstance(listed, (list, tuple)) or not all(isinstance(one, Mapping) for one in listed):
        raise InputError("network.layer: must be tables, written as [[network.layer]]")
    if not listed:
        if "layers" not in given:
            raise InputError("network.layers: is missing; it must be a list of whole numbers")
        if network.shape:
            raise InputError("network.shape: is for [[network.layer]]; network.layers has the size")
        return network
    layers = tuple(read_table(f"network.layer[{k}]", Layer, one) for k, one in enumerate(listed))
    if network.layers:
        raise InputError("network.layers: not beside [[network.layer]], which says it all")
    for name, allowed in (
        ("hidden", (Activation.HARD_TANH,)),
        ("output", (Activation.PLAN, layers[-1].activation)),
    ):
        if getattr(network, name) not in allowed:
            raise InputError(
                f"network.{name}: not beside [[network.layer]], each with an activation of its own"
            )
    if len(network.shape) not in (1, 3):
        raise InputError(
            f"network.shape = {list(network.shape)}: must be [rows, columns, colours] of a sample, "
            "or [inputs], with [[network.layer]]"
        )
    _check(network.shape, layers)
    return dataclasses.replace(network, layer=layers, output=layers[-1].activation)


def _check(shape: Shape, layers: tuple[Layer, ...]) -> None:
    """Check each layer, and what it stands behind."""
    before = None
    for k, layer in enumerate(layers):
        name, kind = f"network.layer[{k}]", layer.kind
        image = len(shape) == 3
        least = {LayerKind.CONV: WINDOW, LayerKind.POOL: POOL}.get(kind, 0)
        if least and not (image and min(shape[:2]) >= least):
            came = "×".join(map(str, shape))
            raise InputError(
                f"{name}: a {kind.value} needs an image of {least}×{least} or more; before it are "
                f"{came}"
            )
        if kind is LayerKind.POOL and (before is None or before.kind is not LayerKind.CONV):
            raise InputError(f"{name}: a pool must stand right behind a conv")
        for key_name, users in _USERS.items():
            used = getattr(layer, key_name) != Layer.__dataclass_fields__[key_name].default
            if used and kind not in users:
                raise InputError(f"{name}.{key_name}: a {kind.value} has none; leave it out")
        for count, owner in (("channels", LayerKind.CONV), ("neurons", LayerKind.DENSE)):
            if kind is owner and not getattr(layer, count):
                raise InputError(f"{name}.{count}: is missing; it must be from 1 to 4096")
        if kind is LayerKind.CONV and layer.estimator is LayerEstimator.NODE:
            raise InputError(
                f'{name}.estimator = "node": is for dense layers; a channel of a conv has a sum at '
                "every place"
            )
        shape, before = layer.output(shape), layer
    if layers[-1].kind is not LayerKind.DENSE:
        raise InputError(f"network.layer[{len(layers) - 1}]: the last layer must be dense")


_USERS = {
    "channels": (LayerKind.CONV,),
    "neurons": (LayerKind.DENSE,),
    **dict.fromkeys(("activation", "estimator", "doublings"), (LayerKind.CONV, LayerKind.DENSE)),
}
"""Kinds of layers that have a use for a key."""
