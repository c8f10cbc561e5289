"""The driver, with cells in place of a board: how θ is loaded, and what is refused before."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from host.device import Device
from host.link import Write
from spec import derive
from spec.config import Config
from spec.identity import constants
from spec.link import LEAST_CLOCKS, SLOW_BITS
from spec.map import LINE_BITS, MAGIC, MAP, MAP_VERSION, address_of
from tests.configs import perceptron, xor

LINE, U, LEARN = address_of("line"), address_of("u"), address_of("learn")


class Cells:
    """Registers of a device whose cells learn by hand; a bit of the line for each."""

    def __init__(self, config: Config) -> None:
        self.words = {address_of("magic"): MAGIC, address_of("map_version"): MAP_VERSION}
        for name, value in constants(config, 4_000_000).items():
            for word in range(MAP[name].words):
                self.words[address_of(name, word)] = value >> 32 * word & 0xFFFF_FFFF
        self.half = 1 << derive.cell(config).theta.bits - 1
        self.theta = np.random.default_rng(3).integers(-self.half, self.half, config.parameters)
        self.line = [0] * config.parameters
        self.u = 0
        self.clocks = 0
        self.reuse = config.build.reuse

    def read(self, address: int, count: int = 1) -> list[int]:
        return [self.words[address + k] for k in range(count)]

    def write(self, address: int, words: Sequence[int], *, same: bool = False) -> None:
        for k, word in enumerate(words):
            self._write(address if same else address + k, word)

    def write_all(self, writes: Sequence[Write]) -> None:
        for write in writes:
            self.write(write.address, write.words, same=write.same)

    def _write(self, address: int, word: int) -> None:
        if address == LINE:
            for bit in range(LINE_BITS):
                self.line = [word >> bit & 1, *self.line[:-1]]
        elif address == U:
            self.u = word
        else:
            assert address == LEARN
            self.clocks = max(self.clocks, 2 * word * self.reuse)
            move = np.where(self.line, -1, 1) * self.u
            for _ in range(word):
                self.theta = np.clip(self.theta + move, -self.half, self.half - 1)


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
