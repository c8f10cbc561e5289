"""Configs for tests: any topology with random data, checked as a user's is."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis import reject

from spec.activation import Activation
from spec.config import Config
from spec.errors import InputError
from spec.tasks import Inputs, Order

SECTIONS = {
    "inputs": "task",
    "order": "task",
    "hidden": "network",
    "output": "network",
    "theta": "formats",
    "weight_bits": "formats",
    "activation_bits": "formats",
    "cost_bits": "formats",
    "bus_bits": "formats",
    "gradient_bits": "formats",
    "rails": "build",
    "accumulate": "build",
    "reuse": "build",
    "cost_noise": "hardware",
    "update_noise": "hardware",
    "defects": "hardware",
}
"""Table of each key; any other key belongs to [training]."""


def xor(**keys: Any) -> Config:
    """Configure XOR as the README does, but for the given keys."""
    given: dict[str, dict[str, Any]] = {"task": {"name": "xor"}, "network": {"layers": [2, 2, 1]}}
    for key, value in keys.items():
        given.setdefault(SECTIONS.get(key, "training"), {})[key] = value
    return Config.from_dict(given)


def perceptron(
    *layers: int, samples: int = 4, data_seed: int = 0, binary_targets: bool = False, **keys: Any
) -> Config:
    """Configure a multilayer perceptron on random data of its input and output ranges.

    Parameters
    ----------
    layers : int
        Inputs, neurons of each layer.
    samples : int
    data_seed : int
    binary_targets : bool
        Whether targets are 0 or 1, or spread over the output's range.
    keys
        Keys of the config, whatever their table.
    """
    rng = np.random.default_rng(data_seed)
    inputs, output = keys.get("inputs", "bipolar"), Activation(keys.get("output", "plan"))
    x = {
        "bipolar": rng.choice([-1.0, 1.0], (samples, layers[0])),
        "unipolar": rng.choice([0.0, 1.0], (samples, layers[0])),
        "fixed": rng.uniform(-2, 1.75, (samples, layers[0])),
    }[inputs]
    fraction = keys.get("activation_bits", 8)
    low, high = (limit / 2**fraction for limit in output.range(fraction))
    t = rng.uniform(low, high, (samples, layers[-1]))
    if binary_targets:
        t = rng.choice([0.0, 1.0], t.shape)
    given: dict[str, dict[str, Any]] = {
        "task": {"name": "file", "path": "data.npz"},
        "network": {"layers": list(layers)},
    }
    for key, value in keys.items():
        given.setdefault(SECTIONS.get(key, "training"), {})[key] = value
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "data.npz", x=x, t=t)
        return Config.from_dict(given, Path(folder))


@st.composite
def configs(draw: st.DrawFn, max_layers: int = 3, max_width: int = 4, **keys: Any) -> Config:
    """Draw a config of any topology, formats, activations, η and Δθ; `keys` are given."""
    sizes = st.lists(st.integers(1, max_width), min_size=2, max_size=max_layers + 1)
    integer, fraction = draw(st.integers(1, 5)), draw(st.integers(3, 10))
    weight_bits = draw(st.integers(max(2, integer), integer + fraction))
    amplitude = draw(st.integers(integer - weight_bits, integer - 2))
    bus_bits = draw(st.integers(2, 12))
    activation_bits = draw(st.integers(3, 12))
    cost_bits = draw(st.integers(2, min(16, 2 * activation_bits)))
    eta_shift = draw(st.integers(0, 15))
    functions = st.sampled_from([kind.value for kind in Activation])
    drawn = {
        "inputs": draw(st.sampled_from([kind.value for kind in Inputs])),
        "order": draw(st.sampled_from([kind.value for kind in Order])),
        "hidden": draw(functions),
        "output": draw(functions),
        "theta": f"Q{integer}.{fraction}",
        "weight_bits": weight_bits,
        "activation_bits": activation_bits,
        "cost_bits": cost_bits,
        "bus_bits": bus_bits,
        "gradient_bits": bus_bits + draw(st.integers(0, 6)),
        "amplitude": amplitude,
        "eta": 4 - eta_shift + amplitude - fraction + cost_bits,
        "tau_p": draw(st.integers(1, 7)),
        "tau_x": draw(st.integers(1, 7)),
        "tau_theta": draw(st.integers(1, 7)),
        "check_every": draw(st.integers(1, 20)),
        "init": draw(st.integers(1 - fraction, integer - 1)),
        "samples": draw(st.integers(1, 6)),
        "data_seed": draw(st.integers(0, 99)),
        "binary_targets": draw(st.booleans()),
    }
    try:
        return perceptron(*draw(sizes), **drawn | keys)
    except InputError:  # a table too long for this amplitude
        reject()
