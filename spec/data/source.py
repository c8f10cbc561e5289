"""Opening a file of the user's: what kind it is, and that it is a file at all."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

from spec.data.table import Source
from spec.errors import InputError

SUFFIXES = (".csv", ".tsv", ".txt", ".data", ".npz", ".npy", ".parquet")
"""Of files that can be read; the first four are text."""


def open_source(path: Path, key: str = "task.path") -> Source:
    """Open a file of samples: text, NPZ, NPY or Parquet, by its suffix.

    Only its beginning is read: enough to know the columns.

    Parameters
    ----------
    path : Path
    key : str
        Who named the file, for errors.

    Raises
    ------
    InputError
        If there is no such file, or it is not what its suffix says.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f"{key} = {str(path)!r}: must end in one of {', '.join(SUFFIXES)}")
    require_file(path, key)
    try:
        return _reader(suffix)(path)
    except OSError as error:
        raise InputError(f"{key} = {str(path)!r}: {error.strerror or error}") from None


def require_file(path: Path, key: str) -> None:
    """Raise an InputError unless there is a regular file, saying what is there instead."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):  # a NUL in the name
        raise InputError(f"{key} = {str(path)!r}: there is no such file") from None
    except OSError as error:
        raise InputError(f"{key} = {str(path)!r}: {error.strerror}") from None
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a pipe, socket or device"
        raise InputError(f"{key} = {str(path)!r}: is {kind}, not a file")


def _reader(suffix: str) -> Callable[[Path], Source]:
    if suffix in (".npz", ".npy"):
        from spec.data import arrays

        return arrays.npz_source if suffix == ".npz" else arrays.npy_source
    if suffix == ".parquet":
        from spec.data import parquet

        return parquet.parquet_source
    from spec.data import csv_file

    return csv_file.csv_source
