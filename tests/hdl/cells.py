"""Golden cells on a bus, clock by clock, for the components that hold cells."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from model.fixed import Ints
from model.synapse import SynapseCells
from spec.config import Config
from tests.hdl.helpers import Row


class Cells:
    """Cells of the model that hear strobes as the gateware's do.

    Attributes
    ----------
    cells : SynapseCells
        One run of `count` cells.
    line : array of int, shape (1, count)
        Their perturbation bits.
    """

    def __init__(self, config: Config, count: int) -> None:
        self.config, self.count = config, count
        self.line = np.zeros((1, count), dtype=np.int64)
        self.cells = SynapseCells(config, 1)
        self.clear()

    def clear(self) -> None:
        """θ, G ← 0."""
        self.cells.theta = np.zeros_like(self.line)
        self.cells.G = np.zeros_like(self.line)

    def weights(self, direction: int) -> Ints:
        """Return what the multipliers see with ±θ̃ or, for 0, without; of shape (1, count)."""
        return self.cells.weights(direction * (2 * self.line - 1) if direction else None)

    def clock(self, bus: Row, chain: int) -> None:
        """Obey a clock's strobes: `clear` wins over `update`, and that over `accumulate`."""
        sign = 2 * self.line - 1
        if bus["clear"]:
            self.clear()
        elif bus["update"]:
            self.cells.update()
        elif bus["accumulate"]:
            self.cells.accumulate(np.array([bus["u"]]), sign)
        if bus["perturb"]:
            self.line = np.concatenate(([[chain]], self.line[:, :-1]), axis=1)


def random_bus(config: Config, rng: random.Random) -> dict[str, Any]:
    """Draw strobes, mostly accumulations, often of the largest u: G and θ saturate."""
    low, high = config.bus.minimum, config.bus.maximum
    return {
        "u": rng.choice([low, high, rng.randint(low, high), rng.randint(low, high)]),
        "clear": int(rng.random() < 0.01),
        "perturb": int(rng.random() < 0.4),
        "accumulate": int(rng.random() < 0.7),
        "update": int(rng.random() < 0.15),
    }
