"""A layer begins as soon as its inputs are there in time; every input by itself shows it."""

from __future__ import annotations

import dataclasses
from itertools import pairwise, product

import pytest
from hypothesis import given

from spec import derive
from spec.config import Config
from spec.folded import FoldedLayerSpec, FoldedSpec
from spec.network import WINDOW
from tests.configs import FOLDED, perceptron
from tests.strategies import folded


def places(layer: FoldedLayerSpec) -> list[tuple[int, list[list[int]]]]:
    """Return, for each place in order, which output it ends, and what each copy's window takes."""
    image = layer.image
    if not image:
        return [(0, [list(range(layer.inputs))])]
    corners, found = image.corners, []
    side, line = 2 if image.pooled else 1, image.columns * image.channels
    squares = product(range(image.places_of_column), range(image.places_of_row))
    for output, (row, column) in enumerate(squares):
        base = side * (row * line + column * image.channels)
        for first in range(0, len(corners), layer.copies):
            windows = [
                [
                    base + corner + below * line + k
                    for below in range(WINDOW)
                    for k in range(WINDOW * image.channels)
                ]
                for corner in corners[first : first + layer.copies]
            ]
            found.append((output, windows))
    return found


def clocks(layer: FoldedLayerSpec) -> list[int]:
    """Return when each place of a group begins, from the group's first visit on."""
    return [k * (layer.fan_in * layer.rails + layer.gap) for k in range(layer.places)]


def put(spec: FoldedSpec, layer: FoldedLayerSpec) -> dict[int, int]:
    """Return when each output is written to memory, from the layer's first visit on."""
    found = {}
    for group in range(layer.groups):
        neurons = layer.last_group if group == layer.groups - 1 else layer.lanes
        for (output, _), begins in zip(places(layer), clocks(layer), strict=True):
            last = group * layer.group_clocks + begins + layer.fan_in * layer.rails - 1
            for k in range(neurons):
                number = output * layer.neurons + group * layer.lanes + k
                found[number] = last + spec.stored + k
    return found


def needed(spec: FoldedSpec, layer: FoldedLayerSpec) -> dict[int, int]:
    """Return when each input is asked for at first, from the layer's first visit on."""
    found: dict[int, int] = {}
    for (_, windows), begins in zip(places(layer), clocks(layer), strict=True):
        for inputs in windows:
            for k, number in enumerate(inputs):
                found.setdefault(number, begins + k * layer.rails + spec.asked)
    return found


def spare(spec: FoldedSpec) -> list[int]:
    """Return how many clocks sooner each layer but the first could begin, if any."""
    found = []
    for layer, following, takes in zip(
        spec.layers, spec.layers[1:], spec.layer_clocks, strict=False
    ):
        written, asked = put(spec, layer), needed(spec, following)
        assert sorted(written) == list(range(layer.outputs))
        in_memory = [takes + asked[k] - (written[k] + 1) for k in asked]
        sums = takes + following.fan_in * following.rails - (layer.visits + layer.last_group)
        follows = takes - layer.visits
        found.append(min(*in_memory, sums, follows))
    return found


@given(folded().filter(lambda config: config.build.word_ports == 2))
def test_every_input_is_there_in_time(config: Config) -> None:
    """And between dense layers, no layer could begin sooner. With one port, all wait for all."""
    spec = derive.folded(config)
    found = spare(spec)
    assert all(clocks >= 0 for clocks in found)
    for (layer, following), clocks in zip(pairwise(spec.layers), found, strict=True):
        assert layer.image or clocks == 0, (layer, following)


@pytest.mark.parametrize("pause", [0, 1])
def test_a_pause_that_is_shorter_is_found(pause: int, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = derive.folded(perceptron(2, 2, 1, **FOLDED))
    assert spare(spec) == [0]
    shorter = dataclasses.replace(spec)  # nothing is cached of it
    monkeypatch.setattr(FoldedSpec, "pauses", tuple(p - 1 - pause for p in spec.pauses))
    assert spare(shorter) == [-1 - pause]
