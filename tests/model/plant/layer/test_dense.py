"""A dense layer's sums, against fractions."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from model.plant.layer.dense import Dense
from spec import derive
from spec.config import Config
from spec.plant import SignalSpec
from spec.tasks import Inputs
from tests.strategies import networks


@settings(max_examples=60)
@given(networks(max_layers=1, max_width=4, output="identity"))
@pytest.mark.parametrize("binary", [True, False])
def test_sum_is_exact_and_truncated_once(binary: bool, config: Config) -> None:
    """z = Σ w·x + w_bias, to the LSB of the activations."""
    rng = np.random.default_rng(1)
    layer = derive.network(config).layers[0]
    activation_bits, weight = layer.activation.fraction_bits, layer.weight
    inputs_are = Inputs.BIPOLAR if binary else Inputs.FIXED
    signal = SignalSpec.of_samples(inputs_are, activation_bits)
    fraction = signal.fraction_bits
    runs, samples, count, inputs = 2, 3, 4, 3
    w = rng.integers(weight.minimum, weight.maximum, (runs, count, inputs + 1), endpoint=True)
    top = 1 << fraction
    x = rng.integers(-top, top, (runs, samples, inputs), endpoint=True)
    spec = dataclasses.replace(layer, neurons=count, fan_in=inputs + 1, input=signal)
    found = Dense(spec).sums(w.reshape(runs, -1), x)
    assert found.shape == (runs, samples, count)
    lsb = Fraction(2) ** -weight.fraction_bits
    for run, sample, neuron in np.ndindex(found.shape):
        terms = zip(w[run, neuron], [*x[run, sample], top], strict=True)
        z = sum(int(a) * lsb * int(b) / Fraction(top) for a, b in terms)
        assert found[run, sample, neuron] == math.floor(z * (1 << activation_bits))
