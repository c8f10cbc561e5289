"""What only a folded engine has follows the published algorithms, as in test_trajectories.py."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from model.number.fixed import Ints
from model.optimizer.cells import SynapseCells
from model.plant.layer.conv import Conv
from model.plant.layer.pool import Pool
from spec.config import Config
from spec.derive import loop
from spec.optimizer import BankSpec
from tests.configs import FOLDED, perceptron
from tests.model.test_trajectories import FINE, check
from tests.strategies import folded

KEYS: dict[str, Any] = FINE | FOLDED | {"inputs": "fixed", "perturbation": "fresh", "lanes": 2}

CONV: dict[str, Any] = {"kind": "conv", "channels": 2, "activation": "hard_tanh"}
DENSE: dict[str, Any] = {"kind": "dense", "neurons": 2, "activation": "hard_sigmoid"}
NETWORKS: dict[str, dict[str, Any]] = {
    "dense": {"shape": [3], "layer": [{**DENSE, "neurons": 3}, DENSE]},
    "conv": {"shape": [4, 5, 2], "layer": [CONV, DENSE]},
    "pool": {"shape": [5, 6, 1], "layer": [CONV, {"kind": "pool"}, DENSE]},
    "two": {"shape": [5, 5, 1], "layer": [CONV, CONV, DENSE]},
    "mixed": {"shape": [4, 4, 1], "layer": [CONV, {**DENSE, "estimator": "node"}]},
    "more": {"shape": [3], "layer": [{**DENSE, "doublings": 1}, DENSE]},
    "node, more": {
        "shape": [3],
        "layer": [DENSE, {**DENSE, "estimator": "node", "doublings": 2}],
    },
}


def configure(name: str, **keys: Any) -> Config:
    """Configure a small network on random data."""
    network = NETWORKS[name]
    given: dict[str, Any] = KEYS | {"amplitude": -3, "eta": -12} | keys
    return perceptron(int(np.prod(network["shape"])), 2, network=network, **given)


BATCH = {"tau_p": 4, "tau_theta": 4, "accumulate": True}


@pytest.mark.parametrize("taus", [{}, {"tau_p": 2, "tau_x": 3}, BATCH])
@pytest.mark.parametrize("perturbation", ["fresh", "rcm"])
@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer(name: str, perturbation: str, taus: dict[str, int]) -> None:
    assert check(configure(name, perturbation=perturbation, **taus)) < 0.3


QUIET: dict[str, Any] = {
    **{key: value for key, value in FINE.items() if key not in ("hidden", "output", "steps")},
    **{"schedule": [], "amplitude": -3, "eta": -12},
}


@pytest.mark.filterwarnings("ignore:divide by zero")  # θ may stay where it is
@pytest.mark.filterwarnings("ignore:invalid value")
@settings(max_examples=30, deadline=None)
@given(folded(G=True, **QUIET))
def test_any_config(config: Config) -> None:
    check(config)


def patched(kind: type, name: str, change: Callable[..., Any]) -> Callable[..., None]:
    """Have a method do something else, of what it did."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        right = getattr(kind, name)
        monkeypatch.setattr(kind, name, lambda *args: change(right, *args))

    return patch


def turned(right: Any, self: Conv, weights: Ints, x: Ints) -> Ints:
    """Take the windows of a channel with columns for rows."""
    w = weights.reshape(len(weights), self.spec.neurons, -1).copy()
    windows = w[..., :-1].reshape(*w.shape[:2], 3, 3, -1)
    w[..., :-1] = windows.swapaxes(2, 3).reshape(*w.shape[:2], -1)
    return right(self, w.reshape(len(weights), -1), x)


def not_planar(right: Any, self: Conv, weights: Ints, x: Ints) -> Ints:
    """Take a sample as what a layer puts out."""
    self.spec = dataclasses.replace(self.spec, planar=False)
    return right(self, weights, x)


def first_of(right: Any, self: Pool, x: Ints) -> Ints:
    """Take the smallest."""
    return -right(self, -x)


def bank_without(name: str, value: Any) -> Callable[[pytest.MonkeyPatch], None]:
    """Have all groups of one kind."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        right = loop.bank

        def wrong(config: Config) -> BankSpec:
            bank = right(config)
            groups = tuple(dataclasses.replace(group, **{name: value}) for group in bank.groups)
            return dataclasses.replace(bank, groups=groups)

        monkeypatch.setattr(loop, "bank", wrong)

    return patch


def same_source(right: Any, self: SynapseCells, *args: Any) -> None:
    """Let all cells learn by their own bit."""
    self.source = np.arange(len(self.source))
    right(self, *args)


FAULTS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str]] = {
    "windows turned": (patched(Conv, "sums", turned), "conv"),
    "samples not planar": (patched(Conv, "sums", not_planar), "conv"),
    "a pool of the smallest": (patched(Pool, "__call__", first_of), "pool"),
    "no doublings": (bank_without("doublings", 0), "more"),
    "no doublings by node": (bank_without("doublings", 0), "node, more"),
    "nothing by node": (bank_without("node", False), "mixed"),
    "own bits": (patched(SynapseCells, "accumulate", same_source), "mixed"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    patch, network = FAULTS[name]
    config = configure(network)
    check(config)
    patch(monkeypatch)
    with pytest.raises(AssertionError):
        check(config)
