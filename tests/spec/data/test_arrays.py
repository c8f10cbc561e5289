"""NPZ, NPY and Parquet: read right, or refused in one line, before anything large is unpacked."""

from __future__ import annotations

import io
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import polars as pl
import pytest
from hypothesis import given

from spec.config import Config
from spec.errors import InputError
from tests.spec.data.conftest import Row, table

Own = Callable[..., Config]
Refusal = Callable[..., str]

X = np.array([[1.0, -1.0], [0.5, 0.25]])
T = np.array([[1.0], [0.0]])
WORDS = np.array(["red", "blue"])
XY: list[Row] = [[1.0, -1.0, 1.0], [0.5, 0.25, 0.0]]
NAMED: list[Row] = [[1.0, -1.0, "red"], [0.5, 0.25, "blue"]]
FIELDS = np.array([(1.0, "red"), (2.0, "blue")], dtype=[("a", "f4"), ("b", "U5")])

READ: dict[str, tuple[dict[str, Any], list[str], list[Row]]] = {
    "x and t": ({"x": X, "t": T}, ["x0", "x1", "t0"], XY),
    "X and t": ({"X": X, "t": T}, ["x0", "x1", "t0"], XY),
    "t of one dimension": ({"x": X, "t": T[:, 0]}, ["x0", "x1", "t0"], XY),
    "t of several": ({"x": X, "t": X}, ["x0", "x1", "t0", "t1"], [[*r, *r] for r in X.tolist()]),
    "X and y of one dimension": ({"X": X, "y": T[:, 0]}, ["x0", "x1", "y"], XY),
    "X and y of two": ({"X": X, "y": T}, ["x0", "x1", "y0"], XY),
    "y of words": ({"X": X, "y": WORDS}, ["x0", "x1", "y"], NAMED),
    "y of truth values": ({"X": X, "y": T[:, 0] == 1}, ["x0", "x1", "y"], XY),
    "scikit-learn's names": ({"data": X, "target": T[:, 0]}, ["x0", "x1", "y"], XY),
    "Keras's names": (
        {"x_train": X, "y_train": T[:, 0], "x_test": X, "y_test": T[:, 0]},
        ["x0", "x1", "y"],
        XY,
    ),
    "other arrays beside": ({"x": X, "y": T[:, 0], "about": WORDS}, ["x0", "x1", "y"], XY),
    "objects beside": ({"x": X, "y": T[:, 0], "o": X.astype(object)}, ["x0", "x1", "y"], XY),
    "images": (
        {"X": X.reshape(1, 2, 2), "y": T[:1, 0]},
        ["x0", "x1", "x2", "x3", "y"],
        [[1.0, -1.0, 0.5, 0.25, 1.0]],
    ),
    "a single array": ({"arr_0": X}, ["0", "1"], X.tolist()),
    "in Fortran's order": ({"x": np.asfortranarray(X), "t": T}, ["x0", "x1", "t0"], XY),
    "big-endian": ({"x": X.astype(">f4"), "t": T.astype(">i2")}, ["x0", "x1", "t0"], XY),
    "NaN": ({"x": X * [np.nan, 1], "t": T}, ["x0", "x1", "t0"], [[None, *r[1:]] for r in XY]),
    **{
        f"{np.dtype(dtype)}": (
            {"x": np.array([[1, 0]], dtype), "t": np.array([[1]], dtype)},
            ["x0", "x1", "t0"],
            [[1.0, 0.0, 1.0]],
        )
        for dtype in ("f2", "f4", np.longdouble, "i1", "i8", "u8", "?")
    },
}
"""Arrays of an NPZ; names of its columns; its rows."""


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("case", READ)
def test_npz(case: str, compressed: bool, tmp_path: Path) -> None:
    arrays, names, rows = READ[case]
    (np.savez_compressed if compressed else np.savez)(tmp_path / "data.npz", **arrays)
    assert table(tmp_path / "data.npz") == (names, rows)


@pytest.mark.parametrize(
    ("array", "names", "rows"),
    [
        (X, ["0", "1"], X.tolist()),
        (X.astype("i4"), ["0", "1"], [[1.0, -1.0], [0.0, 0.0]]),
        (WORDS[:, None], ["0"], [["red"], ["blue"]]),
        (FIELDS, ["a", "b"], [[1.0, "red"], [2.0, "blue"]]),
    ],
)
def test_npy(array: np.ndarray, names: list[str], rows: list[Row], tmp_path: Path) -> None:
    np.save(tmp_path / "data.npy", array)
    assert table(tmp_path / "data.npy") == (names, rows)


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        ({"a": [1, 2], "b": [0.5, None]}, [[1.0, 0.5], [2.0, None]]),
        ({"a": [1, None], "b": ["red", "blue"]}, [[1.0, "red"], [None, "blue"]]),
        ({"a": [True, False], "b": ["red", None]}, [[1.0, "red"], [0.0, None]]),
        (
            {"a": [1, 2], "b": pl.Series(["red", "blue"], dtype=pl.Categorical)},
            [[1.0, "red"], [2.0, "blue"]],
        ),
        ({"a": [1, 2], "b": [3, 4], "__index_level_0__": [0, 1]}, [[1.0, 3.0], [2.0, 4.0]]),
        ({"a": pl.Series([1, 2], dtype=pl.UInt8), "b": ["1", "2"]}, [[1.0, 1.0], [2.0, 2.0]]),
    ],
)
def test_parquet(columns: dict[str, Any], rows: list[Row], tmp_path: Path) -> None:
    pl.DataFrame(columns).write_parquet(tmp_path / "data.parquet")
    assert table(tmp_path / "data.parquet") == (["a", "b"], rows)


SHAPE = "it must be numbers of shape (samples, values), with at least one value"
MISSING = "the value is missing; every cell needs one, or task.missing = 'drop' leaves such"


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"x": X},
            "{}: the header has no column 't0'; it must name the columns x0, x1, … (inputs)",
        ),
        ({"t": T}, "{}: no array 'x'; an NPZ needs x or x_train (samples, values), and y, y_train"),
        ({"a": X, "b": T}, "{}: no array 'x'; an NPZ needs"),
        ({"x": X, "X": X, "t": T}, "{}: arrays x and X; only one may be"),
        ({"x": X, "x_train": X, "t": T}, "{}: arrays x and x_train; only one may be"),
        ({"x": X, "t": T, "y": T}, "{}: arrays t and y; only one may be"),
        ({"x": X[:, :0], "t": T}, f"{{}}: array x has shape (2, 0) and type float64; {SHAPE}"),
        ({"x": X[0], "t": T}, f"{{}}: array x has shape (2,) and type float64; {SHAPE}"),
        ({"x": 1.0, "t": T}, f"{{}}: array x has shape () and type float64; {SHAPE}"),
        ({"x": X * 1j, "t": T}, f"{{}}: array x has shape (2, 2) and type complex128; {SHAPE}"),
        ({"x": X.astype("S"), "t": T}, "{}: array x has shape (2, 2) and type |S"),
        ({"x": X, "t": FIELDS}, "{}: array t has shape (2,) and type [('a', '<f4'), ('b', '<U5')]"),
        ({"x": X.astype(object), "t": T}, "{}: array x holds Python objects; save plain numbers"),
        ({"x": X[1:], "t": T}, "{}: x has 1 samples, t has 2; they must be as many"),
        ({"x": X, "t": T[1:]}, "{}: x has 2 samples, t has 1; they must be as many"),
        ({"x": X[:0], "t": T[:0]}, "{}: there are no samples at all; at least one is needed"),
        (
            {"x": X.astype(str), "y": WORDS[:, None].repeat(2, 1)},
            "{}, sample 0, column y0: 'red' is",
        ),
        ({"x": np.array([["a", "b"]]), "t": T[:1]}, "{}, sample 0, column x0: 'a' is not a number"),
        ({"x": X * np.nan, "t": T}, f"{{}}, sample 0, column x0: {MISSING}"),
        ({"x": X, "t": [[1], [np.inf]]}, "{}, sample 1, column t0: inf is not a number from"),
        ({"x": X + 1, "t": T}, "{}, sample 0: input 2.0 is outside [-2, 1.99609375], the range of"),
        ({"x": X, "t": T * 2}, "{}, sample 0: target 2.0 is outside [0.0, 1.0], the range of"),
        ({"x": X[:, :1], "t": T}, "network.layers = [2, 1]: must start with 1, the inputs in {}"),
        (
            {"x": X, "y": T[:, 0], "x_test": X[:, :1], "y_test": T[:, 0]},
            "{}: x_train and x_test, or",
        ),
    ],
)
def test_npz_refused(
    arrays: dict[str, Any], message: str, tmp_path: Path, own: Own, refusal: Refusal
) -> None:
    path = tmp_path / "data.npz"
    np.savez_compressed(path, **arrays)
    assert refusal(own, path).startswith(message.replace("{}", str(path)))


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (X[0], f"array in it has shape (2,) and type float64; {SHAPE}"),
        (X.astype(object), "array in it holds Python objects"),
        (
            np.zeros(2, [("a", "f4", 3)]),
            "field 'a' is ('<f4', (3,)); fields must be numbers or str",
        ),
    ],
)
def test_npy_refused(
    array: np.ndarray, message: str, tmp_path: Path, own: Own, refusal: Refusal
) -> None:
    path = tmp_path / "data.npy"
    np.save(path, array)
    assert refusal(own, path, target=-1).startswith(f"{path}: {message}")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"a": [1, 2], "b": [[1], [2]]}, ": column 'b' is of type List(Int64); must be numbers or"),
        ({"a": [1, None], "b": [1, 2]}, f", sample 1, column a: {MISSING}"),
        ({"a": ["red", "blue"], "b": [1, 2]}, ", sample 0, column a: 'red' is not a number"),
        ({"a": [1.0, float("inf")], "b": [1, 2]}, ", sample 1, column a: inf is not a number from"),
    ],
)
def test_parquet_refused(
    columns: dict[str, Any], message: str, tmp_path: Path, own: Own, refusal: Refusal
) -> None:
    path = tmp_path / "data.parquet"
    pl.DataFrame(columns).write_parquet(path)
    assert refusal(own, path, target="b", layers=(1, 1)).startswith(f"{path}{message}")


@pytest.mark.parametrize("content", [b"", b"PK", b"x0,x1,t0\n1,1,1\n", b"\x93NUMPY", b"PAR1PAR1"])
@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        ("npz", "an NPZ file with plain number arrays"),
        ("npy", "an NPY file with a plain array"),
        ("parquet", "a Parquet file: "),
    ],
)
def test_files_that_are_something_else(
    content: bytes, suffix: str, kind: str, tmp_path: Path, own: Own, refusal: Refusal
) -> None:
    path = tmp_path / f"data.{suffix}"
    path.write_bytes(content)
    assert refusal(own, path).startswith(f"{path}: not {kind}")


def npy(shape: tuple[int, ...]) -> bytes:
    """Return the header of an array, and next to nothing of what it promises."""
    file = io.BytesIO()
    header = {"descr": "<f8", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue() + b"\0" * 64


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (
            (20_000_000, 8),
            "array x of shape (20000000, 8) and 1,220 MiB; at most 134,217,728 values and",
        ),
        ((1 << 62, 1 << 62), "array x of shape"),
        ((65536, 500), "network.layers = [2, 1]: must start with 500, the inputs in"),
        ((65536, 2), "array x is damaged"),
    ],
)
def test_a_header_says_what_it_would_take(
    shape: tuple[int, ...], message: str, tmp_path: Path, own: Own, refusal: Refusal
) -> None:
    """Quickly, and of a file of no size."""
    path = tmp_path / "data.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", npy(shape))
        archive.writestr("y.npy", npy(shape[:1]))
    start = time.monotonic()
    assert message in refusal(own, path)
    assert time.monotonic() - start < 1


def test_a_parquet_of_too_many_values(
    tmp_path: Path, own: Own, refusal: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spec.data import parquet

    monkeypatch.setattr(parquet, "MOST_VALUES", 5)
    path = tmp_path / "data.parquet"
    pl.DataFrame({"a": [1, 2, 3], "b": [1, 2, 3]}).write_parquet(path)
    message = f"{path}: 3 samples of 2 columns; at most 5 values are read"
    assert refusal(own, path) == message


def test_a_text_that_is_too_large(
    tmp_path: Path, own: Own, refusal: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spec.data import csv_text

    monkeypatch.setattr(csv_text, "MOST_BYTES", 9)
    path = tmp_path / "data.csv"
    path.write_text("0123456789")
    assert refusal(own, path).startswith(f"{path}: 0 MiB of text; at most 0 are read: take a part")


@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=9))
@pytest.mark.parametrize("suffix", ["npz", "npy", "parquet"])
def test_a_damaged_file_is_refused_or_read(
    suffix: str, tmp_path: Path, own: Own, changes: list[tuple[int, int]]
) -> None:
    path = tmp_path / f"data.{suffix}"
    x, t = np.tile(X, (9, 1)), np.tile(T, (9, 1))
    if suffix == "npz":
        np.savez_compressed(path, x=x, t=t)
    elif suffix == "npy":
        np.save(path, np.hstack([x, t]))
    else:
        pl.DataFrame({"x0": x[:, 0], "x1": x[:, 1], "t0": t[:, 0]}).write_parquet(path)
    content = bytearray(path.read_bytes())
    for where, value in changes:
        content[where % len(content)] = value
    path.write_bytes(content)
    try:
        text = "a" * len(own(path, **({"target": -1} if suffix == "npy" else {})).data)
    except InputError as error:
        text = str(error)
    assert len(text.splitlines()) == 1


def place(folder: Path, kind: str) -> Path:
    """Put something that is no file at a path."""
    path = folder / "data.csv"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "dangling":
        path.symlink_to(folder / "nowhere.csv")
    elif kind == "device":
        path.symlink_to("/dev/null")
    return path


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("nothing", "there is no such file"),
        ("dangling", "there is no such file"),
        ("folder", "is a folder, not a file"),
        ("pipe", "is a pipe, socket or device, not a file"),
        ("device", "is a pipe, socket or device, not a file"),
        ("loop", "Too many levels of symbolic links"),
    ],
)
@pytest.mark.parametrize("key", ["path", "test_path"])
def test_what_is_no_file(
    kind: str, message: str, key: str, tmp_path: Path, own: Own, refusal: Refusal
) -> None:
    good = tmp_path / "good.csv"
    good.write_text("x0,x1,t0\n1,1,1\n")
    bad = place(tmp_path, kind)
    text = refusal(own, bad) if key == "path" else refusal(own, good, test_path=str(bad))
    assert text.startswith(f"task.{key} = {str(bad)!r}")
    assert text.endswith(message)


@pytest.mark.parametrize("name", ["nul\0.csv", "a" * 999 + ".csv", "good.csv/more.csv"])
def test_names_that_no_file_can_have(name: str, tmp_path: Path, own: Own, refusal: Refusal) -> None:
    (tmp_path / "good.csv").write_text("x0,x1,t0\n1,1,1\n")
    beginning, reason = refusal(own, tmp_path / name).split(": ")
    assert beginning == f"task.path = {str(tmp_path / name)!r}"
    assert reason in ("File name too long", "there is no such file")


@pytest.mark.parametrize("name", ["data.xlsx", "data", ".csv", "data.csv.gz"])
def test_a_file_of_another_kind(name: str, tmp_path: Path, own: Own, refusal: Refusal) -> None:
    (tmp_path / name).write_text("x0,x1,t0\n1,1,1\n")
    allowed = ": must end in one of .csv, .tsv, .txt, .data, .npz, .npy, .parquet"
    assert refusal(own, tmp_path / name).endswith(allowed)
