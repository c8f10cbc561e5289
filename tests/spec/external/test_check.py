"""What a config for an external plant may not say: each rule, in one line, at its limit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spec.external.config import ExternalConfig
from tests.plants import FOLDER, OWN_ADC, OWN_DAC, external, tables

Keys = dict[str, Any]

STREAM: Keys = {"cost_in": "stream"}
ADC: Keys = {"cost_in": "spi", "adc": "mcp3008"}
DAC: Keys = {"weights": "spi", "dac": "mcp4922"}
DAC_NAMES = "'dac8568', 'dac8568-external', 'mcp4922'"
WIDE: Keys = {"theta": "Q2.12", "parameters": 2}


def own(shape: Keys, *without: str, **fields: Any) -> Keys:
    return {name: value for name, value in (shape | fields).items() if name not in without}


REFUSED: list[tuple[Keys, str]] = [
    # keys of a network of ours
    ({"activation_bits": 9}, "formats.activation_bits: does nothing for an external plant"),
    ({"defects": 0.1}, "hardware.defects: does nothing"),
    ({"rails": 2}, "build.rails: does nothing"),
    ({"engine": "folded"}, 'plant.weights = "parallel": build.engine = "folded" has one'),
    ({"lanes": 2}, "build.lanes: does nothing"),
    ({"cost": "cross_entropy"}, "training.cost: does nothing"),
    ({"update_delay": "auto"}, "training.update_delay: does nothing"),
    ({"update_delay": 9}, "training.update_delay: does nothing"),
    ({"patience": 2}, "training.patience: does nothing"),
    ({"solved_accuracy": 0.5}, "training.solved_accuracy: does nothing"),
    ({"estimator": "node"}, 'training.estimator = "node": needs to know the network'),
    ({"perturbation": "fresh"}, 'training.perturbation = "fresh": is for the folded engine'),
    ({"init": [-1, -1]}, "training.init: must be a number"),
    ({"eta": "auto"}, 'training.eta = "auto": needs to know the network; give a number'),
    ({"schedule": [{"step": 2, "eta": "auto"}]}, 'training.eta = "auto": needs to know'),
    # what the optimizer is asked for anyway
    ({"loop": "analog"}, "training.tau_x = 1: must be at least 2"),
    ({"tau_hp": 4}, "training.tau_hp = 4: does nothing without"),
    ({"accumulate": False, "momentum": 1}, "build.accumulate = false: needs training.momentum"),
    ({"theta": "Q2.30"}, "formats.theta = 'Q2.30'"),
    ({"weight_bits": 99}, "formats.weight_bits = 99: must be from"),
    ({"amplitude": -20}, "training.amplitude = -20: must be from"),
    ({"eta": 40}, "training.eta = 40: must be from"),
    ({"cost_noise": 900.0}, "hardware.cost_noise"),
    ({"update_noise": 900.0}, "hardware.update_noise"),
    ({"solved_cost": 257.0}, "training.solved_cost = 257.0"),
    ({"steps": 0}, "training.steps = 0: must be from 1"),
    (
        {"perturbation": "cm", "samples": 8, "parameters": 8, "order": "sequential"},
        "training.perturbation = 'cm': its period of",
    ),
    # [plant]
    ({"cost_width": 24, "average": 8, "cost_bits": 7}, "plant.average = 8: must be at most"),
    ({"cost_width": 25}, "plant.cost_width = 25: must be from 0 to 24"),
    ({"cost_width": 1}, "plant.cost_width = 1: must be from 2 to 24"),
    ({"average": 9}, "plant.average = 9: must be from 0 to 8"),
    ({"average": 4, "cost_bits": 3}, "plant.average = 4: must be at most formats.cost_bits = 3"),
    ({"settling": 65536}, "plant.settling = 65536: must be from 0 to 65535"),
    ({"handshake": 1}, "plant.handshake = 1: must be true or false"),
    ({"order": "shuffled"}, "plant.order = 'shuffled': must be one of 'random', 'sequential'"),
    ({"weights": "serial"}, "plant.weights = 'serial': must be one of 'parallel', 'stream', 'spi'"),
    ({"cost_in": 3}, "plant.cost = 3: must be one of 'parallel', 'stream', 'spi'"),
    ({"timeout": 900}, "plant.timeout = 900: does nothing; without plant.handshake or a stream"),
    (ADC | {"timeout": 900}, "plant.timeout = 900: does nothing"),
    (STREAM | {"timeout": 0}, "plant.timeout = 0: must be from 1"),
    (STREAM | {"timeout": 3}, "plant.timeout = 3: must be at least 4"),
    (STREAM | {"timeout": 50, "settling": 47}, "plant.timeout = 50: must be at least 51"),
    (
        STREAM | DAC | {"parameters": 3, "timeout": 100},
        "plant.timeout = 100: must be at least 111",
    ),
    ({"handshake": True, "timeout": 8}, "plant.timeout = 8: must be at least 9"),
    ({"clock_mhz": 50.0}, "plant.clock_mhz = 50.0: does nothing without SPI"),
    (DAC | {"clock_mhz": 0.5}, "plant.clock_mhz = 0.5: must be from 1.0 to 500.0"),
    ({"dac": "mcp4922"}, "plant.dac: does nothing without SPI; leave it out"),
    ({"adc": OWN_ADC}, "plant.adc: does nothing without SPI; leave it out"),
    ({"adc_channel": 1}, "plant.adc_channel = 1: the channels of plant.adc are 0 to 0"),
    (ADC | {"adc_channel": 8}, "plant.adc_channel = 8: the channels of plant.adc are 0 to 7"),
    (ADC | {"cost_width": 12}, "plant.cost_width = 12: must be 10, the bits of plant.adc"),
    (DAC | WIDE, "formats.weight_bits = 14: must be at most 11"),
    ({"weights": "spi"}, f"plant.dac = None: must be one of {DAC_NAMES}, or a table"),
    (DAC | {"dac": "ads8681"}, f"plant.dac = 'ads8681': must be one of {DAC_NAMES}"),
    (DAC | {"dac": own(OWN_DAC, setup=1 << 24)}, "plant.dac.setup = 16777216: must be from 0 to"),
    (ADC | {"adc": 7}, "plant.adc = 7: must be one of 'mcp3008', 'ads8681', or a table"),
    (DAC | {"dac": own(OWN_DAC, bits=3)}, "plant.dac.bits: unknown key; allowed are frame_bits"),
    (DAC | {"dac": own(OWN_DAC, load=1)}, "plant.dac.load = 1: must be true or false"),
    (DAC | {"dac": own(OWN_DAC, command=True)}, "plant.dac.command = True: must be a whole number"),
    (DAC | {"dac": own(OWN_DAC, "sclk_ns")}, "plant.dac.sclk_ns: is missing"),
    (DAC | {"dac": own(OWN_DAC, frame_bits=65)}, "plant.dac.frame_bits = 65: must be from 1 to 64"),
    (DAC | {"dac": own(OWN_DAC, value_at=8)}, "plant.dac.channel and value overlap"),
    (ADC | {"adc": own(OWN_ADC, load=True)}, "plant.adc.load: unknown key"),
    # plant.model
    ({"model": ""}, "plant.options: do nothing without plant.model"),
    ({"model": "models.py:Nobody"}, "plant.model = 'models.py:Nobody': there is no class Nobody"),
    ({"model": "nowhere.py:A"}, "plant.model: there is no file"),
    ({"model": "models.py"}, "plant.model = 'models.py': must be a Python file and a class in it"),
    ({"model": "models.py:a b"}, "plant.model = 'models.py:a b': must be a Python file"),
    ({"model": "models.txt:A"}, "plant.model = 'models.txt:A': must be a Python file"),
    ({"model": "models.py:number"}, "plant.model = 'models.py:number': TypeError"),
    ({"model": "models.py:Refuses"}, "plant.model = 'models.py:Refuses': ValueError: cannot have"),
    ({"model": "models.py:Leaves", "parameters": None}, "'models.py:Leaves': SystemExit"),
    ({"model": "models.py:Without", "parameters": None}, "'models.py:Without': "),
    ({"how": "nan"}, "plant.model = 'models.py:Quadratic': TypeError"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "said"), REFUSED)
def test_refused(keys: Keys, said: str, refusal: Callable[..., str]) -> None:
    """One line, which says what is wrong and where."""
    given = tables(**{"parameters": 2} | keys)
    if keys.get("parameters", 2) is None or "options" in said:
        options = given["plant"].pop("options")
        given["plant"]["options"] = {} if "options" not in said else options
    text = refusal(ExternalConfig.from_dict, given, FOLDER)
    assert said in text


@pytest.mark.parametrize(
    "keys",
    [
        {"cost_width": 24, "average": 8},
        {"cost_width": 2, "average": 3, "cost_bits": 3},
        STREAM | {"timeout": 4},
        STREAM | {"timeout": 51, "settling": 47},
        {"handshake": True, "timeout": 9},
        STREAM | DAC | {"parameters": 3, "timeout": 111},
        DAC | WIDE | {"weight_bits": 11, "eta": -6},
        ADC | {"adc_channel": 7, "cost_width": 10},
        DAC | {"clock_mhz": 500.0},
        {"solved_cost": 0.0},
        {"parameters": 4096},
    ],
)
def test_what_is_just_allowed(keys: Keys) -> None:
    """And comes back as a table, which says the same."""
    config = external(**{"parameters": 2} | keys)
    assert ExternalConfig.from_dict(config.to_dict(), FOLDER) == config


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        ({}, "plant.parameters: is missing; only a plant.model says it itself"),
        ({"parameters": 4097}, "plant.parameters = 4097: must be from 0 to 4096"),
        ({"samples": 65537}, "plant.samples = 65537: must be from 0 to 65536"),
        ({"colour": 1}, "plant.colour: unknown key; allowed are model, parameters"),
        ({"options": 3}, "[plant.options]: must be a table"),
        ({"options": {"a": 1}}, "plant.options: do nothing without plant.model"),
        (7, "[plant]: must be a table"),
    ],
)
def test_the_table_itself(plant: Any, said: str, refusal: Callable[..., str]) -> None:
    assert said in refusal(ExternalConfig.from_dict, {"plant": plant})


@pytest.mark.parametrize("table", ["network", "plants"])
def test_other_tables(table: str, refusal: Callable[..., str]) -> None:
    text = refusal(ExternalConfig.from_dict, {"plant": {"parameters": 2}, table: {}})
    assert text.startswith(f"[{table}]: unknown table beside [plant]; allowed are plant, task")


@pytest.mark.parametrize("name", ["parameters", "samples"])
def test_what_config_and_model_say_of_it(name: str, refusal: Callable[..., str]) -> None:
    """They must agree."""
    plant = {"model": "models.py:Quadratic", "options": {"parameters": 3, "samples": 2}}
    its = plant["options"][name]  # type: ignore[index]
    text = refusal(ExternalConfig.from_dict, {"plant": plant | {name: 7}}, FOLDER)
    assert text == f"plant.{name} = 7: the model has {its}; leave it out"
    config = ExternalConfig.from_dict({"plant": plant | {name: its}}, FOLDER)
    assert (config.parameters, config.samples) == (3, 2)


@pytest.mark.parametrize("value", [0, -1, 2.0, "3", None, True, 70_000])
@pytest.mark.parametrize("name", ["parameters", "samples"])
def test_numbers_that_a_model_may_not_have(
    name: str, value: Any, refusal: Callable[..., str]
) -> None:
    plant = {"model": "models.py:Wrong", "options": {name: value}}
    text = refusal(ExternalConfig.from_dict, {"plant": plant}, FOLDER)
    assert f"its {name} are {value!r}; must be from 1 to " in text


def test_a_model_that_is_no_python(tmp_path: Path, refusal: Callable[..., str]) -> None:
    """Or leaves, or cannot be read."""
    for text, said in (
        ("class:\n", "SyntaxError"),
        ("raise SystemExit(0)\n", "SystemExit: 0"),
        ("import nothing_of_that_name\n", "ModuleNotFoundError"),
        ("\0", ""),
    ):
        (tmp_path / "own.py").write_text(text)
        plant = {"model": "own.py:Own"}
        assert said in refusal(ExternalConfig.from_dict, {"plant": plant}, tmp_path)


def test_without_a_model_there_is_nothing_to_train(refusal: Callable[..., str]) -> None:
    """But an optimizer to export."""
    config = ExternalConfig.from_dict({"plant": {"parameters": 3}})
    assert config.samples == 1
    assert "plant.model: is missing" in refusal(config.model)


def test_the_file_is_named(tmp_path: Path, refusal: Callable[..., str]) -> None:
    path = tmp_path / "own.toml"
    path.write_text("[plant]\nparameters = 2\naverage = 99\n")
    assert refusal(ExternalConfig.load, path).startswith(f"{path}: plant.average = 99")


def test_a_model_is_what_its_file_says_now(tmp_path: Path) -> None:
    """A dataclass, too; nothing is left beside it."""
    text = """from __future__ import annotations
from dataclasses import dataclass
from typing import ClassVar
@dataclass
class Own:
    parameters: int = 3
    samples: ClassVar[int] = 1
    def __call__(self, theta, sample):
        return 0.0
"""
    for parameters in (3, 4):
        (tmp_path / "own.py").write_text(text.replace("= 3", f"= {parameters}"))
        config = ExternalConfig.from_dict({"plant": {"model": "own.py:Own"}}, tmp_path)
        assert config.parameters == parameters
    assert [path.name for path in tmp_path.iterdir()] == ["own.py"]
