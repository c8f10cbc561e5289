"""A picture of weights: each layer as a field of colours, beside the histogram of θ."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from host import picture
from host.report import shown
from model.run import theta_digest

if TYPE_CHECKING:
    from host.show import Layer, Shown

MOST_LAYERS = 8
"""Layers that are drawn."""

MOST_TICKS = 16
"""Inputs or neurons that are named one by one."""

BINS = 64
"""Of the histogram."""


def plot(found: Shown, path: Path | None) -> None:
    """Draw weights, as `drawn`; nothing if there is no path."""
    if path is None:
        return
    figure = drawn(found)
    config = found.config
    more = len(found.layers) - MOST_LAYERS
    figure.suptitle(
        f"{found.name}, {config.parameters:,} weights of {config.formats.theta}, "
        f"theta_digest {theta_digest(found.theta)[:16]}…"
        + (f"; {more:,} layers more are not drawn" if more > 0 else "")
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # letters that the font has not
        picture.keep(figure, path)


def drawn(found: Shown) -> Any:
    """Draw weights; return the figure.

    Rows are neurons, columns inputs and the bias; all layers have one scale of colours, white
    being 0.
    """
    pyplot = picture.pyplot()
    layers = found.layers[:MOST_LAYERS]
    heights = [_height(layer) for layer in layers]
    figure = pyplot.figure(figsize=(11, max(4.0, 1.2 + sum(heights))), layout="constrained")
    grid = figure.add_gridspec(len(layers), 2, width_ratios=(3, 2), height_ratios=heights)
    largest = max(float(np.abs(layer.theta).max()) for layer in found.layers) or 1.0
    fields = []
    for k, layer in enumerate(layers):
        axes = figure.add_subplot(grid[k, 0])
        image = axes.imshow(
            layer.theta, cmap="RdBu_r", vmin=-largest, vmax=largest, aspect="auto",
            interpolation="nearest",
        )  # fmt: skip
        _name_ticks(axes, found, k)
        fields.append((axes, image))
    figure.colorbar(fields[0][1], ax=[axes for axes, _ in fields], label="θ", pad=0.01)
    _draw_histogram(figure.add_subplot(grid[:, 1]), found)
    return figure


def _height(layer: Layer) -> float:
    """Return inches for a layer: enough to tell its neurons."""
    return min(max(1.3, 0.6 + 0.25 * len(layer.theta)), 4.0)


def _name_ticks(axes: Any, found: Shown, k: int) -> None:
    """Name inputs and neurons where there are few."""
    neurons, cells = found.layers[k].theta.shape
    last = k == len(found.layers) - 1
    inputs, outputs = [str(i) for i in range(cells - 1)], [str(i) for i in range(neurons)]
    if found.preparation:
        if k == 0 and len(found.preparation.inputs) == len(inputs):  # a conv sees a few at a time
            inputs = [shown(name, 18) for name in found.preparation.inputs]
        targets = found.preparation.targets
        for names in (targets.classes, targets.names):
            if last and len(names) == neurons:
                outputs = [shown(name, 18) for name in names]
                break
    if cells <= MOST_TICKS:
        words = max(map(len, inputs)) > 3
        turned = {"rotation": 20, "ha": "right"} if words else {}
        axes.set_xticks(range(cells), [*inputs, "bias"], parse_math=False, fontsize=8, **turned)
    if neurons <= MOST_TICKS:
        axes.set_yticks(range(neurons), outputs, parse_math=False, fontsize=8)
    axes.set(ylabel="output" if last else "neuron")
    axes.set_title(f"layer {k + 1}: {cells - 1} inputs, bias last; neurons: {neurons}", fontsize=9)


def _draw_histogram(axes: Any, found: Shown) -> None:
    counts, edges = found.histogram(BINS)
    low, high = found.limits
    axes.stairs(counts, edges, fill=True, color="0.6")
    ends = sum(layer.at_low + layer.at_high for layer in found.layers)
    label = f"ends of {found.config.formats.theta}: {ends:,} weights there"
    for end in (low, high):
        axes.axvline(end, color="C3", linestyle="--", linewidth=1, label=label)
        label = "_"
    margin = 0.03 * (high - low)
    axes.set(xlabel="θ", ylabel="weights", xlim=(low - margin, high + margin))
    axes.set_ylim(0, 1.15 * int(counts.max()))
    axes.set_title("all layers", fontsize=9)
    axes.legend(loc="upper center", fontsize=8)
