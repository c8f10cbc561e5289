"""A configuration whose samples are arrays."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from host import files
from mgd.defaults import check_every, defaults
from spec import config as tables
from spec.data.in_memory import array_source
from spec.data.labels import Targets
from spec.data.table import Source
from spec.errors import InputError
from spec.tasks import Kind

TABLE_OF = {
    field.name: name for name, table in tables.TABLES.items() for field in dataclasses.fields(table)
}
"""Table of each key; no two have the same."""

GIVEN = ("name", "path", "test_path", "target")
"""Keys for which the arrays stand."""


class Config(tables.Config):
    """A checked configuration with its samples. Build it with `from_arrays`, `load` or `from_dict`.

    Attributes
    ----------
    task, network, formats, training, hardware, build
        The tables that docs/config.md has, every key filled in: `config.training.steps`.
    data : Dataset
        The samples of training, as integers.
    own : OwnData or None
        What was made of arrays or files of the user's: `own.notes` says what was left out, clipped,
        or taken for something; `own.preparation` has classes and scaling.
    parameters : int
        P, the number of synapse cells.
    """

    @classmethod
    def from_arrays(cls, x: Any, y: Any, layers: Sequence[int], **keys: Any) -> Self:
        """Make a configuration of arrays.

        Parameters
        ----------
        x : array-like, shape (samples, inputs)
            Numbers as they are: they are scaled. More dimensions, as of images, are flattened; a
            data frame keeps the names of its columns.
        y : array-like, shape (samples,) or (samples, targets)
            Classes, by words or whole numbers, or numbers in any unit; docs/config.md, "What is
            learnt", says which it is, `kind` ("classes" or "numbers") decides.
        layers : sequence of int
            Inputs, and neurons of each layer: of two classes or one number the last is 1, of more
            classes or numbers as many.
        **keys
            Any key of docs/config.md but those of files, without its table: `test=0.2`,
            `theta="Q2.10"`, `seed=7`. Where nothing is given, inputs are "fixed", scale and eta are
            "auto", and formats, activations, amplitude and steps are chosen by the size of the
            problem (`mgd.defaults`).

        Raises
        ------
        InputError
            Naming what is wrong with an array or a key, and what is allowed.
        """
        _check_keys(keys)
        source = array_source(x, y)
        inputs = len(array_source(x).names)
        given: dict[str, dict[str, Any]] = {
            "task": {"name": "file", "target": list(range(inputs, len(source.names)))},
            "network": {"layers": list(layers)},
        }
        for key, value in (_chosen(source, inputs, layers, keys) | keys).items():
            given.setdefault(TABLE_OF[key], {})[key] = value
        return cls.from_dict(given, source=source)

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Read a TOML file, or the example of that name, as the command `mgd` does.

        Raises
        ------
        InputError
            If it cannot be read, or naming the key that is wrong and what is allowed.
        """
        return super().load(files.config_path(str(path)))


def _check_keys(keys: Mapping[str, Any]) -> None:
    """Refuse keys that there are not, or that the arrays stand for."""
    for key in keys:
        if key in GIVEN:
            raise InputError(f"{key}: cannot be given, as x and y are the data")
        if key not in TABLE_OF:
            near = difflib.get_close_matches(key, TABLE_OF, 3)
            hint = f"; near are {', '.join(near)}" if near else ""
            raise InputError(f"{key}: unknown key{hint}; docs/config.md has them all")


def _chosen(
    source: Source, inputs: int, layers: Sequence[int], keys: Mapping[str, Any]
) -> dict[str, Any]:
    """Choose what is not given, by what the targets are and how many samples there are."""
    table = source.load(range(inputs, len(source.names)))
    missing = np.any([column.missing for column in table.columns], axis=0)
    present = [column.take(np.flatnonzero(~missing)) for column in table.columns]
    kind = Kind.AUTO
    if keys.get("kind") in [kind.value for kind in Kind]:  # else refused with the other keys
        kind = Kind(keys["kind"])
    kind = Targets.of(present, table.place, kind).kind
    test = keys.get("test", 0.0)
    part = 1 - test if isinstance(test, (int, float)) and 0 <= test < 1 else 1
    whole = [size for size in layers if isinstance(size, int) and size > 0]  # others are refused
    chosen = defaults(round(len(missing) * part), whole, kind)
    steps = keys.get("steps", chosen["steps"])
    if isinstance(steps, int):
        chosen["check_every"] = check_every(steps)
    return chosen
