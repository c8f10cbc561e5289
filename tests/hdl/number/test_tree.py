"""The adder tree is exact for any number of terms."""

from __future__ import annotations

import random
from typing import Any

import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hdl.number import fixed, tree
from hdl.number.fixed import SQ, UQ, Shape
from spec.plant import tree_latency
from tests.hdl.helpers import Row, number, signal, stream


class Adder(wiring.Component):
    """A tree with ports."""

    o: Any

    def __init__(self, *shapes: Shape, levels: int = 2, at_once: bool = False) -> None:
        self.shapes, self.levels, self.at_once = shapes, levels, at_once
        members = {f"i_{k}": In(shape) for k, shape in enumerate(shapes)}
        super().__init__(members | {"o": Out(SQ(20, 8))})

    def elaborate(self, platform: object) -> Module:
        """Sum the inputs."""
        m = Module()
        terms: list[fixed.Value] = [getattr(self, f"i_{k}") for k in range(len(self.shapes))]
        m.d.comb += self.o.eq(tree.adder_tree(m, terms, self.levels, at_once=self.at_once))
        return m


MIXED = (SQ(3, 2), UQ(2, 3), SQ(1, 5), UQ(4, 0), SQ(4, -1))


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("levels", [1, 2])
@pytest.mark.parametrize("count", range(1, 18))
def test_sum_of_random_and_extreme_terms(count: int, levels: int, at_once: bool) -> None:
    """Terms of several shapes; every sum `latency` clocks later, one a clock."""
    shapes = [MIXED[k % len(MIXED)] for k in range(count)]
    rng = random.Random(count)
    rows: list[Row] = [
        {f"i_{k}": rng.randint(shape.min_raw, shape.max_raw) for k, shape in enumerate(shapes)}
        for _ in range(50)
    ]
    rows.append({f"i_{k}": shape.min_raw for k, shape in enumerate(shapes)})
    rows.append({f"i_{k}": shape.max_raw for k, shape in enumerate(shapes)})
    wait = tree_latency(count, levels, at_once=at_once)
    adder = Adder(*shapes, levels=levels, at_once=at_once)
    sums = stream(adder, [*rows, *[{}] * wait], ["o"])[wait:]
    for row, found in zip(rows, sums, strict=True):
        expected = sum(number(shape, row[f"i_{k}"]) for k, shape in enumerate(shapes))
        assert number(SQ(20, 8), found["o"]) == expected


@pytest.mark.parametrize(
    ("count", "clocks"), [(1, 0), (2, 1), (4, 1), (5, 2), (16, 2), (17, 3), (64, 3), (65, 4)]
)
def test_latency_is_two_levels_a_clock(count: int, clocks: int) -> None:
    assert tree_latency(count) == tree_latency(count, at_once=True) == clocks


@pytest.mark.parametrize(
    ("count", "clocks", "at_once"),
    [(2, 1, 1), (3, 2, 1), (4, 2, 2), (5, 3, 2), (6, 3, 2), (7, 3, 3), (10, 4, 3), (13, 4, 4)],
)
def test_latency_of_a_level_a_clock(count: int, clocks: int, at_once: int) -> None:
    assert tree_latency(count, 1) == clocks
    assert tree_latency(count, 1, at_once=True) == at_once


def test_grows_by_a_bit_a_level_only() -> None:
    """Eight equal terms need three bits more, no more."""
    terms = [signal(SQ(4, 4), name=f"term_{k}") for k in range(8)]
    assert tree.adder_tree(Module(), terms).shape() == SQ(7, 4)
