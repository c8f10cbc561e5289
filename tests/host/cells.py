"""Cells in place of a board, which know what loads their θ and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hdl.optimizer import perturbation as perturbations
from host.link import Write
from spec import derive
from spec.config import Config
from spec.identity import constants
from spec.map import LINE_BITS, MAGIC, MAP, MAP_VERSION, address_of

LINE, U, LEARN = address_of("line"), address_of("u"), address_of("learn")


class Cells:
    """Registers of a device whose cells learn by hand; a place of the line for each.

    Attributes
    ----------
    theta : array of int, shape (P,)
    line : list of int
        A bit for each cell, or two, of which the lowest is the sign.
    clocks : int
        That the longest command took.
    """

    def __init__(self, config: Config) -> None:
        self.words = {address_of("magic"): MAGIC, address_of("map_version"): MAP_VERSION}
        for name, value in constants(config, 4_000_000).items():
            for word in range(MAP[name].words):
                self.words[address_of(name, word)] = value >> 32 * word & 0xFFFF_FFFF
        self.half = 1 << derive.cell(config).theta.bits - 1
        self.theta = np.random.default_rng(3).integers(-self.half, self.half, config.parameters)
        self.line = [0] * config.parameters
        self.width = sum(perturbations.of(derive.cell(config).perturbation).line.values())
        self.u, self.most = 0, 1 << config.formats.bus_bits - 1
        self.clocks = 0

    def read(self, address: int, count: int = 1) -> list[int]:
        return [self.words[address + k] for k in range(count)]

    def write(self, address: int, words: Sequence[int], *, same: bool = False) -> None:
        for k, word in enumerate(words):
            self._write(address if same else address + k, word)

    def write_all(self, writes: Sequence[Write]) -> None:
        for write in writes:
            self.write(write.address, write.words, same=write.same)

    def write_then_read(self, writes: Sequence[Write], address: int, count: int = 1) -> list[int]:
        self.write_all(writes)
        return self.read(address, count)

    def _write(self, address: int, word: int) -> None:
        if address == LINE:
            for bit in range(0, LINE_BITS, self.width):
                self.line = [word >> bit & (1 << self.width) - 1, *self.line[:-1]]
        elif address == U:
            self.u = word - (word >> 31 << 32)
            assert abs(self.u) < self.most
        else:
            assert address == LEARN
            self.clocks = max(self.clocks, 2 * word)
            move = np.where(np.array(self.line) & 1, -1, 1) * self.u
            for _ in range(word):
                self.theta = np.clip(self.theta + move, -self.half, self.half - 1)
