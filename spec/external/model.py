"""A simulation of the plant, of which only its user knows the inside: a class in a Python file."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, SupportsIndex

from spec.errors import InputError

MOST = {"parameters": 4096, "samples": 65536}
"""Of what a plant has."""


class PlantModel(Protocol):
    """What a class in the file must have.

    Its keywords come from [plant.options]. It is made anew for every run, and evaluated in the
    order in which the optimizer asks; so noise of its own repeats if it is seeded. It may have a
    method `accuracy(theta)`, the fraction of its samples that come out right.

    Attributes
    ----------
    parameters : int
        P.
    samples : int
        How many it has, among which the optimizer chooses; 1 if an evaluation is of all.
    """

    parameters: int
    samples: int

    def __call__(self, theta: Any, sample: Any) -> Any:
        """Return the cost of a sample, at least 0; or, with plant.outputs, its outputs.

        `theta` are floats of shape (P,). `sample` is a number; with [task] its inputs, floats.
        """
        ...


def load(where: str, folder: Path, options: Mapping[str, Any]) -> PlantModel:
    """Make the plant that "FILE.py:CLASS" names; the file is executed.

    Parameters
    ----------
    where : str
    folder : Path
        Where a relative path starts.
    options : mapping
        Keywords of the class.

    Raises
    ------
    InputError
        If there is no such file or class, or it refuses the options.
    """
    file, colon, name = where.rpartition(":")
    if not colon or not file.endswith(".py") or not name.isidentifier():
        raise InputError(
            f"plant.model = {where!r}: must be a Python file and a class in it, 'FILE.py:CLASS'"
        )
    path = folder / file
    module = _module(path)
    made: Any = vars(module).get(name)
    if not made:
        raise InputError(f"plant.model = {where!r}: there is no class {name} in {path}")
    try:
        plant = made(**options)
        parameters, samples = plant.parameters, plant.samples
    except (Exception, SystemExit) as error:  # it is the user's, and may raise anything
        raise InputError(f"plant.model = {where!r}: {said(error)}") from None
    for what, value in (("parameters", parameters), ("samples", samples)):
        number, most = isinstance(value, SupportsIndex) and type(value) is not bool, MOST[what]
        if not number or not 1 <= int(value) <= most:
            raise InputError(
                f"plant.model = {where!r}: its {what} are {value!r}; must be from 1 to {most}"
            )
    return plant


def _module(path: Path) -> ModuleType:
    """Execute a file, as it is now; nothing is written beside it."""
    if not path.is_file():
        raise InputError(f"plant.model: there is no file {path}")
    module = ModuleType(f"plant:{path}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # where its dataclasses look for it
    try:
        exec(compile(path.read_bytes(), path, "exec"), vars(module))
    except (Exception, SystemExit) as error:
        raise InputError(f"plant.model: {path}: {said(error)}") from None
    return module


def said(error: BaseException) -> str:
    """Return the first line of what a user's own code raised."""
    return f"{type(error).__name__}: {error}".splitlines()[0]
