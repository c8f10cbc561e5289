"""Cost and change in cost are exact: mean, sample-and-hold, shift, the one rounding, saturation."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given, settings

from spec import derive
from spec.config import Config
from spec.plant import MeanSquaredErrorSpec
from spec.plant.cost.mse import MOST_LOOKED_UP
from tests.configs import perceptron, xor
from tests.hdl import tags
from tests.hdl.costs import CostAndChange
from tests.hdl.helpers import Row, stream
from tests.strategies import networks


class Golden:
    """The cost unit in fractions, an evaluation at a time."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.C = self.C0 = self.C_tilde = self.u = 0

    def evaluate(self, row: Row) -> None:
        """Take an evaluation: y and t in LSBs of the activations."""
        formats, bus = self.config.formats, derive.bus(self.config)
        scale = 1 << formats.activation_bits if self.config.data.binary_targets else 1
        if row["tag"] == tags.NOTHING:
            return
        lsb = Fraction(1, 1 << formats.activation_bits)
        errors = [(y - t * scale) * lsb for y, t in zip(row["y"], row["t"], strict=True)]
        mean = sum(error**2 for error in errors) / len(errors)
        self.C = math.floor(mean * (1 << formats.cost_bits))
        if row["tag"]["hold"]:
            self.C0 = self.C
        if row["tag"] == tags.PERTURBED:
            self.C_tilde = self.C - self.C0
            u = round(self.C_tilde * Fraction(2) ** (4 - row["eta_shift"]))
            self.u = max(bus.minimum, min(bus.maximum, u))


OUTPUTS = ["tag_o", "C", "C0", "C_tilde", "u"]


def check(config: Config, rows: list[Row]) -> list[Row]:
    """Compare all outputs, each as late as the unit's latencies say; return them in time."""
    unit: Any = CostAndChange(config)
    late = unit.latency + unit.change_latency
    found = stream(unit, [*rows, *[{"tag": tags.NOTHING}] * late], OUTPUTS)
    golden = Golden(config)
    together = []
    for k, row in enumerate(rows):
        golden.evaluate(row)
        together.append(
            {
                "tag_o": found[k + unit.latency]["tag_o"],
                "C": found[k + unit.latency]["C"],
                "C0": found[k + unit.latency + 1]["C0"],
                "C_tilde": found[k + unit.latency + 1]["C_tilde"],
                "u": found[k + late]["u"],
            }
        )
        expected = {name: getattr(golden, name) for name in OUTPUTS[1:]}
        assert together[-1] == {"tag_o": row["tag"], **expected}
    return together


def values(config: Config) -> tuple[list[int], list[int]]:
    """Return the ends of the ranges of y and of the targets, in raw integers."""
    low, high = config.network.output.range(config.formats.activation_bits)
    return [low, high], [0, 1] if config.data.binary_targets else [low, high]


def random_rows(config: Config, count: int, shifts: list[int] | range) -> list[Row]:
    """Draw evaluations, often at the extremes; η stands still, as while training."""
    rng = random.Random(1)
    y_ends, t_ends = values(config)
    rows: list[Row] = []
    for shift in shifts:
        drain = [{"tag": tags.NOTHING, "eta_shift": shift, "y": y_ends[:1], "t": t_ends[:1]}] * 10
        for _ in range(count):
            y = [rng.choice([*y_ends, rng.randint(*y_ends)]) for _ in range(config.data.outputs)]
            t = [rng.choice([*t_ends, rng.randint(*t_ends)]) for _ in range(config.data.outputs)]
            kind = rng.choice(
                [tags.NOTHING, tags.BASELINE, tags.OPPOSITE, tags.PERTURBED, tags.CHECK]
            )
            rows.append({"tag": kind, "eta_shift": shift, "y": y, "t": t})
        rows += drain
    return rows


@settings(max_examples=30)
@given(config=networks(max_layers=1))
@example(config=xor())
@example(config=perceptron(1, 2, output="identity", activation_bits=14, cost_bits=24, eta=4))
def test_any_format(config: Config) -> None:
    """Random evaluations of all kinds, one every clock."""
    check(config, random_rows(config, 100, [derive.eta_shift(config)]))


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("output", ["plan", "tanh", "identity"])
@pytest.mark.parametrize("bits", [5, 6, 7, 8])
def test_squares_that_are_looked_up(bits: int, output: str, binary: bool) -> None:
    """Every error of few; where there are more, multipliers make their squares."""
    config = perceptron(
        1, 1, output=output, activation_bits=bits, cost_bits=2 * bits, binary_targets=binary,
        multipliers="registered", pipeline="short",
    )  # fmt: skip
    spec = derive.cost(config)
    assert isinstance(spec, MeanSquaredErrorSpec)
    assert spec.looked_up == (spec.largest <= MOST_LOOKED_UP)
    assert spec.latency == (2 if spec.looked_up else 3)
    if not spec.looked_up:
        return
    y_ends, t_ends = values(config)
    t_all = t_ends if binary else range(t_ends[0], t_ends[1] + 1, 9)
    rows: list[Row] = [
        {"tag": tags.CHECK, "eta_shift": 0, "y": [y], "t": [t]}
        for y, t in product(range(y_ends[0], y_ends[1] + 1), t_all)
    ]
    assert max(row["C"] for row in check(config, rows)) == spec.largest**2


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("output", ["plan", "identity"])
@pytest.mark.parametrize("outputs", range(1, 10))
def test_mean_of_any_number_of_outputs(outputs: int, output: str, binary: bool) -> None:
    """The division is exact from no error to the largest of all outputs at once."""
    config = perceptron(1, outputs, output=output, activation_bits=5, binary_targets=binary)
    y_ends, t_ends = values(config)
    rng = random.Random(outputs)
    rows: list[Row] = []
    for wrong in range(outputs + 1):
        for start, turn in product(range(2), range(2)):
            y = [y_ends[start]] * wrong + [y_ends[1 - start] - turn] * (outputs - wrong)
            y = [max(y_ends[0], value) for value in y]
            t = [t_ends[1 - start]] * outputs
            rows.append({"tag": tags.CHECK, "eta_shift": 0, "y": y, "t": t})
    for _ in range(200):
        y = [rng.randint(*y_ends) for _ in range(outputs)]
        t = [rng.randint(*t_ends) for _ in range(outputs)]
        rows.append({"tag": tags.CHECK, "eta_shift": 0, "y": y, "t": t})
    costs = [row["C"] for row in check(config, rows)]
    if not binary:
        assert max(costs) == (y_ends[1] - y_ends[0]) ** 2 >> 2


@pytest.mark.parametrize("eta_shift", range(16))
def test_every_shift_rounds_to_nearest_even_and_saturates(eta_shift: int) -> None:
    """All C̃ of a small format; with ties of both signs where the shift drops bits."""
    config = xor(activation_bits=5, cost_bits=8, bus_bits=8)
    one = 1 << 5
    rows: list[Row] = []
    for first, second in product(range(one + 1), repeat=2):
        for kind, y in ((tags.BASELINE, first), (tags.PERTURBED, second)):
            rows.append({"tag": kind, "eta_shift": eta_shift, "y": [y], "t": [0]})
    found = [row for row in check(config, rows) if row["tag_o"] == tags.PERTURBED]
    scaled = [row["C_tilde"] * Fraction(2) ** (4 - eta_shift) for row in found]
    ties = {exact for exact in scaled if exact.denominator == 2}
    beyond = {row["u"] for row, exact in zip(found, scaled, strict=True) if abs(exact) > 128}
    # The cases above must be what the test's name says. C̃ is -256 to 256.
    assert bool(ties) == (5 <= eta_shift <= 13)
    assert all(-tie in ties for tie in ties)
    assert beyond == ({-128, 127} if eta_shift <= 4 else set())


def test_evaluations_of_other_kinds_change_nothing() -> None:
    """NONE leaves even C; CHECK changes C only; C0 stays through many perturbed ones."""
    config = xor()
    kinds = [tags.BASELINE, *[tags.PERTURBED] * 3, *[tags.NOTHING] * 3, *[tags.CHECK] * 3]
    rows: list[Row] = [
        {"tag": kind, "eta_shift": 5, "y": [20 * k + 10], "t": [1]}
        for k, kind in enumerate([*kinds, tags.PERTURBED])
    ]
    found = check(config, rows)
    assert len({row["C0"] for row in found}) == 1
    assert len({row["C"] for row in found}) == 8
    assert len({row["u"] for row in found[3:10]}) == 1
