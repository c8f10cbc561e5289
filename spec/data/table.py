"""A table: columns of numbers or of words, before anything is made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from spec.errors import InputError

MISSING = frozenset({"", "?", "na", "n/a", "nan", "null"})
"""What stands in a cell for no value, in lower case."""


MOST_VALUES = 1 << 27
"""Of a file, in all columns: 1 GiB as float64."""

LARGEST = 1e100
"""Magnitude of a number; the square of a larger one may be infinite."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    name : str
    cells : array, shape (samples,)
        Of float64, NaN where the value is missing; or, if any cell is no number, of objects: the
        words, None where they are missing.
    """

    name: str
    cells: np.ndarray

    @property
    def numeric(self) -> bool:
        """Whether all cells are numbers, or missing."""
        return self.cells.dtype.kind == "f"

    @property
    def missing(self) -> np.ndarray:
        """Whether each cell has no value."""
        if self.numeric:
            return np.isnan(self.cells)
        return np.array([cell is None for cell in self.cells], dtype=bool)

    def take(self, chosen: np.ndarray) -> Column:
        """Return some of the cells, by their indices; without its words a column is of numbers."""
        cells = self.cells[chosen]
        if self.numeric:
            return Column(self.name, cells)
        return column_of_words(self.name, ["" if cell is None else cell for cell in cells])


@dataclass(frozen=True)
class Table:
    """Columns of the same length.

    Attributes
    ----------
    columns : tuple of Column
    place : callable
        Names a sample, by its index, for errors.
    """

    columns: tuple[Column, ...]
    place: Callable[[int], str]


@dataclass(frozen=True)
class Source:
    """A file of which only the beginning is known: its columns, but not yet what is in them.

    Attributes
    ----------
    path : Path
    names : tuple of str
        Of the columns; without a header, their numbers from 0.
    words : tuple of bool
        Whether a column holds words, by its beginning.
    load : callable
        Reads the columns of the given numbers.
    named : bool
        Whether the names are the file's own.
    notes : tuple of str
        What the user should know of how it was read, a line each.
    test : Source or None
        Samples that the file keeps for the test.
    """

    path: Path
    names: tuple[str, ...]
    words: tuple[bool, ...]
    load: Callable[[Sequence[int]], Table]
    named: bool = True
    notes: tuple[str, ...] = ()
    test: Source | None = field(default=None, repr=False)


def number(text: str) -> float | None:
    """Read a number as files have it, with a decimal point; None if it is none.

    Only ASCII digits, and no `_` between them, which Python would take. `inf` is a number, though
    not one that is allowed.
    """
    if not text.isascii() or "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        return None


def is_missing(text: str) -> bool:
    """Whether a cell says that it has no value."""
    return text.lower() in MISSING


def column_of_words(name: str, texts: Sequence[str]) -> Column:
    """Make a column of what is written in its cells, without blanks around: numbers if all are."""
    numbers = np.full(len(texts), np.nan)
    for k, text in enumerate(texts):
        value = number(text)
        if value is None and not is_missing(text):
            words = [None if is_missing(word) else word for word in texts]
            return Column(name, np.array(words, dtype=object))
        numbers[k] = np.nan if value is None else value
    return Column(name, numbers)


def numbers_of(column: Column, place: Callable[[int], str], hint: str = "") -> np.ndarray:
    """Return the cells of a column that must hold numbers, NaN where they are missing.

    Parameters
    ----------
    column : Column
    place : callable
        Names a sample, for errors.
    hint : str
        What else may be done, at the end of an error.

    Raises
    ------
    InputError
        Naming the first cell that is no number, or too large.
    """
    if not column.numeric:
        for k, cell in enumerate(column.cells):
            if cell is not None and number(cell) is None:
                raise InputError(
                    f"{place(k)}, column {column.name}: {short(cell)} is not a number{hint}"
                )
    large = np.flatnonzero(np.abs(column.cells) > np.float64(LARGEST))
    if large.size:
        where = f"{place(int(large[0]))}, column {column.name}"
        raise InputError(
            f"{where}: {column.cells[large[0]]} is not a number from -{LARGEST:g} to {LARGEST:g}"
        )
    return column.cells


def short(text: str, most: int = 40) -> str:
    """Quote a text for an error, cut where it is long."""
    return repr(text if len(text) <= most else text[: most - 1] + "…")
