"""Golden cells on a bus, clock by clock, for the components that hold cells."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from model.number.fixed import Ints
from model.optimizer import perturbation
from model.optimizer.cells import SynapseCells
from model.optimizer.perturbation import numbers
from spec import derive
from spec.code import Sines, Turns, Walsh
from spec.config import Config
from tests.hdl.helpers import Row


class Cells:
    """Cells of the model that hear strobes as the gateware's do.

    Parameters
    ----------
    config : Config
    part : slice
        Which of the config's cells; the lines enter the first of them. All by default.

    Attributes
    ----------
    inputs : array of int, shape (1, P)
        What the cells multiply, of the last perturbed evaluation; for node perturbation.
    """

    def __init__(self, config: Config, part: slice = slice(None)) -> None:
        self.config, self.part = config, part
        self.cells = SynapseCells(derive.bank(config), 1)
        self.source = perturbation.of(derive.bank(config), [1])
        self.number = numbers(derive.bank(config))
        self.noise = np.zeros_like(self.cells.theta)
        self.inputs = np.zeros_like(self.cells.theta)

    @property
    def theta(self) -> Ints:
        """θ of the part, of shape (cells,)."""
        return self.cells.theta[0, self.part]

    @property
    def G(self) -> Ints:
        """G of the part, of shape (cells,)."""
        return self.cells.G[0, self.part]

    @property
    def line(self) -> Ints:
        """Perturbations of the part, of shape (cells,)."""
        return self.source.line[0, self.part]

    @property
    def chain_o(self) -> int:
        """The last cell's bit."""
        return int(self.line[-1]) >> derive.perturbation(self.config).bits - 1

    def weights(self, direction: int) -> Ints:
        """Return what the multipliers see with ±θ̃ or, for 0, without; of shape (1, cells)."""
        tilde = direction * self.source.theta_tilde if direction else None
        return self.cells.weights(tilde)[:, self.part]

    def clock(self, bus: Row, chain: int, noise: int = 0) -> None:
        """Obey a clock's strobes: `clear` wins over `update`, and that over `accumulate`."""
        cells, starting = self.cells, bus["initialise"]
        if bus["clear"]:
            cells.theta, cells.G = np.zeros_like(cells.theta), np.zeros_like(cells.G)
        elif bus["update"]:
            cells.initialise() if starting else cells.update(self.noise)
        elif bus["accumulate"]:
            tilde = self.source.theta_tilde
            if starting:
                tilde = self.source.polarity << derive.perturbation(self.config).fraction_bits
            inputs = self.inputs if self.config.training.node and not starting else None
            cells.accumulate(np.array([bus["u"]]), tilde, inputs)
        if (bus["fill"] or bus["update"]) and not starting:
            self.noise[0, self.part] = [noise, *self.noise[0, self.part][:-1]]
        self._perturb(bus, chain)

    def _perturb(self, bus: Row, chain: int) -> None:
        config, line, code = self.config, self.source.line.copy(), derive.code(self.config)
        highest = derive.perturbation(config).bits - 1
        if code is None:
            if bus["perturb"]:
                line[0, self.part] = [chain, *line[0, self.part][:-1]]
        elif bus["fill"]:
            bits = [chain, *(line[0, self.part] >> highest)[:-1]]
            line[0, self.part] = np.array(bits) << highest | line[0, self.part] >> 1
        elif isinstance(code, Walsh) and bus["perturb"]:
            met = np.bitwise_count(self.number & bus["column"]) % 2
            line[0] = met == bus["negative"]
        elif isinstance(code, Turns) and bus["perturb"]:
            line[0] = self.number == bus["turn_of"]
        elif isinstance(code, Sines) and bus["perturb"]:
            line[0] = [
                (phase + code.frequency(int(k))) % code.period
                for phase, k in zip(line[0], self.number, strict=True)
            ]
        if isinstance(code, Sines) and bus["clear"]:
            line[0] = 0
        self.source.line = line


STROBES = ("clear", "perturb", "accumulate", "update", "fill", "initialise")
QUIET = dict.fromkeys(STROBES, 0)


def random_bus(config: Config, rng: random.Random) -> dict[str, Any]:
    """Draw strobes, mostly accumulations, often of the largest u: G and θ saturate."""
    bus = derive.bus(config)
    low, high = bus.minimum, bus.maximum
    u = rng.choice([low, high, rng.randint(low, high), rng.randint(low, high)])
    often = {"clear": 0.01, "perturb": 0.4, "accumulate": 0.7, "update": 0.15}
    often |= {"fill": 0.1, "initialise": 0.1}
    drawn: dict[str, Any] = {name: int(rng.random() < chance) for name, chance in often.items()}
    code = derive.code(config)
    if isinstance(code, Walsh):
        drawn |= {"column": rng.randrange(1 << code.bits), "negative": rng.randint(0, 1)}
    if isinstance(code, Turns):
        drawn["turn_of"] = rng.randrange(code.cells)
    return drawn | {"u": u}


def random_noise(config: Config, rng: random.Random) -> int:
    """Draw noise for an update, often the largest."""
    noise = derive.update_noise(config)
    assert noise
    most = noise.maximum
    return rng.choice([-most, most, rng.randint(-most, most)])
