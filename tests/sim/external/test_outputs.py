"""Samples of a task go to the plant, and the cost of its outputs is computed here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.external.trainer import ExternalTrainer
from model.run import theta_digest
from sim.external.verify import verify
from sim.simulators import Simulator
from spec.errors import InputError
from spec.external.config import ExternalConfig
from spec.external.timing import ExternalTiming
from tests.conftest import need
from tests.plants import FOLDER, OWN_DAC

XOR: dict[str, Any] = {"name": "xor"}
FILE: dict[str, Any] = {"name": "file", "path": "points.csv", "inputs": "fixed"}

POINTS = """x0,x1,t0,t1
-1,0.25,0.125,0
0.3,-0.7,0.8,1
1.75,1,0.5,0
-2,0.1,1,1
0.0625,0.9,0,1
"""

MICROCHIP: dict[str, Any] = {"weights": "spi", "dac": "mcp4922", "cost": "spi", "adc": "mcp3008"}
OWN: dict[str, Any] = {
    **{"weights": "spi", "dac": OWN_DAC, "cost": "spi", "adc_channel": 1},
    "adc": {
        **{"frame_bits": 16, "value_bits": 10, "channel_bits": 2, "channel_at": 12},
        **{"channels": 3, "sclk_ns": 50, "falling": True},
    },
}
WAYS: dict[str, dict[str, Any]] = {
    "parallel": {},
    "streams": {"weights": "stream", "cost": "stream"},
    "out": {"weights": "stream"},
    "in": {"cost": "stream"},
    "spi": MICROCHIP,
    "own spi": OWN,
}


def configure(folder: Path, task: dict[str, Any], plant: dict[str, Any], **more: Any) -> Any:
    """Return the config of a plant of two layers."""
    (folder / "points.csv").write_text(POINTS)
    (folder / "models.py").write_text((FOLDER / "models.py").read_text())
    given = {"model": "models.py:Layers", "outputs": True, "settling": 2} | plant
    if given.get("cost") != "spi":
        given.setdefault("cost_width", 10)
    outputs = 2 if task is FILE else 1
    given["options"] = {"outputs": outputs}
    fraction = 9 + given.get("average", 0)
    formats = {"theta": "Q2.8", "activation_bits": fraction, "cost_bits": 10}
    training = {"eta": -1, "amplitude": -3, "steps": 25, "check_every": 10}
    tables = {"plant": given, "task": task, "formats": formats, "training": training}
    tables |= more
    return ExternalConfig.from_dict(tables, folder)


def held(builds: Path, config: ExternalConfig) -> Any:
    need(Simulator.VERILATOR)
    result = verify(config, builds)
    assert result.mismatches == []
    assert result.steps == config.training.steps
    return result


@pytest.mark.parametrize("task", [XOR, FILE], ids=["bits", "numbers"])
@pytest.mark.parametrize("way", ["parallel", "streams"])
def test_lockstep(way: str, task: dict[str, Any], tmp_path: Path, builds: Path) -> None:
    """Each step takes as many clocks as are documented."""
    config = configure(tmp_path, task, WAYS[way] | {"average": 1})
    result = held(builds, config)
    (golden,) = ExternalTrainer(config, [1]).run()
    assert result.clocks == golden.clocks + ExternalTiming.of_external(config).loop


@pytest.mark.parametrize("way", ["streams", pytest.param("own spi", marks=[pytest.mark.slow])])
def test_inputs_behind_words_of_memory(way: str, tmp_path: Path, builds: Path) -> None:
    """As behind cells in flip-flops."""
    plain = configure(tmp_path, FILE, WAYS[way])
    words = configure(tmp_path, FILE, WAYS[way], build={"engine": "folded"})
    (golden,) = ExternalTrainer(plain, [1]).run()
    assert held(builds, words).theta_digest == theta_digest(golden.theta)


@pytest.mark.slow
def test_theta_does_not_depend_on_the_way(tmp_path: Path, builds: Path) -> None:
    """If converters have the same widths."""
    digests = {
        held(builds, configure(tmp_path, FILE, plant)).theta_digest
        for name, plant in WAYS.items()
        if name != "spi"
    }
    assert len(digests) == 1


@pytest.mark.slow
@pytest.mark.parametrize("task", [XOR, FILE], ids=["bits", "numbers"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("average", [0, 2])
def test_all_ways(
    average: int, way: str, task: dict[str, Any], tmp_path: Path, builds: Path
) -> None:
    held(builds, configure(tmp_path, task, WAYS[way] | {"average": average}))


def test_a_plant_with_a_cost_of_its_own_gets_samples_too(tmp_path: Path, builds: Path) -> None:
    plant = {"model": "models.py:Error", "outputs": False}
    held(builds, configure(tmp_path, FILE, plant))


def test_products_with_registers(tmp_path: Path, builds: Path) -> None:
    """The cost takes longer, and the exchange waits for it."""
    held(builds, configure(tmp_path, FILE, {}, build={"multipliers": "registered"}))


def test_the_cost_is_the_mean_squared_error(tmp_path: Path) -> None:
    """Of what the plant puts out, as the float network computes it."""
    config = configure(tmp_path, FILE, {})
    trainer = ExternalTrainer(config, [1])
    for _ in trainer.initialise():
        pass
    weights = trainer.cells.weights()
    found = trainer.plant.check(weights).costs[0] / 2**10
    model: Any = config.model()
    assert config.data
    x, t = np.array(config.data.x) / 2**9, np.array(config.data.t) / 2**9
    theta = weights[0] / 2**8
    wanted = [np.mean((model(theta, a) - b) ** 2) for a, b in zip(x, t, strict=True)]
    # Outputs and costs are rounded: each by half an LSB, and an LSB.
    assert found == pytest.approx(wanted, abs=2 * 2**-10 + 2**-10)


def test_it_learns(tmp_path: Path) -> None:
    """Which of two inputs is larger, by a network that the optimizer does not know."""
    rows = [f"{a},{b},{int(a > b)}" for a in (-1.5, -0.5, 0.25, 1) for b in (-1, 0, 0.75, 1.5)]
    (tmp_path / "larger.csv").write_text("\n".join(["x0,x1,t0", *rows]))
    task = {"name": "file", "path": "larger.csv", "inputs": "fixed"}
    training = {"eta": -1, "amplitude": -3, "steps": 8000, "solved_cost": 0.04, "check_every": 100}
    config = configure(tmp_path, task, {"settling": 0}, training=training)
    assert [run.solved for run in ExternalTrainer(config, range(1, 6)).run()] == [True] * 5


@pytest.mark.parametrize(
    ("plant", "more", "message"),
    [
        ({"samples": 1}, {}, "plant.samples: does nothing with [task]"),
        ({"order": "sequential"}, {}, "plant.order: is task.order"),
        ({**MICROCHIP, "adc_channel": 7}, {}, "plant.adc_channel = 7: the channels of plant.adc"),
        (
            {},
            {"formats": {"activation_bits": 4, "cost_bits": 9}},
            "formats.cost_bits = 9: must not",
        ),
        ({"average": 8}, {"formats": {"activation_bits": 7}}, "plant.average = 8: must be at most"),
        ({}, {"task": {**FILE, "test": 0.5}}, "task.test"),
        ({}, {"task": {"name": "xor", "bits": 3}}, "task.bits: is for task.name"),
        (
            {"outputs": False},
            {"build": {"multipliers": "blocks"}},
            "build.multipliers: does",
        ),
    ],
)
def test_bad_input(
    plant: dict[str, Any], more: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        configure(tmp_path, more.pop("task", FILE), plant, **more)
    assert str(caught.value).startswith(message), caught.value
    assert "\n" not in str(caught.value)


def test_outputs_need_a_task(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^plant.outputs = true: needs \[task\]"):
        ExternalConfig.from_dict({"plant": {"parameters": 3, "outputs": True}}, tmp_path)
