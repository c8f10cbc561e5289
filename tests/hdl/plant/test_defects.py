"""An imperfect activation does what the model's does, with any draws."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from hdl.number import fixed
from hdl.plant.defects import DefectiveActivation
from model.plant.activation import ActivationUnit
from model.plant.defects import Defects
from spec import derive
from spec.activation import Activation
from spec.noise import DEFECTS_A_NEURON
from tests.configs import perceptron
from tests.hdl.helpers import Row, stream


@pytest.mark.parametrize("sigma", [2**-10, 0.1, 1.0])
@pytest.mark.parametrize("kind", [kind.value for kind in Activation])
@pytest.mark.parametrize("layer", [0, 1])
def test_any_sum_and_any_draws(layer: int, kind: str, sigma: float) -> None:
    """Draws over their whole range: k, L, x0 and y0 saturate; a value in each clock."""
    given: dict[str, Any] = {"activation_bits": 6, "cost_bits": 6, "theta": "Q2.12", "eta": -6}
    functions: dict[str, Any] = {"hidden": kind, "output": kind} if layer else {"hidden": kind}
    config = perceptron(1, 1, 1, defects=sigma, **given, **functions)
    deviation = derive.defects(config)
    assert deviation
    shape = fixed.SQ(5, 10)
    network = derive.network(config)
    unit = DefectiveActivation(network.layers[layer], shape)
    golden = Defects(network, [1])
    rng = random.Random(1)
    for _ in range(8):
        most = deviation.maximum
        draws = [rng.choice([-most, most, rng.randint(-most, most)]) for _ in range(4)]
        sums = [shape.min_raw, shape.max_raw, *(rng.randrange(-500, 500) for _ in range(20))]
        rows: list[Row] = [{"fill": 1, "line_i": draw} for draw in draws]
        rows += [{"fill": 0, "z": z} for z in sums] + [{}] * unit.latency
        found = stream(unit, rows, ["a", "line_o"])
        first = layer * DEFECTS_A_NEURON
        golden.line.line[0, first : first + DEFECTS_A_NEURON] = draws[::-1]
        z = np.array(sums)[None, :, None] >> 4
        function = ActivationUnit(network.layers[layer].activation)
        expected = golden.activate(layer, z, function)[0, :, 0].tolist()
        start = DEFECTS_A_NEURON + unit.latency
        assert [row["a"] for row in found[start:]] == expected
        assert found[DEFECTS_A_NEURON]["line_o"] == draws[0]
