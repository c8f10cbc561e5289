"""Targets: classes or numbers, and the classes as numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from spec.data.table import Column, number, numbers_of, short
from spec.errors import InputError
from spec.tasks import Kind

MOST_CLASSES = 1024
"""As many outputs as a layer may have."""

MOST_WHOLE = 20
"""Different whole numbers in a column that are taken for classes by themselves."""


@dataclass(frozen=True)
class Targets:
    """What is to be learnt, and how it is written.

    Attributes
    ----------
    names : tuple of str
        Of the columns.
    kind : Kind
        Not `AUTO`.
    classes : tuple of str
        Their names, in the order of their numbers; none where targets are numbers.
    coded : bool
        Whether the columns are what the network is to give, as it is.
    """

    names: tuple[str, ...]
    kind: Kind
    classes: tuple[str, ...] = ()
    coded: bool = False

    @property
    def outputs(self) -> int:
        """Outputs that the network needs: one of two classes, one each of more, or of numbers."""
        if self.coded or self.kind is Kind.NUMBERS or len(self.names) > 1:
            return len(self.names)
        return 1 if len(self.classes) == 2 else len(self.classes)

    @classmethod
    def of(
        cls,
        columns: Sequence[Column],
        place: Callable[[int], str],
        kind: Kind = Kind.AUTO,
        *,
        coded: bool = False,
    ) -> Targets:
        """Find out what targets are.

        One column is of classes if it holds words; or two different numbers; or at most 20, all
        whole, of which each comes twice on average. Several columns are, if they hold 0 and
        a single 1 in each sample.

        Parameters
        ----------
        columns : sequence of Column
            Without missing values.
        place : callable
            Names a sample, for errors.
        kind : Kind
            What the user says.
        coded : bool

        Raises
        ------
        InputError
            If they are not what the user says, are all the same, or a mixture.
        """
        names = tuple(column.name for column in columns)
        if len(columns) == 1 and not coded:
            return _one(columns[0], place, kind)
        values = np.column_stack([numbers_of(column, place) for column in columns])
        binary = bool(((values == 0) | (values == 1)).all())
        hot = binary and (len(names) == 1 or bool((values.sum(axis=1) == 1).all()))
        if kind is Kind.NUMBERS or (kind is Kind.AUTO and not hot):
            return cls(names, Kind.NUMBERS, coded=coded)
        if not hot and not coded:
            raise InputError(
                "task.kind = 'classes': several targets must be 0, and a single 1 in each sample"
            )
        count = max(2, len(names))
        classes = tuple(map(str, range(count))) if coded else names
        return cls(names, Kind.CLASSES, classes, coded)

    def numbers(self, columns: Sequence[Column], place: Callable[[int], str]) -> np.ndarray:
        """Return the numbers of classes, shape (samples, 1), or numbers in the user's unit.

        Those of coded targets are as they are, of shape (samples, outputs).

        Raises
        ------
        InputError
            Naming a class that there is not, or a cell that is no number.
        """
        if self.kind is Kind.NUMBERS or self.coded or len(self.names) > 1:
            values = np.column_stack([numbers_of(column, place) for column in columns])
            if self.kind is Kind.NUMBERS or self.coded:
                return values
            return values.argmax(axis=1).astype(np.float64)[:, None]
        (column,) = columns
        place_of = {name: k for k, name in enumerate(self.classes)}
        found = np.empty((len(column.cells), 1))
        for k, cell in enumerate(column.cells):
            name = _name(cell)
            if name not in place_of:
                raise InputError(
                    f"{place(k)}, column {column.name}: there is no class {short(name)}; the "
                    f"classes are {listed(self.classes)}"
                )
            found[k] = place_of[name]
        return found

    def wanted(self, numbers: np.ndarray) -> np.ndarray:
        """Return what the outputs should be: classes one-hot, or 0 and 1 of one output.

        Parameters
        ----------
        numbers : array of float, shape (samples, columns)
            As of `numbers`; numbers are returned as they are.
        """
        if self.kind is Kind.NUMBERS or self.coded or self.outputs == 1:
            return numbers
        return np.eye(self.outputs)[numbers[:, 0].astype(np.int64)]


def _one(column: Column, place: Callable[[int], str], kind: Kind) -> Targets:
    """Find out what the only target is."""
    if kind is Kind.NUMBERS:
        values: np.ndarray = numbers_of(column, place)
        if len(values) and values.min() == values.max():
            raise InputError(f"target {column.name!r}: is {values[0]} always; nothing to learn")
        return Targets((column.name,), kind)
    if column.numeric and kind is Kind.AUTO and not _few(numbers_of(column, place)):
        return _one(column, place, Kind.NUMBERS)
    if not column.numeric:
        _refuse_mixture(column, place, kind)
    if column.numeric:
        classes = [_name(value) for value in np.unique(numbers_of(column, place))]
    else:
        classes = sorted({_name(cell) for cell in column.cells})
    if len(classes) < 2:
        has = f"one class only, {short(classes[0])}" if classes else "no class"
        raise InputError(f"target {column.name!r}: has {has}; at least two are needed")
    if len(classes) > MOST_CLASSES:
        raise InputError(
            f"target {column.name!r}: has {len(classes):,} classes, {listed(classes)}; at most "
            f"{MOST_CLASSES:,} can be told apart"
        )
    return Targets((column.name,), Kind.CLASSES, tuple(classes))


def _few(values: np.ndarray) -> bool:
    """Whether numbers look like those of classes."""
    found = np.unique(values)
    whole = bool((found == np.rint(found)).all())
    return len(found) <= 2 or (whole and len(found) <= min(MOST_WHOLE, len(values) // 2))


def _refuse_mixture(column: Column, place: Callable[[int], str], kind: Kind) -> None:
    """Refuse words among numbers with a fraction, and digits that are none of 0 to 9."""
    broken = any(
        (value := number(cell)) is not None and not value.is_integer() for cell in column.cells
    )
    for k, cell in enumerate(column.cells):
        where = f"{place(k)}, column {column.name}"
        if not cell.isascii() and any(letter.isdigit() for letter in cell) and _foreign(cell):
            raise InputError(f"{where}: {short(cell)} has other digits than 0 to 9")
        if broken and kind is Kind.AUTO and number(cell) is None:
            raise InputError(
                f"{where}: {short(cell)} is not a number, as others of the target are; correct it, "
                "or set task.kind = 'classes'"
            )


def _foreign(cell: str) -> bool:
    """Whether a cell is a number in digits of another script."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _name(cell: str | float) -> str:
    """Name a class: a word as it is, with single blanks; a number as short as can be."""
    if isinstance(cell, str):
        value = number(cell)
        return " ".join(cell.split()) if value is None else _name(value)
    return str(int(cell)) if float(cell).is_integer() and abs(cell) < 1e15 else repr(float(cell))


def listed(classes: Sequence[str]) -> str:
    """List classes, cut where they are many."""
    shown = ", ".join(short(name, 20) for name in classes[:6])
    return f"{shown}, … ({len(classes)} in all)" if len(classes) > 6 else shown
