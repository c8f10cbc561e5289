"""Configs for tests, chosen by hand. They are checked as a user's are."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from spec.activation import Activation
from spec.config import Config
from spec.plant import Cost
from spec.training import SPATIAL, Estimator, Loop, Perturbation

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
    "multipliers": "build",
    "pipeline": "build",
    "engine": "build",
    "lanes": "build",
    "lane_multipliers": "build",
    "word_ports": "build",
    "serial_cost": "build",
    "link": "build",
    "cost_noise": "hardware",
    "update_noise": "hardware",
    "defects": "hardware",
}
"""Table of each key; any other key belongs to [training]."""


FOLDED: dict[str, Any] = {"engine": "folded", "accumulate": False}
"""Keys of a folded engine."""

BIASED = (Perturbation.CM, Perturbation.TM, Perturbation.TERNARY)
"""What the analog loop cannot be had with."""

WEIGHT, NODE = Estimator.WEIGHT, Estimator.NODE

Optimiser = tuple[Perturbation, Loop, Estimator]

OPTIMISERS: list[Optimiser] = [
    (perturbation, loop, estimator)
    for loop in Loop
    for estimator in Estimator
    for perturbation in SPATIAL
    if loop is Loop.DISCRETE
    or (estimator is not Estimator.ANTITHETIC and perturbation not in BIASED)
]
"""All that have a meaning."""

USUAL: Optimiser = (Perturbation.RCM, Loop.DISCRETE, Estimator.WEIGHT)
"""The default."""

OVERLAPPING: list[Optimiser] = [
    (Perturbation.RCM, Loop.DISCRETE, estimator) for estimator in (Estimator.WEIGHT, Estimator.NODE)
]
"""What an overlapped schedule can be had with."""


def named(optimiser: Optimiser) -> dict[str, str]:
    """Return the keys of an optimiser."""
    perturbation, loop, estimator = (kind.value for kind in optimiser)
    return {"perturbation": perturbation, "loop": loop, "estimator": estimator}


def xor(**keys: Any) -> Config:
    """Configure XOR as the README does, but for the given keys."""
    given: dict[str, dict[str, Any]] = {"task": {"name": "xor"}, "network": {"layers": [2, 2, 1]}}
    for key, value in keys.items():
        given.setdefault(SECTIONS.get(key, "training"), {})[key] = value
    return Config.from_dict(given)


def perceptron(
    *layers: int,
    samples: int = 4,
    room: int | None = None,
    data_seed: int = 0,
    binary_targets: bool = False,
    network: Any = None,
    **keys: Any,
) -> Config:
    """Configure a multilayer perceptron on random data of its input and output ranges.

    Parameters
    ----------
    layers : int
        Inputs, neurons of each layer.
    samples : int
    room : int, optional
        The key `build.samples`.
    data_seed : int
    binary_targets : bool
        Whether targets are 0 or 1, or spread over the output's range; of a cross-entropy, one is 1.
    network : dict, optional
        The table [network], in place of `layers` and of keys of it; of these, first and last count.
    keys
        Keys of the config, whatever their table.
    """
    rng = np.random.default_rng(data_seed)
    inputs, output = keys.get("inputs", "bipolar"), Activation(keys.get("output", "plan"))
    if network:
        output = Activation(network["layer"][-1].get("activation", "relu"))
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
    if keys.get("cost") == Cost.CROSS_ENTROPY.value:
        t = np.eye(layers[-1])[rng.integers(layers[-1], size=samples)]
    given: dict[str, dict[str, Any]] = {
        "task": {"name": "file", "path": "data.npz"},
        "network": network or {"layers": list(layers)},
    }
    if room:
        given["build"] = {"samples": room}
    given["training"] = {"solved_cost": 0.04, "solved_accuracy": float(np.isin(t, (0, 1)).all())}
    for key, value in keys.items():
        given.setdefault(SECTIONS.get(key, "training"), {})[key] = value
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "data.npz", x=x, t=t)
        return Config.from_dict(given, Path(folder))


def first_samples(config: Config, count: int) -> Config:
    """Return the config with only so many of its samples."""
    data = replace(config.data, x=config.data.x[:count], t=config.data.t[:count])
    return replace(config, data=data).with_training()
