"""What is in a file of samples: its columns, and what each is good for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from spec.activation import Activation
from spec.config import NetworkShape, Task
from spec.data import own
from spec.data.choice import Names, choose
from spec.data.coding import Coding
from spec.data.own import OwnData
from spec.data.source import open_source
from spec.data.table import Column, Source
from spec.errors import InputError
from spec.tasks import Inputs, Kind, Missing, Scale

FEWEST_TO_TEST = 30
"""Samples from which on a part is kept for the test."""

TEST = 0.2
"""That part."""

MOST_MISSING = 0.5
"""Part of a column's values that may be missing; with more it is left out."""

MOST_NEURONS: int = NetworkShape.__dataclass_fields__["layers"].metadata["high"]
"""Of a layer, and inputs."""

_FRACTION_BITS = 10


@dataclass(frozen=True)
class Field:
    """A column of the file.

    Attributes
    ----------
    column : Column
    number : int
        In the file, from 0.
    target : bool
        Whether it is to be learnt.
    unfit : str
        Why it cannot be an input or is left out; "" otherwise.
    """

    column: Column
    number: int
    target: bool
    unfit: str = ""

    @property
    def missing(self) -> int:
        """Cells without a value."""
        return int(self.column.missing.sum())

    @property
    def values(self) -> str:
        """What is in it: from where to where, or how many words."""
        cells = self.column.cells[~self.column.missing]
        if not len(cells):
            return "nothing"
        if self.column.numeric:
            return f"{cells.min():g} to {cells.max():g}"
        return f"{len(set(cells)):,} words"


@dataclass(frozen=True)
class Survey:
    """What was found in a file.

    Attributes
    ----------
    path : Path
    fields : tuple of Field
    task : Task
        That reads it; its path starts at the current folder.
    data : OwnData
        What comes of it, by outputs of a range that any numbers fit.
    """

    path: Path
    fields: tuple[Field, ...]
    task: Task
    data: OwnData

    @property
    def inputs(self) -> int:
        """How many inputs there are."""
        return len(self.data.preparation.inputs)

    @property
    def outputs(self) -> int:
        """How many outputs a network needs."""
        return self.data.preparation.targets.outputs

    @property
    def classes(self) -> bool:
        """Whether classes are to be learnt, not numbers."""
        return self.data.preparation.targets.kind is Kind.CLASSES

    @property
    def samples(self) -> int:
        """How many there are for training."""
        return len(self.data.train.data)

    @property
    def target_range(self) -> tuple[float, float]:
        """Least and greatest target, as the network is to give it."""
        data = self.data.train.data
        t = np.array(data.t) / 2**data.fraction_bits
        return float(t.min()), float(t.max())


def survey(path: Path, target: Names = (), kind: Kind = Kind.AUTO) -> Survey:
    """Look at a file.

    Columns of words, those that lack most of their values, and those that only count the samples
    are no inputs.

    Parameters
    ----------
    path : Path
    target : sequence of str or int
        What is to be learnt; found by itself if there is none.
    kind : Kind
        What the target is.

    Raises
    ------
    InputError
        Naming what is wrong with the file, or that a target must be named.
    """
    source = open_source(path, "DATA")
    choice = choose(source, target, (), "--target")
    columns = choice.inputs + choice.targets
    loaded = source.load(columns).columns
    first = choice.inputs[0]
    fields = [
        Field(column, k, k in choice.targets, "" if k in choice.targets else _unfit(column))
        for k, column in zip(columns, loaded, strict=True)
    ]
    used = [one for one in fields if not one.target and not one.unfit]
    if not used:
        raise InputError(f"{path}: no column can be an input; at least one of numbers is needed")
    if len(used) > MOST_NEURONS:
        raise InputError(
            f"{path}: has {len(used):,} inputs; a network has {MOST_NEURONS:,} at most"
        )
    if len(used) > 1 and used[0].number == first and own.counts(used[0].column.cells):
        used.pop(0)
        fields[0] = replace(fields[0], unfit="counts the samples")
    incomplete = np.any([one.column.missing for one in fields if not one.unfit], axis=0)
    whole = len(incomplete) - int(incomplete.sum())
    task = Task(
        name="file",
        path=str(path),
        inputs=Inputs.FIXED,
        target=tuple(target),
        columns=_named(source, used) if len(used) < len(choice.inputs) else (),
        kind=kind,
        scale=Scale.AUTO,
        missing=Missing.DROP if incomplete.any() else Missing.REFUSE,
        test=TEST if source.test is None and whole >= FEWEST_TO_TEST else 0.0,
    )
    data = own.prepare(task, Path(), Coding(task.inputs, Activation.IDENTITY, _FRACTION_BITS), None)
    return Survey(path, tuple(sorted(fields, key=lambda one: one.number)), task, data)


def _unfit(column: Column) -> str:
    """Say why a column can be no input."""
    missing = column.missing
    if missing.mean() > MOST_MISSING:
        return "lacks most of its values"
    return "" if column.numeric else "words"


def _named(source: Source, fields: list[Field]) -> tuple[str | int, ...]:
    """Name columns as a config does: by name, or by number where the file has no names."""
    if source.named:
        return tuple(source.names[one.number] for one in fields)
    return tuple(one.number for one in fields)
