"""NPZ and NPY as a table: their headers first, which say what unpacking would take."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

import numpy as np

from spec.data.table import MOST_VALUES, Column, Source, Table, column_of_words
from spec.errors import InputError

MOST_BYTES = 8 * MOST_VALUES
"""Of an array, unpacked."""

INPUTS = ("x", "x_train", "data")
"""Names of an NPZ's inputs, in lower case."""

TARGETS = ("t", "y", "y_train", "target", "targets", "label", "labels")

ALLOWED = "an NPZ needs x or x_train (samples, values), and y, y_train or t"

_Array = Callable[[], np.ndarray]


class _Header:
    """What an array's header says."""

    def __init__(self, file: IO[bytes], name: str, path: Path) -> None:
        version = np.lib.format.read_magic(file)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if read is None:
            raise InputError(f"{path}: array {name} is of NPY version {version}; 1 and 2 are read")
        self.shape, _, self.dtype = read(file)
        self.name, self.path = name, path
        size = self.dtype.itemsize * math.prod(self.shape)
        if self.dtype.hasobject:
            raise InputError(
                f"{path}: array {name} holds Python objects; save plain numbers or strings instead"
            )
        if size > MOST_BYTES or math.prod(self.shape) > MOST_VALUES:
            raise InputError(
                f"{path}: array {name} of shape {self.shape} and {size >> 20:,} MiB; at most "
                f"{MOST_VALUES:,} values and {MOST_BYTES >> 20:,} MiB are read"
            )

    @property
    def words(self) -> bool:
        return self.dtype.kind == "U"

    def columns(self, stem: str, *, single: bool = False) -> list[str]:
        """Name the columns of the array; of one dimension, where that may be, it has one."""
        shape = self.shape if len(self.shape) > 1 or not single else (*self.shape, 1)
        width = math.prod(shape[1:])
        if len(shape) < 2 or width == 0 or self.dtype.kind not in "biufU":
            raise InputError(
                f"{self.path}: array {self.name} has shape {self.shape} and type {self.dtype}; it "
                "must be numbers of shape (samples, values), with at least one value"
            )
        return [stem] if single and len(self.shape) == 1 else [f"{stem}{k}" for k in range(width)]


def npy_source(path: Path) -> Source:
    """Open an NPY: an array of shape (samples, columns), whose columns are known by numbers.

    A structured array has columns of its fields' names.
    """
    try:
        with path.open("rb") as file:
            header = _Header(file, "in it", path)
    except (InputError, OSError):
        raise
    except Exception:  # NumPy raises all sorts on a broken file
        raise InputError(f"{path}: not an NPY file with a plain array") from None

    def array() -> np.ndarray:
        return _loaded(lambda: np.load(path, allow_pickle=False), path, "in it")

    if header.dtype.names:
        return _structured(header, array)
    names = header.columns("")

    def load(columns: Sequence[int]) -> Table:
        return _table(path, array(), [(names[k], k) for k in columns])

    return Source(path, tuple(names), (header.words,) * len(names), load, named=False)


def _structured(header: _Header, array: _Array) -> Source:
    path, dtype = header.path, header.dtype
    names = dtype.names or ()
    for name in names:
        field = dtype[name]
        if field.shape or field.kind not in "biufU" or len(header.shape) != 1:
            raise InputError(
                f"{path}: field {name!r} is {field}; fields must be numbers or strings"
            )

    def load(columns: Sequence[int]) -> Table:
        found = array()
        made = tuple(_column(names[k], found[names[k]]) for k in columns)
        return Table(made, lambda sample: f"{path}, sample {sample}")

    return Source(path, tuple(names), tuple(dtype[n].kind == "U" for n in names), load)


def npz_source(path: Path) -> Source:
    """Open an NPZ with inputs x, X, x_train or data and targets y, Y, y_train, target or t.

    Inputs of more than two dimensions, as images, are flattened: columns x0, x1, …. Targets of
    shape (samples,) are a column y, others columns y0, y1, …; those of an array t are t0, t1, …,
    and count as numbers that the network is to give. An NPZ of one array, of another name, is as an
    NPY. Arrays x_test and y_test are kept for the test.
    """
    try:
        headers = _headers(path)
    except (InputError, OSError):
        raise
    except Exception:  # zipfile, zlib and NumPy raise all sorts on a broken file
        raise InputError(f"{path}: not an NPZ file with plain number arrays") from None
    lower: dict[str, str] = {}
    for name in headers:
        if name.lower() in lower:
            raise InputError(f"{path}: arrays {lower[name.lower()]} and {name}; only one may be")
        lower[name.lower()] = name
    x, y = _only(path, INPUTS, lower), _only(path, TARGETS, lower)
    if x is None and y is None and len(headers) == 1:
        (name,) = headers
        names = headers[name].columns("")

        def load(columns: Sequence[int]) -> Table:
            return _table(path, _member(path, name), [(names[k], k) for k in columns])

        return Source(path, tuple(names), (headers[name].words,) * len(names), load, named=False)
    if x is None:
        raise InputError(f"{path}: no array 'x'; {ALLOWED}")
    source = _pair(path, headers[x], headers[y] if y else None)
    test = lower.get("x_test"), lower.get("y_test")
    if None in test or y is None:
        return source
    kept = _pair(path, headers[str(test[0])], headers[str(test[1])])
    if len(kept.names) != len(source.names):
        raise InputError(f"{path}: x_train and x_test, or the y, differ in their columns")
    # Either may be an array of one dimension, or be called t.
    return replace(source, test=replace(kept, names=source.names))


def _headers(path: Path) -> dict[str, _Header]:
    """Read the headers of the arrays that have a meaning here, or of the only one there is."""
    found = {}
    with zipfile.ZipFile(path) as archive:
        members = archive.namelist()
        for member in members:
            name = member.removesuffix(".npy")
            if name.lower() in (*INPUTS, *TARGETS, "x_test", "y_test") or len(members) == 1:
                with archive.open(member) as file:
                    found[name] = _Header(file, name, path)
    return found


def _only(path: Path, names: Sequence[str], lower: dict[str, str]) -> str | None:
    found = [lower[name] for name in names if name in lower]
    if len(found) > 1:
        raise InputError(f"{path}: arrays {found[0]} and {found[1]}; only one may be")
    return found[0] if found else None


def _pair(path: Path, x: _Header, y: _Header | None) -> Source:
    """Make the table of an array of inputs, and of one of targets beside it."""
    names = x.columns("x")
    width, words = len(names), [x.words] * len(names)
    if y is not None:
        targets = y.columns("t" if y.name == "t" else "y", single=True)
        names += ["t0"] if targets == ["t"] else targets
        words += [y.words] * (len(names) - width)
        if x.shape[0] != y.shape[0]:
            raise InputError(
                f"{path}: {x.name} has {x.shape[0]} samples, {y.name} has {y.shape[0]}; they must "
                "be as many"
            )

    def load(columns: Sequence[int]) -> Table:
        chosen = [(names[k], k) for k in columns if k < width]
        tables = [_table(path, _member(path, x.name), chosen)]
        if y is not None and any(k >= width for k in columns):
            rest = [(names[k], k - width) for k in columns if k >= width]
            tables.append(_table(path, _member(path, y.name), rest))
        named = {column.name: column for table in tables for column in table.columns}
        return Table(tuple(named[names[k]] for k in columns), tables[0].place)

    return Source(path, tuple(names), tuple(words), load, named=False)


def _member(path: Path, name: str) -> np.ndarray:
    def read() -> np.ndarray:
        with np.load(path, allow_pickle=False) as arrays:
            return arrays[name]

    return _loaded(read, path, name)


def _loaded(read: _Array, path: Path, name: str) -> np.ndarray:
    try:
        return np.asarray(read())
    except Exception:  # zipfile, zlib and NumPy raise all sorts on a broken file
        raise InputError(f"{path}: array {name} is damaged") from None


def _table(path: Path, array: np.ndarray, columns: Sequence[tuple[str, int]]) -> Table:
    flat = array.reshape(len(array), math.prod(array.shape[1:]))
    made = tuple(_column(name, flat[:, k]) for name, k in columns)
    return Table(made, lambda sample: f"{path}, sample {sample}")


def _column(name: str, cells: np.ndarray) -> Column:
    if cells.dtype.kind == "U":
        return column_of_words(name, [str(cell).strip() for cell in cells])
    return Column(name, cells.astype(np.float64))
