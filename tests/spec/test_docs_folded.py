"""docs/folded.md: its clocks are those of the budget."""

from __future__ import annotations

import dataclasses
import re

import pytest

from spec import derive
from spec.config import Config, read_toml
from spec.tasks import Dataset
from spec.timing import Timing
from tests.conftest import EXAMPLES

PAGE = (EXAMPLES.parent / "docs" / "folded.md").read_text(encoding="utf-8")


BY_NODE = "the same, the last layer by node"


def budget(example: str, first: str, lanes: int, multipliers: int) -> tuple[Config, int]:
    """Return an example with one empty sample, whose data need not be there; and its step."""
    tables = read_toml(EXAMPLES / f"{example}.toml")
    if first == BY_NODE:
        tables["network"]["layer"][-1] |= {"estimator": "node"}
    config = Config.without_samples(tables)
    sizes = config.network.sizes
    one = Dataset(((0,) * sizes[0],), ((0,) * sizes[-1],), config.formats.activation_bits)
    build = dataclasses.replace(
        config.build, lanes=lanes, lane_multipliers=multipliers // lanes, samples="auto"
    )
    training = dataclasses.replace(config.training, update_delay=0)
    config = dataclasses.replace(config, build=build, training=training, data=one)
    return config, Timing.of(config).step()


def rows() -> list[tuple[str, str, int, int, int]]:
    """Example, first cell, lanes, multipliers and clocks of each row.

    "The same" is the example of the row before.
    """
    found, example = [], ""
    for first, *numbers in re.findall(
        r"^\| (.*?) \| (\d+) \| (\d+) \| ([\d,]+) \|$", PAGE, re.MULTILINE
    ):
        name = re.match(r"`([\w-]+)`", first)
        example = name[1] if name else example
        lanes, multipliers, clocks = (int(number.replace(",", "")) for number in numbers)
        found.append((example, first, lanes, multipliers, clocks))
    return found


@pytest.mark.parametrize(("example", "first", "lanes", "multipliers", "clocks"), rows())
def test_clocks(example: str, first: str, lanes: int, multipliers: int, clocks: int) -> None:
    config, step = budget(example, first, lanes, multipliers)
    assert step == clocks
    spec = derive.folded(config)
    layers = 0
    for layer in spec.layers:  # as the page has it
        F, V, A, G = layer.fan_in, layer.rails, layer.places, layer.groups
        gap = max(0, min(layer.lanes, layer.neurons) - F * V, 4 - F * V)
        layers += G * A * (F * V + gap) - gap
    last = spec.drained + spec.outputs - (spec.layers[-1].groups - 1) * spec.layers[-1].lanes
    assert step == layers + sum(spec.pauses) + last + spec.loads + derive.cost(config).latency + 8
    assert max(spec.pauses) <= 18
    assert 14 <= spec.drained <= 20


@pytest.mark.parametrize("multipliers", [1, 2])
@pytest.mark.parametrize("example", ["fashion-mnist-icebreaker", "fashion-mnist-cnn-icebreaker"])
def test_clocks_of_one_port(example: str, multipliers: int) -> None:
    config, _ = budget(example, "", 4, 4 * multipliers)
    spec, layers = derive.folded(config), 0
    for layer in spec.layers:  # as the page has it
        F, V, A, G = layer.fan_in, layer.rails, layer.places, layer.groups
        leaving = min(layer.lanes, layer.neurons)
        gap = max(0, leaving - F * V, 5 - F * V)
        first = max(4, leaving - F * 2)
        if multipliers == 2:  # sums stay until all have left
            gap, first = max(gap, leaving), max(first, leaving)
        after = gap if A > 1 else first + 2 - V  # the last word's second clock is not waited for
        written = spec.drained if layer is spec.layers[-1] else spec.stored
        group = F * 2 + first + (A - 1) * (F * V + gap)
        layers += G * group - after - 1 + written + layer.last_group
    cost = derive.cost(config).latency
    assert cost == 4 * spec.outputs + 2
    assert Timing.of(config).step() == layers + spec.loads + cost + 9


def test_every_example_has_rows() -> None:
    assert {row[0] for row in rows()} == {
        "nist7x7-folded", "fashion-mnist", "fashion-mnist-cnn", "cifar10"
    }  # fmt: skip
    assert [row[1] for row in rows()].count(BY_NODE) == 1
