"""Arrays and data frames of a program as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from spec.data.table import MOST_VALUES, Column, Source, Table, column_of_words
from spec.errors import InputError

NAME = Path("the arrays")
"""Who is named in errors in place of a file."""


def array_source(
    x: Any, y: Any = None, inputs: Sequence[str] = (), targets: Sequence[str] = ()
) -> tuple[Source, int]:
    """Make a table of inputs, and of targets behind them.

    Parameters
    ----------
    x : array-like, shape (samples, inputs)
        Numbers; more dimensions, as of images, are flattened. A data frame keeps the names of its
        columns, others are x0, x1, ….
    y : array-like, shape (samples,) or (samples, targets), optional
        Numbers or words: a column y, or y0, y1, …, unless they have names.
    inputs, targets : sequence of str
        Names of columns that have none; then there must be as many.

    Returns
    -------
    source : Source
    count : int
        How many of its columns are inputs.

    Raises
    ------
    InputError
        If an array has no such shape or type, or they are not equally long.
    """
    columns = _columns(x, "x", inputs, single=False)
    count = len(columns)
    if y is not None:
        wanted = _columns(y, "y", targets, single=True)
        if len(wanted[0].cells) != len(columns[0].cells):
            raise InputError(
                f"x has {len(columns[0].cells):,} samples, y has {len(wanted[0].cells):,}; they "
                "must be as many"
            )
        columns += wanted
    words = tuple(not column.numeric for column in columns)

    def load(chosen: Sequence[int]) -> Table:
        return Table(tuple(columns[k] for k in chosen), lambda sample: f"sample {sample}")

    named = hasattr(x, "columns")
    names = tuple(column.name for column in columns)
    return Source(NAME, names, words, load, named=named), count


def _columns(given: Any, stem: str, names: Sequence[str], *, single: bool) -> list[Column]:
    """Part an array, or a data frame, into columns."""
    own = getattr(given, "columns", None)  # of a data frame
    try:
        array = np.asarray(given)
    except ValueError as error:  # rows that are not equally long
        raise InputError(f"{stem}: is no array: {error}") from None
    alone = single and array.ndim == 1
    shape = (*array.shape, 1) if alone else array.shape
    width = math.prod(shape[1:])
    if len(shape) < 2 or not array.size or array.dtype.kind not in "biufUO":
        wanted = "numbers or words of shape (samples,)" if single else "numbers of shape"
        raise InputError(
            f"{stem}: has shape {array.shape} and type {array.dtype}; must be {wanted}"
            f"{' or' if single else ''} (samples, values), with at least one value"
        )
    if array.size > MOST_VALUES:
        raise InputError(f"{stem}: has {array.size:,} values; at most {MOST_VALUES:,} are read")
    flat = array.reshape(len(array), width)
    if own is not None and len(own) == width:
        names = list(map(str, own))
    elif names and len(names) != width:
        raise InputError(
            f"{stem}: has {width:,} values a sample; must have {len(names):,}, as in training"
        )
    elif not names:
        name = getattr(given, "name", None)  # of a series
        names = [str(name or stem)] if alone else [f"{stem}{k}" for k in range(width)]
    return [_column(name, flat[:, k]) for k, name in enumerate(names)]


def _column(name: str, cells: np.ndarray) -> Column:
    if cells.dtype.kind in "biuf":
        return Column(name, cells.astype(np.float64))
    # Of a number among them, what Python writes of it is the number again.
    return column_of_words(name, ["" if cell is None else str(cell).strip() for cell in cells])
