"""The driver, with cells in place of a board: how θ is loaded, and what is refused before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
    perceptron(3, 5, 2, theta="Q4.12", eta=-6),
    perceptron(40, 2, theta="Q4.12", eta=-6),
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
    ("words", "other", "named"),
    [
        ({"magic": 0x12345678}, {}, "is no mgd trainer: its first word is 0x12345678"),
        ({"map_version": 2}, {}, "version 2 of the register map; this mgd needs 4"),
        ({}, {"theta": "Q2.7"}, "its theta_format is 2311, that of the config is 2054"),
        ({}, {"hidden": "relu"}, "same sizes, but other formats, activations"),
    ],
)
def test_another_device(
    words: dict[str, int], other: dict[str, Any], named: str, refusal: Callable[..., str]
) -> None:
    """It is said what was expected and what was found; nothing is written."""
    cells = Cells(xor(**other))
    cells.words |= {address_of(name): value for name, value in words.items()}
    before = cells.theta.tolist(), cells.line
    assert named in refusal(Device, cells, xor())
    assert (cells.theta.tolist(), cells.line) == before


def test_registers_and_samples_make_no_other_device() -> None:
    """Whatever can be changed at run time is not part of the identity."""
    Device(Cells(xor(tau_x=7, eta=-6, seed=12, steps=5)), xor())
