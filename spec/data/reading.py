"""The chosen columns of a file, read: samples as they are there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from spec.data.choice import Choice
from spec.data.table import Column, Source, numbers_of
from spec.errors import InputError
from spec.tasks import Missing

_MANY = 4
"""Samples from which on an input that counts them is suspicious."""


@dataclass(frozen=True)
class Raw:
    """Samples as they are in a file.

    Attributes
    ----------
    x : array of float, shape (samples, inputs)
    targets : tuple of Column
    place : callable
        Names a sample, by its index, for errors.
    notes : tuple of str
        What the user should know of how they were read, a line each.
    """

    x: np.ndarray
    targets: tuple[Column, ...]
    place: Callable[[int], str]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.x)

    def take(self, chosen: np.ndarray) -> Raw:
        """Return some of the samples, without the notes, which are of all."""
        targets = tuple(column.take(chosen) for column in self.targets)
        place = self.place
        return Raw(self.x[chosen], targets, lambda k: place(int(chosen[k])))


def read(source: Source, choice: Choice, missing: Missing) -> Raw:
    """Read the chosen columns; samples with a missing value are refused, or left out.

    Raises
    ------
    InputError
        Naming the first cell that lacks its value or holds no number, or if no sample is left.
    """
    table = source.load(choice.inputs + choice.targets)
    place, count = table.place, len(choice.inputs)
    gaps = np.column_stack([column.missing for column in table.columns])
    incomplete = gaps.any(axis=1)
    if missing is Missing.REFUSE and incomplete.any():
        k, column = np.argwhere(gaps)[0]
        raise InputError(
            f"{place(int(k))}, column {table.columns[column].name}: the value is missing; every "
            "cell needs one, or task.missing = 'drop' leaves such samples out"
        )
    whole = np.flatnonzero(~incomplete)
    if not len(whole):
        lack = "that lack no value" if len(gaps) else "at all"
        raise InputError(f"{source.path}: there are no samples {lack}; at least one is needed")
    columns = [column.take(whole) for column in table.columns]

    def where(k: int) -> str:
        return place(int(whole[k]))

    hint = "; inputs must be numbers: task.columns can leave others out"
    x = np.column_stack([numbers_of(column, where, hint) for column in columns[:count]])
    left = f"{incomplete.sum():,} of {len(gaps):,} samples have missing values, and are left out"
    return Raw(x, tuple(columns[count:]), where, (left,) if incomplete.any() else ())


def counts(column: np.ndarray) -> bool:
    """Whether an input only counts the samples, from 0 or 1."""
    return len(column) >= _MANY and any(
        bool((column == np.arange(len(column)) + start).all()) for start in (0, 1)
    )
