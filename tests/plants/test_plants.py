"""What all plants promise: their interface, the same numbers each time, and one line for errors."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import examples.plants
from examples.plants.crossbar import Crossbar
from examples.plants.mesh import Mesh
from examples.plants.recurrent import Recurrent
from examples.plants.spiking import Spiking

PLANTS = {"Mesh": Mesh, "Crossbar": Crossbar, "Recurrent": Recurrent, "Spiking": Spiking}
CONFIGS = sorted(Path(examples.plants.__path__[0]).glob("*.toml"))
NOISY: dict[str, dict[str, float]] = {"Crossbar": {"read_noise": 0.1}}

each = pytest.mark.parametrize("name", PLANTS)


def costs(name: str, seed: int = 1, count: int = 20) -> list[float]:
    plant = PLANTS[name](seed=seed, **NOISY.get(name, {"noise": 0.1}))
    rng = np.random.default_rng(0)
    return [plant(rng.uniform(-1, 1, plant.parameters), k % plant.samples) for k in range(count)]


@each
def test_same_seed_same_costs(name: str) -> None:
    first = costs(name)
    assert first == costs(name)
    assert first != costs(name, seed=2)
    assert all(type(cost) is float and 0 <= cost < 4 for cost in first)
    assert len(set(first)) > 10


@each
def test_noise_goes_on(name: str) -> None:
    plant = PLANTS[name](**NOISY.get(name, {"noise": 0.1}))
    theta = np.random.default_rng(0).uniform(-1, 1, plant.parameters)
    assert len({plant(theta, 0) for _ in range(10)}) > 1


@each
def test_theta_stays(name: str) -> None:
    plant = PLANTS[name]()
    theta = np.full(plant.parameters, 0.25)
    plant(theta, plant.samples - 1)
    assert (theta == 0.25).all()


@each
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"colour": 1}, "colour: unknown option; allowed are "),
        ({"seed": -1}, "seed = -1: must be a whole number from 0 to 4294967295"),
        ({"seed": 1.5}, "seed = 1.5: must be a whole number from 0 to 4294967295"),
        ({"seed": True}, "seed = True: must be a whole number from 0 to 4294967295"),
        ({"seed": "one"}, "seed = 'one': must be a whole number from 0 to 4294967295"),
    ],
)
def test_wrong_options(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match="^" + message) as caught:
        PLANTS[name](**options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("Mesh", {"size": 1}, "size = 1: must be a whole number from 2 to 32"),
        ("Mesh", {"loss": float("nan")}, "loss = nan: must be a number from 0.0 to 10.0"),
        ("Crossbar", {"levels": 1}, "levels = 1: must be 0, for any conductance, or at least 2"),
        ("Recurrent", {"bits": 4, "length": 3}, "length = 3: must be at least bits = 4"),
        ("Spiking", {"hidden": 0}, "hidden = 0: must be a whole number from 1 to 64"),
    ],
)
def test_options_out_of_range(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match="^" + message + "$"):
        PLANTS[name](**options)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_configs(path: Path) -> None:
    """The plant takes its options, and θ̃ and η are in the range of the formats."""
    given = tomllib.loads(path.read_text())
    file, name = given["plant"]["model"].split(":")
    assert (path.parent / file).exists()
    plant = PLANTS[name](**given["plant"]["options"])
    assert plant.parameters > 0
    formats, training = given["formats"], given["training"]
    integer, fraction = (int(bits) for bits in formats["theta"][1:].split("."))
    shift = 4 - (training["eta"] - training["amplitude"] + fraction - formats["cost_bits"])
    assert 0 <= shift <= 15
    assert training["amplitude"] >= integer - formats["weight_bits"]


def test_there_are_configs() -> None:
    names = {
        "crossbar",
        "mesh",
        "mesh-256",
        "mesh-9",
        "mesh-9-spi",
        "mesh-1024",
        "recurrent",
        "spiking",
    }
    assert {path.stem for path in CONFIGS} == names
