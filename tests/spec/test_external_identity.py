"""What the identity of an optimizer for an external plant depends on, and what it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spec.external.config import ExternalConfig
from spec.external.identity import config_digest, constants, identity

MODEL = """
class Plant:
    parameters, samples = 4, 3

    def __init__(self, gain=1.0):
        pass
"""


def config(plant: dict[str, Any] | None = None, **training: Any) -> ExternalConfig:
    """A plant of four parameters and three samples."""
    sized = {"parameters": 4, "samples": 3, "cost": "stream"}
    given = {"plant": sized | (plant or {}), "training": {"eta": -2, "steps": 9} | training}
    return ExternalConfig.from_dict(given, Path())


REGISTERS = {"tau_x": 2, "steps": 7, "check_every": 3, "seed": 5, "solved_cost": 1.0}


def test_what_can_be_changed_at_run_time_does_not_count() -> None:
    for key, value in REGISTERS.items():
        assert constants(config(**{key: value}), 0) == constants(config(), 0)
        assert config_digest(config(**{key: value})) != config_digest(config())
    assert constants(config(), 0)["samples"] == 3


def test_a_boards_clock_does_not_count() -> None:
    """A board times SPI by its own."""
    spi = {"weights": "spi", "dac": "mcp4922"}
    assert identity(config(spi | {"clock_mhz": 50.0})) == identity(config(spi))
    assert identity(config(spi)) != identity(config(spi | {"dac": "dac8568"}))


def test_a_model_does_not_count(tmp_path: Path) -> None:
    """It is not on the board; the config is another one all the same."""
    (tmp_path / "plant.py").write_text(MODEL)
    plant = {"model": "plant.py:Plant", "options": {"gain": 2.0}, "cost": "stream"}
    given = {"plant": plant, "training": {"eta": -2, "steps": 9}}
    modelled = ExternalConfig.from_dict(given, tmp_path)
    assert identity(modelled) == identity(config())
    assert config_digest(modelled) != config_digest(config())


@pytest.mark.parametrize(
    ("plant", "training"),
    [
        ({"samples": 4}, {}),
        ({"order": "sequential"}, {}),
        ({"weights": "stream"}, {}),
        ({"cost": "parallel"}, {}),
        ({"cost_width": 9}, {}),
        ({"average": 1}, {}),
        ({"settling": 4}, {}),
        ({"handshake": True}, {}),
        ({"timeout": 99}, {}),
        ({"weights": "spi", "dac": "mcp4922"}, {}),
        ({}, {"perturbation": "cm"}),
        ({}, {"estimator": "antithetic"}),
        ({}, {"schedule": [{"step": 5, "eta": -1}]}),
    ],
)
def test_what_the_gateware_depends_on_does(plant: dict[str, Any], training: dict[str, Any]) -> None:
    other = config(plant, **training)
    assert identity(other) != identity(config())
    assert config_digest(other) != config_digest(config())
