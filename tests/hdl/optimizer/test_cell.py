"""A synapse cell: θ, G and weights under any strobes and contributions."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import example, given, settings

from hdl.number import fixed
from hdl.optimizer.bus import STROBES
from hdl.optimizer.cell import Cell
from spec import derive
from spec.config import Config
from spec.numbers import Format
from tests.configs import perceptron
from tests.hdl.helpers import Row, stream
from tests.strategies import networks

QUIET = dict.fromkeys(STROBES.members, 0)


def clamp(value: int, number: Format) -> int:
    """Bring an integer into a format's range."""
    return min(max(value, number.minimum), number.maximum)


def leaked(G: int, leak: int) -> int:
    """G - (G >> leak), the shift rounded away from zero; 0 without a leak."""
    if not leak:
        return 0
    return G - (-(-G >> leak) if G > 0 else G >> leak)


class Plain:
    """θ and G of a cell in plain integers."""

    def __init__(self, config: Config) -> None:
        self.config, self.theta, self.G = config, 0, 0

    def clock(self, strobes: Row, contribution: int) -> None:
        """Obey a clock's strobes: `clear` wins over `update`, and that over `accumulate`."""
        config = self.config
        if strobes["clear"]:
            self.theta = self.G = 0
        elif strobes["update"]:
            self.theta = clamp(self.theta - self.G, derive.theta(config))
            self.G = 0 if strobes["initialise"] else leaked(self.G, derive.leak(config))
        elif strobes["accumulate"]:
            self.G = clamp(self.G + contribution, derive.gradient(config))


def random_strobes(rng: random.Random) -> Row:
    """Draw strobes, mostly accumulations."""
    often = {"clear": 0.01, "accumulate": 0.7, "update": 0.15, "initialise": 0.1}
    drawn = {name: int(rng.random() < chance) for name, chance in often.items()}
    return QUIET | drawn | {"write": drawn["clear"] | drawn["update"]}


def check(config: Config, clocks: int = 200) -> None:
    """θ, G and the unperturbed weight in every clock; G and θ saturate often."""
    shape = fixed.of(derive.bus(config))
    rng, plain = random.Random(1), Plain(config)
    rows: list[Row] = [
        {
            "strobes": random_strobes(rng),
            "contribution": rng.choice([shape.min_raw, shape.max_raw, rng.randint(-1, 1)]),
            "carry": rng.randint(0, 1),
        }
        for _ in range(clocks)
    ]
    found = stream(Cell(derive.cell(config), shape), rows, ["state", "weights"])
    weight = 0
    for row, seen in zip(rows, found, strict=True):
        assert seen["state"] == {"theta": plain.theta, "G": plain.G, "perturbation": 0}
        assert seen["weights"] == [weight]
        weight = plain.theta >> derive.theta(config).bits - derive.weight(config).bits
        plain.clock(row["strobes"], row["contribution"] + row["carry"])


@settings(max_examples=30)
@given(config=networks(max_layers=1, max_width=1))
@example(config=perceptron(1, 1, theta="Q1.1", weight_bits=2, amplitude=-1, eta=-2, init=0))
@example(config=perceptron(1, 1, theta="Q8.16", weight_bits=24, amplitude=-16, eta=-24))
def test_any_strobes(config: Config) -> None:
    """In any format."""
    check(config)


@pytest.mark.parametrize(
    "keys",
    [{"momentum": 3}, {"momentum": 7}, {"loop": "analog", "tau_theta": 8, "tau_x": 2}],
    ids=str,
)
def test_any_leak(keys: dict[str, Any]) -> None:
    check(perceptron(1, 1, theta="Q2.8", amplitude=-2, weight_bits=10, **keys), 600)


def test_without_G_theta_moves_at_once() -> None:
    """θ ← sat(θ + contribution), which comes with the sign of -u."""
    config = perceptron(1, 1, update_delay="auto", accumulate=False)
    cell, rng, theta = Cell(derive.cell(config), fixed.of(derive.bus(config))), random.Random(1), 0
    rows: list[Row] = []
    for _ in range(200):
        update = rng.randint(0, 1)
        strobes = QUIET | {"update": update, "write": update}
        rows.append({"strobes": strobes, "contribution": rng.randint(-128, 127), "carry": 1})
    for row, seen in zip(rows, stream(cell, rows, ["state"]), strict=True):
        assert (seen["state"]["theta"], seen["state"]["G"]) == (theta, 0)
        if row["strobes"]["update"]:
            theta = clamp(theta + row["contribution"] + 1, derive.theta(config))


def test_saturates_and_never_wraps() -> None:
    """Pushed one way for long, θ and G stay at the end of their ranges."""
    config = perceptron(1, 1, gradient_bits=9)
    theta, gradient, bus = derive.theta(config), derive.gradient(config), derive.bus(config)
    ends = (
        (bus.minimum, gradient.minimum, theta.maximum),
        (bus.maximum, gradient.maximum, theta.minimum),
    )
    update = {"strobes": QUIET | {"update": 1, "write": 1}}
    for contribution, most_G, most_theta in ends:
        rows: list[Row] = [{"strobes": QUIET | {"accumulate": 1}, "contribution": contribution}] + [
            {}
        ] * 20
        rows += [update, {"strobes": QUIET}]
        rows = rows * 2 + [{}]
        cell = Cell(derive.cell(config), fixed.of(bus))
        states = [row["state"] for row in stream(cell, rows, ["state"])]
        assert [state["G"] for state in states].count(most_G) > 20
        assert states[-1] == {"theta": most_theta, "G": 0, "perturbation": 0}
