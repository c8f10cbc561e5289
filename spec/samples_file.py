"""Samples in files of the user: CSV and NPZ, as rows of numbers."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from spec.errors import InputError

Rows = Sequence[tuple[str, Sequence[float], Sequence[float]]]
"""What a source yields: (a name for errors, inputs, targets) for each sample."""


def _number(text: str, where: str) -> float:
    if not text.strip():
        raise InputError(f"{where}: the value is missing; every cell needs a number")
    try:
        if "_" in text:  # Python's digit separator is a typing error in a data file
            raise ValueError
        return float(text)
    except ValueError:
        raise InputError(f"{where}: {text!r} is not a number") from None


def _columns(header: list[str], path: Path, targets: bool) -> tuple[list[int], list[int]]:
    """Find the columns x0, x1, … and t0, t1, … in any order; t only if needed or there."""
    names = [name.strip() for name in header]
    found: list[list[int]] = []
    for letter in "xt":
        wanted = [f"{letter}{k}" for k in range(sum(n.startswith(letter) for n in names))]
        missing = [name for name in wanted if name not in names]
        if missing or (not wanted and (targets or letter == "x")):
            may = "" if targets else ", and may name the columns "
            raise InputError(
                f"{path}: the header has no column {(missing or [f'{letter}0'])[0]!r}; it must "
                f"name the columns x0, x1, … (inputs){may or ' and '}t0, t1, … (targets)"
            )
        found.append([names.index(name) for name in wanted])
    extra = [name for name in names if not name.startswith(("x", "t"))]
    if extra:
        raise InputError(
            f"{path}: unknown column {extra[0]!r}; allowed are x0, x1, … and t0, t1, …"
        )
    return found[0], found[1]


def csv_rows(path: Path, targets: bool = True) -> Rows:
    """Read a CSV with a header row and columns named x0… and t0…; see `file_rows`."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = list(csv.reader(file))
    except UnicodeDecodeError:
        raise InputError(f"{path}: not a text file in UTF-8") from None
    except csv.Error as error:
        raise InputError(f"{path}: malformed CSV: {error}") from None
    if not lines:
        raise InputError(f"{path}: the file is empty; a header row and samples are needed")
    xs, ts = _columns(lines[0], path, targets)
    rows = []
    for count, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        if len(line) != len(lines[0]):
            raise InputError(
                f"{path}, line {count}: {len(line)} values, the header names {len(lines[0])}"
            )
        names = [f"{path}, line {count}, column {name.strip()}" for name in lines[0]]
        values = [_number(text, name) for text, name in zip(line, names, strict=True)]
        rows.append((f"{path}, line {count}", [values[k] for k in xs], [values[k] for k in ts]))
    return rows


def npz_rows(path: Path, targets: bool = True) -> Rows:
    """Read an NPZ with the arrays x or X (samples, inputs) and t (samples, outputs)."""
    import numpy as np  # only here: everything else in spec/ is plain Python

    try:
        with np.load(path, allow_pickle=False) as arrays:
            names = {"X": "x", "x": "x", "t": "t"}
            if {"x", "X"} <= set(arrays.files):
                raise InputError(f"{path}: inputs are x or X; an NPZ must not have both")
            found = {names[k]: np.asarray(arrays[k]) for k in arrays.files if k in names}
    except (InputError, PermissionError):
        raise
    except Exception:  # zipfile, zlib and NumPy raise all sorts on a broken file
        raise InputError(f"{path}: not an NPZ file with plain number arrays x and t") from None
    needed = {"x", "t"} if targets else {"x"}
    if missing := needed - set(found):
        wanted = "x and t" if targets else "x, and may have t"
        raise InputError(f"{path}: no array {min(missing)!r}; an NPZ needs {wanted}")
    for name, array in sorted(found.items(), reverse=True):
        if array.ndim != 2 or array.shape[1] == 0 or array.dtype.kind not in "biuf":
            raise InputError(
                f"{path}: array {name} has shape {array.shape} and type {array.dtype}; it must be "
                "numbers of shape (samples, values), with at least one value"
            )
    x = found["x"]
    t = found.get("t", np.zeros((len(x), 0)))
    if len(x) != len(t):
        raise InputError(f"{path}: x has {len(x)} samples, t has {len(t)}; they must be as many")
    return [
        (f"{path}, sample {k}", list(map(float, x[k])), list(map(float, t[k])))
        for k in range(len(x))
    ]


def file_rows(path: Path, key: str = "task.path", *, targets: bool = True) -> Rows:
    """Read the user's own data, as CSV or NPZ by its suffix.

    Parameters
    ----------
    path : Path
    key : str
        Who named the file, for errors.
    targets : bool
        Whether samples must have targets; otherwise a file may have none.
    """
    readers = {".csv": csv_rows, ".npz": npz_rows}
    if path.suffix.lower() not in readers:
        raise InputError(f"{key} = {str(path)!r}: must end in .csv or .npz")
    try:
        if not path.is_file():
            raise InputError(f"{key} = {str(path)!r}: there is no such file")
        return readers[path.suffix.lower()](path, targets)
    except OSError as error:
        raise InputError(f"{key} = {str(path)!r}: {error.strerror}") from None
