"""The head of the delay line gives the bits of the model's line."""

from __future__ import annotations

import random

import pytest

from hdl.optimizer import perturbation
from hdl.optimizer.perturbation.base import Source
from model.optimizer.perturbation.random import RandomCode as Golden
from spec import derive
from tests.configs import perceptron
from tests.hdl.helpers import Row, stream


def source() -> Source:
    """Make what the trainer drives for random codes."""
    return perturbation.of(derive.perturbation(perceptron(1, 1))).source()


@pytest.mark.parametrize("seed", [0, 1, 0x80000000, 0xDEADBEEF])
def test_bits_of_the_line(seed: int) -> None:
    """A bit is there with the strobe that takes it, however far the strobes are apart."""
    golden = Golden(derive.bank(perceptron(1, 1)), [seed])
    rng = random.Random(seed)
    strobes = [rng.random() < 0.6 for _ in range(300)]
    rows: list[Row] = [{"seed": seed, "load": 1}]
    rows += [{"load": 0, "shift": strobe} for strobe in strobes]
    bits = [row["line"]["bit"] for row in stream(source(), rows, ["line"])][1:]
    for bit, strobe in zip(bits, strobes, strict=True):
        if strobe:
            golden.perturb()
            assert bit == golden.line[0, 0]


def test_load_restarts() -> None:
    """The same bits again, also when a strobe comes with the load."""
    once: list[Row] = [{"seed": 77, "load": 1, "shift": 1}] + [{"load": 0}] * 50
    bits = [row["line"]["bit"] for row in stream(source(), once * 2, ["line"])]
    assert bits[1:51] == bits[52:]
    assert set(bits) == {0, 1}
