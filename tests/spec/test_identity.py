"""What the identity of a bitstream depends on, and what it does not."""

from __future__ import annotations

from typing import Any

import pytest

from spec.config import Config
from spec.identity import constants, identity
from tests.configs import first_samples, perceptron, xor

KEYS: dict[str, Any] = {"samples": 7, "room": 16}
SHORT = {"pipeline": "short"}


def config(**keys: Any) -> Config:
    """A perceptron with room."""
    return perceptron(2, 2, 1, **KEYS | keys)


@pytest.mark.parametrize(
    "keys",
    [
        {"samples": 16},
        {"samples": 1},
        {"data_seed": 5},
        {"binary_targets": True},
        {"seed": 9},
        {"tau_p": 3, "tau_x": 4, "tau_theta": 5},
        {"eta": 1},
        {"steps": 7, "check_every": 3, "solved_cost": 1.0, "solved_accuracy": 0.5},
    ],
)
def test_what_can_be_changed_at_run_time_does_not_count(keys: dict[str, Any]) -> None:
    assert identity(config(**keys)) == identity(config())
    assert constants(config(**keys), 0) == constants(config(), 0)
    assert constants(config(), 0)["samples"] == 16


@pytest.mark.parametrize(
    "keys",
    [
        {"room": 15},
        {"room": None},
        {"order": "sequential"},
        {"inputs": "unipolar"},
        {"theta": "Q2.7"},
        {"perturbation": "cm"},
        {"loop": "analog", "tau_x": 2},
        {"schedule": [{"step": 5, "eta": -1}]},
    ],
)
def test_what_the_gateware_depends_on_does(keys: dict[str, Any]) -> None:
    assert identity(config(**keys)) != identity(config())


def test_without_room_the_number_of_samples_counts() -> None:
    own = config(room=None)
    assert identity(first_samples(own, 4)) != identity(own)
    assert identity(config(room=None, data_seed=5)) == identity(own)


def test_it_stays_what_flashed_boards_have() -> None:
    """A key that came later counts where it is not the default, and nowhere else."""
    assert identity(xor()) == 272819641170615246331400316843229001521
    registered, short = (xor(multipliers="registered", **keys) for keys in ({}, SHORT))
    assert identity(short) != identity(registered) != identity(xor())
