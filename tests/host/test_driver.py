"""The driver, with cells in place of a board: how θ is loaded, and what is refused before."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from host.device import Device
from spec.config import Config
from spec.link import LEAST_CLOCKS, SLOW_BITS
from spec.map import address_of
from tests.configs import perceptron, xor
from tests.host.cells import Cells

CONFIGS = [
    xor(),
    xor(theta="Q2.14", bus_bits=3, eta=-8),
    perceptron(33, 2),
    perceptron(3, 5, 2, reuse=4, theta="Q4.12", eta=-6),
    perceptron(40, 2, reuse=32, theta="Q4.12", eta=-6),
]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: f"{c.parameters}x{c.formats.theta}")
def test_any_weights_can_be_loaded(config: Config) -> None:
    """From any others, and never by a command that the link would take for stuck."""
    cells = Cells(config)
    rng = np.random.default_rng(4)
    theta = rng.integers(-cells.half, cells.half, config.parameters)
    theta[:2] = -cells.half, cells.half - 1
    Device(cells, config).load(theta)
    assert cells.theta.tolist() == theta.tolist()
    assert 0 < cells.clocks < 3 * SLOW_BITS * LEAST_CLOCKS


@pytest.mark.parametrize(
    ("theta", "named"),
    [(np.zeros(8, int), "(8,)"), (np.full(9, 128), "128"), (np.full(9, -129), "-129")],
)
def test_weights_that_do_not_fit(
    theta: np.ndarray, named: str, refusal: Callable[..., str]
) -> None:
    cells = Cells(xor())
    before = cells.theta.tolist()
    assert named in refusal(Device(cells, xor()).load, theta)
    assert cells.theta.tolist() == before


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("magic", 0, "no mgd trainer"),
        ("map_version", 9, "version 9"),
        ("parameters", 10, "parameters is 10"),
        ("identity", 0, "another config"),
    ],
)
def test_another_device(name: str, value: int, named: str, refusal: Callable[..., str]) -> None:
    cells = Cells(xor())
    cells.words[address_of(name)] = value
    if name == "parameters":
        cells.words[address_of("identity")] = 0
    assert named in refusal(Device, cells, xor())
