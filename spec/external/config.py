"""The config of an optimizer for an external plant: [plant] in place of [task] and [network]."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from spec.activation import Activation
from spec.check import check_task
from spec.config import Build, Config, Formats, Hardware, Task, plain_tables, read_toml
from spec.errors import InputError
from spec.external import check
from spec.external.model import PlantModel, load
from spec.external.plant import Plant, read_plant
from spec.keys import read_table
from spec.numbers import Format
from spec.tasks import OWN, Dataset, dataset, task_rows
from spec.training import Training, read_training

TABLES = ("plant", "task", "formats", "training", "hardware", "build")


@dataclass(frozen=True)
class ExternalConfig:
    """A checked configuration. Build it with `from_dict` or `load`.

    Attributes
    ----------
    plant, task, formats, training, hardware, build
        The tables of the TOML file, every key filled in; the second None if the plant has samples
        of its own.
    parameters : int
        P.
    samples : int
        That the plant has.
    folder : Path
        Where plant.model is looked for.
    data : Dataset or None
        The samples of the task.
    """

    plant: Plant
    task: Task | None
    formats: Formats
    training: Training
    hardware: Hardware
    build: Build
    parameters: int
    samples: int
    folder: Path
    data: Dataset | None = None

    @classmethod
    def from_dict(cls, given: Mapping[str, Any], folder: Path = Path()) -> Self:
        """Check a mapping of tables, as a TOML file would give it.

        Raises
        ------
        InputError
            Naming the key that is wrong and what is allowed.
        """
        for name in given:
            if name not in TABLES:
                raise InputError(
                    f"[{name}]: unknown table beside [plant]; allowed are {', '.join(TABLES)}"
                )
        plant = read_plant(given.get("plant", {}))
        formats = read_table("formats", Formats, given.get("formats", {}))
        if formats.weight_bits == 0:
            bits = Format.parse(formats.theta, "formats.theta").bits
            formats = dataclasses.replace(formats, weight_bits=bits)
        task = read_table("task", Task, given["task"]) if "task" in given else None
        data = _data(task, folder, formats.activation_bits) if task else None
        parameters, samples = _size(plant, folder)
        training = read_training(given.get("training", {})).with_goal(own=True, binary=False)
        config = cls(
            plant,
            task,
            formats,
            training,
            read_table("hardware", Hardware, given.get("hardware", {})),
            read_table("build", Build, given.get("build", {})),
            parameters,
            len(data) if data else samples,
            folder,
            data,
        )
        check.check(config)
        return config

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read a TOML file.

        Raises
        ------
        InputError
            If it cannot be read, or naming the key that is wrong and what is allowed.
        """
        path = Path(path)
        try:
            return cls.from_dict(read_toml(path), path.parent)
        except InputError as error:
            said = str(error)
            raise InputError(said if said.startswith(str(path)) else f"{path}: {said}") from None

    def with_training(self, **values: Any) -> Self:
        """Copy the config with other keys of [training], checked again."""
        given = dataclasses.asdict(self.training) | values
        training = read_training(given).with_goal(own=True, binary=False)
        config = dataclasses.replace(self, training=training)
        check.check(config)
        return config

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Return the tables as plain values, as a TOML file would give them."""
        tables = {name: getattr(self, name) for name in TABLES}
        return plain_tables({name: table for name, table in tables.items() if table is not None})

    def model(self) -> PlantModel:
        """Make the plant's model, as new.

        Raises
        ------
        InputError
            If the config names none.
        """
        if not self.plant.model:
            raise InputError("plant.model: is missing; without it there is nothing to train here")
        return load(self.plant.model, self.folder, self.plant.options)

    @property
    def update_delay(self) -> int:
        """D: a step waits for the plant, so no other overlaps it."""
        return 0

    @property
    def perturbed(self) -> int:
        """How many cells a periodic code tells apart: all."""
        return self.parameters

    @property
    def layer_shapes(self) -> tuple[tuple[int, int], ...]:
        """One group, of a block of all cells."""
        return ((1, self.parameters),)


AnyConfig = Config | ExternalConfig
"""Of a network of ours, or of an external plant."""


def _data(task: Task, folder: Path, fraction_bits: int) -> Dataset:
    """Read samples: inputs as for our networks, targets from 0 to 1."""
    check_task(task)
    if task.test or task.validation or task.test_path:
        raise InputError(
            "task.test, task.validation: a plant is trained with all samples; leave it"
        )
    output = Activation.SIGMOID
    if task.name not in OWN:
        return dataset(task_rows(task), task.inputs, fraction_bits, output.range(fraction_bits))
    from spec.data.coding import Coding  # only here: spec/ is plain Python but for that
    from spec.data.own import prepare

    return prepare(task, folder, Coding(task.inputs, output, fraction_bits), None).train.data


def _size(plant: Plant, folder: Path) -> tuple[int, int]:
    """Return parameters and samples, which config and model must agree on."""
    if not plant.model:
        if not plant.parameters:
            raise InputError("plant.parameters: is missing; only a plant.model says it itself")
        return plant.parameters, plant.samples or 1
    model = load(plant.model, folder, plant.options)
    found = []
    for name in ("parameters", "samples"):
        given, its = getattr(plant, name), getattr(model, name)
        if given not in (0, its):
            raise InputError(f"plant.{name} = {given}: the model has {its}; leave it out")
        found.append(int(its))
    return found[0], found[1]
