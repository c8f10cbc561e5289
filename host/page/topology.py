"""A small network as a picture: neurons, and between them weights by sign and size."""

from __future__ import annotations

from typing import Any

import numpy as np

from host import picture
from host.show import Shown

MOST_NEURONS = 16
"""Of a layer, and inputs."""


def drawable(found: Shown) -> bool:
    """Whether a network is small enough, and has no windows."""
    network = found.config.network
    return not network.layer and max(network.sizes) <= MOST_NEURONS


def drawn(found: Shown) -> Any:
    """Draw it; return the figure."""
    sizes = found.config.network.sizes
    figure, axes = picture.pyplot().subplots(figsize=(8, 1.5 + 0.45 * max(sizes)))
    top = max(sizes) / 2
    largest = max(float(np.abs(layer.theta).max()) for layer in found.layers) or 1.0
    for k, layer in enumerate(found.layers):
        for to, row in enumerate(layer.theta[:, :-1]):
            for origin, theta in enumerate(row):
                axes.plot(
                    [k, k + 1],
                    [_height(origin, sizes[k]), _height(to, sizes[k + 1])],
                    color="C3" if theta > 0 else "C0",
                    linewidth=4 * abs(theta) / largest,
                    zorder=1,
                )
    for k, count in enumerate(sizes):
        heights = [_height(n, count) for n in range(count)]
        axes.scatter([k] * count, heights, s=140, color="0.6", zorder=2)
        name = "inputs" if k == 0 else found.config.network.activations[k - 1].value
        axes.text(k, top, f"{count} {name}", ha="center")
    axes.set(ylim=(-top - 0.3, top + 0.5))
    axes.set_axis_off()
    return figure


def _height(n: int, count: int) -> float:
    return (count - 1) / 2 - n
