"""A layer's neurons, against fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from model.plant.activation import activate
from model.plant.neuron import neurons
from spec.activation import Activation
from spec.config import Config
from tests.configs import networks


@settings(max_examples=60)
@given(networks(max_layers=1, max_width=4, output="identity"))
@pytest.mark.parametrize("binary", [True, False])
def test_sum_is_exact_and_truncated_once(binary: bool, config: Config) -> None:
    """z = Σ w·x + w_bias, to the LSB of the activations."""
    rng = np.random.default_rng(1)
    activation_bits, weight = config.formats.activation_bits, config.weight
    fraction = 0 if binary else activation_bits
    runs, samples, count, inputs = 2, 3, 4, 3
    w = rng.integers(weight.minimum, weight.maximum, (runs, count, inputs + 1), endpoint=True)
    top = 1 << fraction
    x = rng.integers(-top, top, (runs, samples, inputs), endpoint=True)
    found = neurons(w, x, fraction, 0, config)
    assert found.shape == (runs, samples, count)
    lsb = Fraction(2) ** -weight.fraction_bits
    for run, sample, neuron in np.ndindex(found.shape):
        terms = zip(w[run, neuron], [*x[run, sample], top], strict=True)
        z = sum(int(a) * lsb * int(b) / Fraction(top) for a, b in terms)
        raw = np.array(math.floor(z * (1 << activation_bits)))
        assert found[run, sample, neuron] == activate(Activation.IDENTITY, raw, config)
