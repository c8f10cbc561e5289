"""The cross-entropy in gateware is that of the golden model, an evaluation a clock."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdl.plant.cost import CrossEntropy
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


@pytest.mark.parametrize("method", ["_power", "_of_right_class", "_logarithm"])
def test_a_planted_fault_is_found(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part of it, with a bit turned over."""
    right = getattr(CrossEntropy, method)

    def wrong(self: CrossEntropy, m: Any, *given: Any) -> Any:
        if method == "_power":
            return right(self, m, given[0] ^ 4, given[1])
        return right(self, m, *given) ^ 4

    monkeypatch.setattr(CrossEntropy, method, wrong)
    assert differences(specify(3, output="identity", activation_bits=4, cost_bits=6)) > 0
