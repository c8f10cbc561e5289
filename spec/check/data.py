"""The task, and what must fit its samples."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from spec.check.require import require
from spec.plant import Cost, Engine
from spec.tasks import MAX_SAMPLES, OWN, Scale

if TYPE_CHECKING:
    from spec.config import Config, Task


KEYS_OF_TASKS = {
    "bits": ("parity",),
    **dict.fromkeys(
        (
            "path",
            "target",
            "columns",
            "kind",
            "scale",
            "missing",
            "test",
            "test_path",
            "validation",
            "split_seed",
        ),
        OWN,
    ),
}
"""Keys of [task] that only some tasks have a use for."""


def check_task(task: Task) -> None:
    """Refuse keys that a task has no use for, and scaling of bits."""
    for field in dataclasses.fields(task):
        name, value = field.name, getattr(task, field.name)
        users = KEYS_OF_TASKS.get(name, (task.name,))
        require(
            task.name in users or value == field.default,
            f"task.{name}: is for task.name = {_either(users)} only, and "
            f"{task.name!r} has no use for it",
        )
    for name in ("test", "validation"):
        part = getattr(task, name)
        require(part < 1, f"task.{name} = {part}: must be from 0 to just below 1")
    require(
        task.scale is Scale.NONE or not task.inputs.binary,
        f"task.scale = {task.scale.value!r}: needs task.inputs = 'fixed'; a "
        f"{task.inputs.value} input is one bit",
    )


def _either(names: Sequence[str]) -> str:
    """List names, of which one is meant."""
    *before, last = map(repr, names)
    return f"{', '.join(before)} or {last}" if before else last


def check_network(config: Config) -> None:
    """Check the layers against the data."""
    network, data = config.network, config.data
    require(
        len(network.shapes) >= 2,
        f"{network.written}: must list the inputs and at least one layer of neurons",
    )
    must = "be of" if network.layer else "start with"
    last = "the last [[network.layer]] have" if network.layer else "end with"
    require(
        (network.sizes[0], network.sizes[-1]) == (data.inputs, data.outputs),
        f"{network.written}: must {must} {data.inputs} and {last} {data.outputs}, the inputs and "
        f"targets of task {config.task.name!r}",
    )


def check_cost(config: Config) -> None:
    """Check that there are classes, where the cost is of classes."""
    require(
        config.training.cost is not Cost.CROSS_ENTROPY or config.data.one_hot,
        f"training.cost = {config.training.cost.value!r}: needs two or more targets, of which one "
        "is 1 in each sample and all others are 0: three or more classes; use 'mse'",
    )


def check_room(config: Config) -> None:
    """Check the room for samples: the task's fit, or come one after the other; others get there."""
    room, samples = config.build.samples, len(config.data)
    if not isinstance(room, int):
        return
    allowed = f"at least {samples}, the samples of task {config.task.name!r}, and at most"
    least = samples
    if config.build.engine is Engine.FOLDED and samples > 2:
        allowed = f"from 2 (or {samples}, all samples of task {config.task.name!r}) to"
        least = 2
    require(room >= least, f"build.samples = {room}: must be {allowed} {MAX_SAMPLES}")
    require(
        config.build.link is not False,
        f"build.samples = {room}: needs build.link = true or 'auto'; without a link no other "
        "samples get there",
    )
