"""The cross-entropy in gateware is that of the golden model, an evaluation a clock."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdl.plant.cost import CrossEntropy, cross_entropy
from hdl.plant.cost.serial import SerialCrossEntropy
from model.plant.cost import cost_of
from spec import derive
from spec.plant import CrossEntropySpec
from tests.configs import perceptron
from tests.hdl.helpers import Row, stream


def specify(outputs: int, **keys: Any) -> CrossEntropySpec:
    """A spec, as a config has it."""
    eta = keys["cost_bits"] - 7  # in the middle of its range
    spec = derive.cost(perceptron(1, outputs, cost="cross_entropy", eta=eta, **keys))
    assert isinstance(spec, CrossEntropySpec)
    return spec


def differences(spec: CrossEntropySpec, count: int = 60) -> int:
    """Evaluations, random and extreme, of which gateware and model say something else."""
    rng = random.Random(spec.outputs)
    low, high = spec.output.low, spec.output.high
    rows: list[Row] = []
    for k in range(count):
        near = rng.randint(low, high)
        ends = (low, high) if k % 4 < 2 else (max(low, near - 5), min(high, near + 5))
        y = [rng.randint(*ends) if k % 2 else rng.choice(ends) for _ in range(spec.outputs)]
        right = rng.randrange(spec.outputs)
        rows.append({"y": y, "t": [int(place == right) for place in range(spec.outputs)]})
    found = stream(CrossEntropy(spec), rows + [rows[0]] * spec.latency, ["cost"])
    y, t = (np.array([row[name] for row in rows]) for name in ("y", "t"))
    wanted = cost_of(spec, y, t).tolist()
    return sum(f["cost"] != w for f, w in zip(found[spec.latency :], wanted, strict=True))


@settings(max_examples=12)
@given(
    outputs=st.integers(2, 9),
    output=st.sampled_from(["identity", "relu", "hard_tanh", "plan"]),
    fraction=st.integers(3, 8),
    data=st.data(),
)
def test_every_evaluation(outputs: int, output: str, fraction: int, data: st.DataObject) -> None:
    cost_bits = data.draw(st.integers(2, 2 * fraction))
    spec = specify(outputs, output=output, activation_bits=fraction, cost_bits=cost_bits)
    assert differences(spec) == 0


PARTS: dict[str, Any] = {
    "power": cross_entropy, "_logarithm": cross_entropy, "_of_right_class": CrossEntropy
}  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_a_planted_fault_is_found(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part of it, with a bit turned over."""
    right = getattr(PARTS[part], part)

    def wrong(*given: Any) -> Any:
        if part == "power":
            m, spec, behind, name = given
            return right(m, spec, behind ^ 4, name)
        return right(*given) ^ 4

    monkeypatch.setattr(PARTS[part], part, wrong)
    assert differences(specify(3, output="identity", activation_bits=4, cost_bits=6)) > 0


def wrong_rounds(spec: CrossEntropySpec, count: int = 12) -> int:
    """Rounds of both evaluations of which gateware and model say something else."""
    rng = random.Random(spec.outputs)
    rows: list[Row] = []
    rounds = []
    for _ in range(count):
        low = rng.choice((spec.output.low, max(spec.output.low, spec.output.high - 5)))
        y = [[rng.randint(low, spec.output.high) for _ in range(spec.outputs)] for _ in range(2)]
        rounds.append((y, rng.randrange(spec.outputs)))
        for k in range(spec.latency + 2):
            now = [row[k % spec.outputs] for row in y]
            rows.append({"start": k == 0, "y": now, "label": rounds[-1][1]})
    found = stream(SerialCrossEntropy(spec), rows, ["turns", "done", "costs", "largest"])
    wrong = 0
    for k, (y, label) in enumerate(rounds):
        mine = found[k * (spec.latency + 2) :][: spec.latency + 2]
        clocks = range(len(mine))
        turns = [row["turns"] for row in mine] == [int(k < 4 * spec.outputs) for k in clocks]
        done = [row["done"] for row in mine] == [int(k == spec.latency) for k in clocks]
        t = np.eye(spec.outputs, dtype=int)[label]
        costs = cost_of(spec, np.array(y), np.array([t, t])).tolist()
        end = mine[spec.latency]
        right = end["costs"] == costs and end["largest"] == y[0].index(max(y[0]))
        wrong += not (turns and done and right)
    return wrong


@settings(max_examples=8)
@given(
    outputs=st.integers(2, 9),
    output=st.sampled_from(["identity", "relu", "hard_tanh", "plan"]),
    fraction=st.integers(3, 8),
    data=st.data(),
)
def test_one_after_the_other(outputs: int, output: str, fraction: int, data: st.DataObject) -> None:
    cost_bits = data.draw(st.integers(2, 2 * fraction))
    spec = specify(outputs, output=output, activation_bits=fraction, cost_bits=cost_bits)
    assert wrong_rounds(replace(spec, serial=True)) == 0


@pytest.mark.parametrize("part", ["power", "_logarithm"])
def test_a_planted_fault_is_found_there(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = getattr(cross_entropy, part)

    def wrong(*given: Any) -> Any:
        if part == "power":
            m, spec, behind, name = given
            return right(m, spec, behind ^ 4, name)
        return right(*given) ^ 4

    monkeypatch.setattr(cross_entropy, part, wrong)
    spec = specify(3, output="identity", activation_bits=4, cost_bits=6)
    assert wrong_rounds(replace(spec, serial=True)) > 0
