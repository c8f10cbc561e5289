"""A file of weights, shown: what it is of, and how θ uses its format."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from rich.table import Table

from host import files, picture, weights, weights_picture, writing
from host.report import shown
from host.screen import console
from model.number.fixed import Ints
from model.run import theta_digest
from spec import derive
from spec.config import Config
from spec.data.preparation import Preparation
from spec.numbers import Format
from spec.tasks import Kind

BINS = 16
"""Of the histogram, at most: a power of two, so that each has as many values of θ."""

BAR = 40
"""Letters of the longest bar."""

MOST_ROWS = 20
"""Layers that are listed."""

MOST_NAMES = 10
"""Names of inputs, classes or targets that are listed."""


@dataclass(frozen=True)
class Layer:
    """Weights of a layer.

    Attributes
    ----------
    theta : array of float, shape (neurons, inputs + 1)
        As numbers; the last column is the bias.
    at_low, at_high : int
        How many are as small, or as large, as the format allows.
    """

    theta: np.ndarray
    at_low: int
    at_high: int

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON."""
        neurons, cells = self.theta.shape
        return {
            "inputs": cells - 1,
            "neurons": neurons,
            "parameters": self.theta.size,
            "min": float(self.theta.min()),
            "median_abs": float(np.median(np.abs(self.theta))),
            "max": float(self.theta.max()),
            "at_low": self.at_low,
            "at_high": self.at_high,
        }


@dataclass(frozen=True)
class Shown:
    """What there is to see in a file of weights.

    Attributes
    ----------
    config : Config
        Without samples.
    theta : array of int, shape (P,)
        In LSBs.
    preparation : Preparation or None
        Of the user's own data.
    """

    config: Config
    theta: Ints
    preparation: Preparation | None

    @property
    def name(self) -> str:
        """What the network has learnt."""
        task = self.config.task.name
        return "own data" if task == "file" else task

    @property
    def format(self) -> Format:
        """That of θ."""
        return derive.theta(self.config)

    @property
    def limits(self) -> tuple[float, float]:
        """Least and greatest θ that there can be."""
        unit = 2.0**-self.format.fraction_bits
        return self.format.minimum * unit, self.format.maximum * unit

    @cached_property
    def layers(self) -> list[Layer]:
        """Weights by layer."""
        found, parts = [], derive.network(self.config).parts
        trained = [part for part in parts if part.start < part.stop]
        for shape, part in zip(self.config.layer_shapes, trained, strict=True):
            theta = self.theta[part]
            numbers = theta.reshape(shape) * 2.0**-self.format.fraction_bits
            low, high = theta <= self.format.minimum, theta >= self.format.maximum
            found.append(Layer(numbers, int(low.sum()), int(high.sum())))
        return found

    def histogram(self, bins: int = BINS) -> tuple[np.ndarray, np.ndarray]:
        """Count θ over the range of its format.

        Parameters
        ----------
        bins : int
            A power of two; not more than there are values of θ are made.

        Returns
        -------
        counts : array of int, shape (bins,)
        edges : array of float, shape (bins + 1,)
            A count is of edge ≤ θ < next edge.
        """
        bits = self.format.bits
        bins = min(bins, 1 << bits)
        lowest, width = self.format.minimum, (1 << bits) // bins
        places = np.clip((self.theta - lowest) // width, 0, bins - 1)
        edges = (np.arange(bins + 1) * width + lowest) * 2.0**-self.format.fraction_bits
        return np.bincount(places, minlength=bins), edges

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON."""
        counts, edges = self.histogram()
        return {
            "config": self.config.to_dict(),
            "theta_digest": theta_digest(self.theta),
            "preparation": self.preparation and self.preparation.to_dict(),
            "low": self.limits[0],
            "high": self.limits[1],
            "layers": [layer.to_json() for layer in self.layers],
            "histogram": {"edges": edges.tolist(), "counts": counts.tolist()},
        }


def show(options: Namespace) -> int:
    """Show a file of weights."""
    files.check_suffix(options.plot, picture.SUFFIXES)
    files.check_outputs([options.json, options.plot], [options.file])
    config, trained = weights.read_alone(options.file)
    found = Shown(config, trained.theta, trained.preparation)
    try:
        writing.attempt(
            lambda: writing.write_json(options.json, found.to_json()),
            lambda: weights_picture.plot(found, options.plot),
        )
    finally:
        _print(found)
    if options.plot:
        console.print(f"weights, layer by layer: {options.plot}")
    return 0


def _print(found: Shown) -> None:
    config, (low, high) = found.config, found.limits
    network, training = config.network, config.training
    kinds = dict.fromkeys(kind.value for kind in network.activations)
    console.print(
        f"{found.name} on {_shape(config)}, {', '.join(kinds)}: "
        f"{config.parameters:,} weights of {config.formats.theta}, {low:g} to {high:g}"
    )
    steps = f"up to {training.steps:,} steps" if training.has_goal else f"{training.steps:,} steps"
    console.print(f"trained with Δθ 2^{training.amplitude}, η 2^{training.eta}, {steps}")
    if found.preparation:
        _print_preparation(found.preparation)
    console.print(f"theta_digest {theta_digest(found.theta)}")
    table = Table("layer", "weights", "smallest", "median |θ|", "largest", "at an end")
    for layer in found.layers[:MOST_ROWS]:
        row = layer.to_json()
        ends = layer.at_low + layer.at_high
        table.add_row(
            f"{row['inputs']}-{row['neurons']}",
            f"{row['parameters']:,}",
            *(f"{row[name]:.4g}" for name in ("min", "median_abs", "max")),
            f"{ends:,}",
            style="red" if ends else None,
        )
    console.print(table)
    if len(found.layers) > MOST_ROWS:
        console.print(f"and {len(found.layers) - MOST_ROWS:,} layers more")
    _print_histogram(found)


def _print_preparation(preparation: Preparation) -> None:
    targets = preparation.targets
    classes = targets.kind is Kind.CLASSES
    names = targets.classes if classes else targets.names
    scaled = ", scaled" if preparation.scaled else ""
    console.print(f"{len(preparation.inputs):,} inputs{scaled}: {_listed(preparation.inputs)}")
    kind = "classes" if classes else f"target{'s' * (len(names) > 1)}"
    console.print(f"{len(names):,} {kind}: {_listed(names)}")


def _listed(names: tuple[str, ...]) -> str:
    more = ", …" if len(names) > MOST_NAMES else ""
    return ", ".join(map(shown, names[:MOST_NAMES])) + more


def _shape(config: Config) -> str:
    layers = config.network.all
    return f"{len(layers):,} layers" if len(layers) > MOST_ROWS else config.network.title


def _print_histogram(found: Shown) -> None:
    """Print a bar for each part of the format's range; what is there has one letter at least."""
    counts, edges = found.histogram()
    wide = max(len(f"{edge:g}") for edge in edges)
    for count, low, high in zip(counts.tolist(), edges, edges[1:], strict=False):
        bar = "█" * -(-BAR * count // int(counts.max()))
        console.print(f"{low:>{wide}g} ≤ θ < {high:<{wide}g} {bar} {count or ''}".rstrip())
