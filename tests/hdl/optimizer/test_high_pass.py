"""The cost unit with a high-pass, and with noise, is the model's."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from model.optimizer.change import ChangeInCost as Golden
from model.plant.cost import cost_of
from spec import derive
from spec.config import Config
from tests.configs import perceptron
from tests.hdl import tags
from tests.hdl.costs import CostAndChange
from tests.hdl.helpers import Row, stream

ANALOG: dict[str, Any] = {"loop": "analog", "tau_x": 2}
SLOW: dict[str, Any] = {"tau_hp": 64}
CASES: dict[str, dict[str, Any]] = {
    "discrete": {},
    "antithetic": {"estimator": "antithetic"},
    "fast": ANALOG,
    "slow": ANALOG | {"tau_hp": 64, "bus_bits": 10},
    "slowest": ANALOG | {"tau_hp": 32768, "eta": -4},
}


def evaluate(config: Config, golden: Golden, tag: Row, cost: np.ndarray) -> None:
    """Take an evaluation, as `model.trainer` does."""
    if config.training.analog and tag["perturb"]:
        golden.high_pass(cost, new_sample=bool(tag["first"]))
    elif tag == tags.PERTURBED:
        golden.perturbed(cost)
    elif tag == tags.OPPOSITE:
        golden.opposite(cost)
    elif tag == tags.BASELINE:
        golden.baseline(cost)
    elif tag == tags.CHECK:
        golden.C = cost


def kinds(config: Config) -> list[Row]:
    """List what evaluations there are, perturbed ones more often."""
    return tags.kinds(config) + [tags.PERTURBED] * 2


@pytest.mark.parametrize("noise", [0.0, 2**-7, 1.0])
@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("keys", CASES.values(), ids=CASES)
def test_random_evaluations(keys: dict[str, Any], outputs: int, noise: float) -> None:
    """One a clock, costs from none to the largest; with noise of which every cost saturates."""
    given: dict[str, Any] = keys | {"cost_noise": noise}
    config = perceptron(1, outputs, output="identity", **given)
    unit: Any = CostAndChange(config)
    rng = random.Random(1)
    output = derive.network(config).output
    low, high = output.low, output.high
    change = derive.change(config)
    most = change.noise.maximum if change.noise else 0
    eta_shift = derive.eta_shift(config)
    rows: list[Row] = []
    for _ in range(400):
        y, t = ([rng.choice([low, high, rng.randint(low, high)]) for _ in "yt"[:1] * outputs]
                for _ in "yt")  # fmt: skip
        rows.append(
            {
                "tag": rng.choice(kinds(config)),
                "y": y,
                "t": t,
                "eta_shift": derive.eta_shift(config),
            }
            | ({"noise": rng.choice([-most, most, rng.randint(-most, most)])} if most else {})
        )
    late = unit.latency + unit.change_latency
    names = ["C", "C0", "C_tilde", "u", "tag_o", "draw"]
    found = stream(unit, [*rows, *[{"tag": tags.NOTHING}] * late], names)
    golden = Golden(change, 1, eta_shift)
    for k, row in enumerate(rows[: -unit.latency]):
        tag, beside = row["tag"], k + unit.latency
        cost = cost_of(derive.cost(config), *(np.array([row[k]]) for k in "yt"))
        used = tag["perturb"]
        assert found[beside - 1]["draw"] == used
        if most:
            cost = cost + used * rows[beside - 1]["noise"]
        evaluate(config, golden, tag, cost)
        assert found[beside]["tag_o"] == tag
        assert found[beside]["C"] == golden.C[0]
        assert found[beside + 1]["C0"] == golden.C0[0]
        assert found[beside + 1]["C_tilde"] == golden.C_tilde[0]
        assert found[k + late]["u"] == golden.u[0]
    if noise == 1.0 and not config.training.analog:
        assert min(row["C"] for row in found) < 0


def test_clear_forgets() -> None:
    """The analog loop starts from C̃ = 0."""
    config = perceptron(1, 1, output="identity", **(ANALOG | SLOW))
    unit: Any = CostAndChange(config)
    rows: list[Row] = [{"tag": tags.PERTURBED, "y": [100 + k], "t": [0]} for k in range(20)]
    rows += [{"tag": tags.NOTHING, "clear": 0}] * 10 + [{"clear": 1}, {"clear": 0}]
    found = [row["C_tilde"] for row in stream(unit, rows, ["C_tilde"])]
    assert found[-2] != 0
    assert found[-1] == 0
