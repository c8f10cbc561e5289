"""A synapse cell does what the model's cells do, under any strobes."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from hypothesis import example, given, settings

from hdl.synapse import SynapseCell
from model.synapse import SynapseCells
from spec.config import Config
from tests.configs import configs, random_config
from tests.hdl.helpers import Row, stream


class Cell:
    """One golden cell, driven as the gateware's."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.cells = SynapseCells(config, 1)
        self.bit = 0

    @property
    def sign(self) -> np.ndarray:
        """±1, for the cells of all the config's network, which are all alike here."""
        return np.full((1, self.config.parameters), 1 if self.bit else -1)

    def weight(self, perturbed: bool) -> int:
        """What the multiplier sees."""
        return int(self.cells.weights(self.sign if perturbed else None)[0, 0])

    def clock(self, bus: dict[str, Any], chain: int) -> None:
        """Obey the strobes of a clock: `clear` wins over `update`, and that over `accumulate`."""
        before = self.sign
        if bus["clear"]:
            self.cells = SynapseCells(self.config, 1)
        elif bus["update"]:
            self.cells.update()
        elif bus["accumulate"]:
            self.cells.accumulate(np.array([bus["u"]]), before)
        if bus["perturb"]:
            self.bit = chain


def random_clocks(config: Config, count: int, seed: int) -> list[dict[str, Any]]:
    """Draw strobes, mostly accumulations with large u, so that G and θ saturate."""
    rng = random.Random(seed)
    low, high = config.bus.minimum, config.bus.maximum
    rows = []
    for _ in range(count):
        bus = {
            "u": rng.choice([low, high, rng.randint(low, high), rng.randint(low, high)]),
            "clear": rng.random() < 0.02,
            "perturb": rng.random() < 0.3,
            "accumulate": rng.random() < 0.7,
            "update": rng.random() < 0.15,
        }
        rows.append({"bus": bus, "perturbed": rng.random() < 0.5, "chain_i": rng.random() < 0.5})
    return rows


@settings(deadline=None, max_examples=60)
@given(config=configs(max_layers=1, max_width=1))
@example(config=random_config(1, 1, theta="Q1.1", weight_bits=2, amplitude=-1, eta=-2, init=0))
@example(config=random_config(1, 1, theta="Q8.16", weight_bits=24, amplitude=-16, eta=-24))
def test_any_strobes(config: Config) -> None:
    """State and weight in every clock, in any format."""
    rows: list[Row] = random_clocks(config, 200, seed=1)
    golden = Cell(config)
    weight = 0
    for row, found in zip(
        rows, stream(SynapseCell(config), rows, ["state", "weight", "chain_o"]), strict=True
    ):
        assert found == {
            "state": {
                "theta": golden.cells.theta[0, 0],
                "G": golden.cells.G[0, 0],
                "perturbation": golden.bit,
            },
            "weight": weight,
            "chain_o": golden.bit,
        }
        weight = golden.weight(row["perturbed"])
        golden.clock(row["bus"], row["chain_i"])


def test_saturates_and_never_wraps() -> None:
    """Pushed one way for long, θ and G stay at the end of their ranges."""
    config = random_config(1, 1, gradient_bits=9)
    theta, gradient, u = config.theta, config.gradient, config.bus.maximum
    ends = ((0, gradient.minimum, theta.maximum), (1, gradient.maximum, theta.minimum))
    for bit, most_G, most_theta in ends:
        rows: list[Row] = [{"chain_i": bit, "bus": {"perturb": 1}}]
        rows += [{"bus": {"u": u, "perturb": 0, "accumulate": 1}}] + [{}] * 20
        rows += [{"bus": {"update": 1}}, {"bus": {"update": 0}}] + [{}] * 20
        rows += [{"bus": {"update": 1, "accumulate": 0}}, {"bus": {"update": 0}}]
        states = [row["state"] for row in stream(SynapseCell(config), rows, ["state"])]
        assert [state["G"] for state in states].count(most_G) > 20
        assert states[-1] == {"theta": most_theta, "G": 0, "perturbation": bit}
