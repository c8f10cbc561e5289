"""A configuration whose samples are arrays."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from host import files, rules
from spec import config as tables
from spec import derive
from spec.activation import Activation
from spec.data.in_memory import array_source
from spec.data.labels import Targets
from spec.data.table import Source
from spec.errors import InputError
from spec.keys import AUTO
from spec.numbers import Format
from spec.tasks import Kind

TABLE_OF = {
    field.name: name for name, table in tables.TABLES.items() for field in dataclasses.fields(table)
}
"""Table of each key; no two have the same."""

OUTPUTS = {Kind.NUMBERS: Activation.TANH, Kind.CLASSES: Activation.PLAN}
"""Activation of the last layer, by what the targets are."""

PART = 10
"""Steps are such a part of what `mgd new` takes: who calls a function waits for it."""

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
            "auto", and the rest is as `mgd new` has it (`host.rules`), but for a tenth of the
            steps. With an η of your own, η does not fall.

        Raises
        ------
        InputError
            Naming what is wrong with an array or a key, and what is allowed.
        """
        _check_keys(keys)
        keys = {key: value for key, value in keys.items() if (key, value) != ("eta", AUTO)}
        source, inputs = array_source(x, y)
        targets = list(range(inputs, len(source.names)))
        sizes = [size for size in layers if type(size) is int and size > 0]  # others are refused
        output = OUTPUTS[_kind(source, targets, keys)]
        given = _merged(
            {"task": {"name": "file", "target": targets, "inputs": "fixed", "scale": "auto"}},
            _rule(keys, sizes or [1], output, 1),
            {"network": {"layers": list(layers)}},
            _by_table(keys),
        )
        config = cls.from_dict(given, source=source)
        return config.with_tables(_merged(_settled(config, keys), _by_table(keys)))

    @classmethod
    def load(cls, path: Path | str, data: Path | None = None) -> Self:
        """Read a TOML file, or the example of that name, as the command `mgd` does.

        Parameters
        ----------
        path : Path or str
        data : Path, optional
            Where the samples are, in place of its task.path; relative to the current folder.

        Raises
        ------
        InputError
            If it cannot be read, or naming the key that is wrong and what is allowed.
        """
        return super().load(files.config_path(str(path)), data)


def _check_keys(keys: Mapping[str, Any]) -> None:
    """Refuse keys that there are not, or that the arrays stand for."""
    for key in keys:
        if key in GIVEN:
            raise InputError(f"{key}: cannot be given, as x and y are the data")
        if key not in TABLE_OF:
            near = difflib.get_close_matches(key, TABLE_OF, 3)
            hint = f"; near are {', '.join(near)}" if near else ""
            raise InputError(f"{key}: unknown key{hint}; docs/config.md has them all")


def _by_table(keys: Mapping[str, Any]) -> rules.Tables:
    found: rules.Tables = {}
    for key, value in keys.items():
        found.setdefault(TABLE_OF[key], {})[key] = value
    return found


def _merged(*given: rules.Tables) -> rules.Tables:
    """Put tables together; later ones win."""
    names = dict.fromkeys(name for tables in given for name in tables)
    return {
        name: {key: value for tables in given for key, value in tables.get(name, {}).items()}
        for name in names
    }


def _kind(source: Source, targets: Sequence[int], keys: Mapping[str, Any]) -> Kind:
    """Look what the targets are."""
    table = source.load(targets)
    missing = np.any([column.missing for column in table.columns], axis=0)
    present = [column.take(np.flatnonzero(~missing)) for column in table.columns]
    kind = Kind.AUTO
    if keys.get("kind") in [kind.value for kind in Kind]:  # else refused with the other keys
        kind = Kind(keys["kind"])
    return Targets.of(present, table.place, kind).kind


def _rule(keys: Mapping[str, Any], *words: Any) -> rules.Tables:
    """Return what `rules.rule` does, as far as formats of the user's hold it."""
    found = rules.rule(*words)
    formats = found["formats"]
    try:
        theta = Format.parse(keys.get("theta", formats["theta"]), "theta")
    except (InputError, TypeError):  # refused with the other keys
        return found
    formats["weight_bits"] = min(formats["weight_bits"], theta.bits)
    weight_bits = keys.get("weight_bits", formats["weight_bits"])
    if isinstance(weight_bits, int):
        found["training"]["amplitude"] = max(rules.AMPLITUDE, theta.integer_bits - weight_bits)
    return found


def _settled(config: Config, keys: Mapping[str, Any]) -> rules.Tables:
    """Choose what depends on the samples: steps, η and what follows from it."""
    layers, output = config.network.sizes, config.network.output
    steps = config.training.steps
    if "steps" not in keys:
        steps = rules.steps_for(layers, len(config.data), PART)
    if "eta" in keys or "schedule" in keys:
        return _rule(keys, layers, output, steps)

    def make(bits: int) -> Config:
        found = _rule(keys, layers, output, steps, bits)
        return config.with_tables(_merged(found, _by_table(keys)))

    bits, eta = rules.settle(make)
    found = _rule(keys, layers, output, steps, bits, eta)
    lowest = derive.eta_of_shift(make(bits), 15)  # with formats of the user's
    schedule = found["training"]["schedule"]
    found["training"]["schedule"] = [each for each in schedule if each["eta"] >= lowest]
    return found
