"""Parquet as a table, by polars, which needs no other package to read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from spec.data.table import MOST_VALUES, Column, Source, Table, column_of_words
from spec.errors import InputError

Result = TypeVar("Result")


def parquet_source(path: Path) -> Source:
    """Open a Parquet file: columns of numbers, truth values, strings or categories."""
    import polars as pl  # only here: it takes a fifth of a second

    schema, rows = _tried(
        path,
        lambda: (
            pl.read_parquet_schema(path),
            pl.scan_parquet(path, glob=False).select(pl.len()).collect().item(),
        ),
    )
    names = [name for name in schema if not name.startswith("__index_level_")]  # pandas's index
    if rows * len(names) > MOST_VALUES:
        raise InputError(
            f"{path}: {rows:,} samples of {len(names):,} columns; at most {MOST_VALUES:,} values "
            "are read"
        )
    strings = (pl.String, pl.Categorical, pl.Enum)
    words = tuple(isinstance(schema[name], strings) for name in names)

    def load(columns: Sequence[int]) -> Table:
        chosen = [names[k] for k in columns]
        frame = _tried(path, lambda: pl.read_parquet(path, columns=chosen, glob=False))
        return Table(
            tuple(_column(path, frame[name]) for name in chosen),
            lambda sample: f"{path}, sample {sample}",
        )

    def _column(path: Path, series: pl.Series) -> Column:
        name, kind = series.name, series.dtype
        if isinstance(kind, strings):
            texts = ["" if text is None else text.strip() for text in series.cast(pl.String)]
            return column_of_words(name, texts)
        if not (kind.is_numeric() or kind == pl.Boolean):
            raise InputError(f"{path}: column {name!r} is of type {kind}; must be numbers or words")
        return Column(name, series.cast(pl.Float64).to_numpy().astype(np.float64))

    return Source(path, tuple(names), words, load)


def _tried(path: Path, read: Callable[[], Result]) -> Result:
    try:
        return read()
    except (InputError, OSError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of polars is no Exception
        raise InputError(f"{path}: not a Parquet file: {type(error).__name__}") from None
