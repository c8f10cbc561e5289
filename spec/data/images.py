"""Folders of images, as they are published: MNIST's IDX files, and CIFAR-10's binary version."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from spec.data.table import MOST_VALUES, Column, Source, Table
from spec.errors import InputError

LABEL = "label"
"""Name of the column of classes."""

LEVELS = 256
"""Of a pixel, which becomes 0 to 255/256."""

DIGITS = tuple("0123456789")
CLOTHES = (
    "T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
    "ankle boot",
)  # fmt: skip
OBJECTS = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip

IDX_TRAIN = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")
IDX_TEST = ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
BATCHES = tuple(f"data_batch_{k}.bin" for k in range(1, 6))
TEST_BATCH = "test_batch.bin"

SIDE, COLOURS = 32, ("red", "green", "blue")
RECORD = 1 + len(COLOURS) * SIDE * SIDE
"""Bytes of an image of CIFAR-10, its class first."""


@dataclass(frozen=True)
class Collection:
    """A published collection of images.

    Attributes
    ----------
    files : tuple of str
        Those without which there is none, as they are published; each may end in .gz, or not.
    classes : tuple of str
        Names, in the order of the labels in the files.
    home : str
        Where to get it.
    """

    files: tuple[str, ...]
    classes: tuple[str, ...]
    home: str


COLLECTIONS = {
    "mnist": Collection(IDX_TRAIN, DIGITS, "yann.lecun.com/exdb/mnist"),
    "fashion_mnist": Collection(IDX_TRAIN, CLOTHES, "github.com/zalandoresearch/fashion-mnist"),
    "cifar10": Collection(
        BATCHES[:1], OBJECTS, "www.cs.toronto.edu/~kriz/cifar.html (binary version)"
    ),
}
"""By the name of the task."""


def images(path: Path, name: str, key: str = "task.path") -> Source:
    """Open a folder of images.

    A column is a pixel, from 0 to 255/256; the last one is the class. What the folder keeps for the
    test is the source's test.

    Parameters
    ----------
    path : Path
    name : str
        One of `COLLECTIONS`.
    key : str
        Who named the folder, for errors.

    Raises
    ------
    InputError
        If it is no folder, lacks a file, or one of them is not what its name says.
    """
    collection = COLLECTIONS[name]
    try:
        if not path.is_dir():
            there = "is not a folder" if path.exists() else "there is no such folder"
            raise InputError(f"{key} = {str(path)!r}: {there}; {name} is {_wanted(collection)}")
        lacking = [file for file in collection.files if _find(path, file) is None]
        if lacking:
            raise InputError(f"{path}: there is no {lacking[0]}; {name} is {_wanted(collection)}")
        return (_cifar if collection.files[0] in BATCHES else _idx)(path, collection)
    except OSError as error:
        raise InputError(f"{key} = {str(path)!r}: {error.strerror or error}") from None


def _wanted(collection: Collection) -> str:
    """Say what a folder must hold, and where that is."""
    files = " and ".join(collection.files)
    return f"a folder with {files}, or the same with .gz: {collection.home}"


def _find(folder: Path, name: str) -> Path | None:
    """Find a file, or the same compressed."""
    found = (folder / name, folder / f"{name}.gz")
    return next((path for path in found if path.is_file()), None)


def _open(path: Path) -> gzip.GzipFile | IO[bytes]:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _bytes(path: Path, most: int) -> bytes:
    """Read a file, compressed or not, of at most so many bytes."""
    try:
        with _open(path) as file:
            found = file.read(most + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise InputError(f"{path}: damaged: its compressed data end early, or are none") from None
    if len(found) > most:
        raise InputError(f"{path}: has more than {most:,} bytes, the most that are read")
    return found


def _idx(folder: Path, collection: Collection) -> Source:
    """Open IDX files."""

    def pair(names: Sequence[str]) -> Source | None:
        image_file, label_file = (_find(folder, name) for name in names)
        if image_file is None or label_file is None:
            return None
        count, rows, columns = _shape(image_file, 3)
        pixels = [f"pixel {row},{column}" for row in range(rows) for column in range(columns)]

        def load() -> tuple[np.ndarray, np.ndarray]:
            values = _values(image_file, 3).reshape(count, -1)
            labels = _values(label_file, 1)
            if len(labels) != count:
                raise InputError(
                    f"{label_file}: has {len(labels):,} labels, {image_file.name} {count:,} images"
                )
            return values, _checked(labels, collection, label_file)

        return _source(image_file, pixels, load, collection)

    train = pair(IDX_TRAIN)
    assert train is not None
    return _with_test(train, pair(IDX_TEST))


def _shape(path: Path, dimensions: int) -> tuple[int, ...]:
    """Read the head of an IDX file of bytes: its sizes."""
    try:
        with _open(path) as file:
            head = file.read(4 + 4 * dimensions)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        head = b""
    if len(head) < 4 + 4 * dimensions or head[:4] != bytes((0, 0, 8, dimensions)):
        raise InputError(f"{path}: not an IDX file of bytes with {dimensions} dimensions")
    shape = tuple(int(size) for size in np.frombuffer(head, ">u4", offset=4))
    if 0 in shape or np.prod(shape, dtype=float) > MOST_VALUES:
        raise InputError(f"{path}: of shape {shape}; from 1 to {MOST_VALUES:,} values are read")
    return shape


def _values(path: Path, dimensions: int) -> np.ndarray:
    """Read an IDX file of bytes."""
    shape, head = _shape(path, dimensions), 4 + 4 * dimensions
    size = int(np.prod(shape))
    found = _bytes(path, head + size)
    if len(found) < head + size:
        raise InputError(f"{path}: ends after {len(found) - head:,} of {size:,} values")
    return np.frombuffer(found, np.uint8, offset=head)


def _cifar(folder: Path, collection: Collection) -> Source:
    """Open the batches that there are."""
    pixels = [
        f"{colour} {row},{column}"
        for colour in COLOURS
        for row in range(SIDE)
        for column in range(SIDE)
    ]

    def several(names: Iterable[str]) -> Source | None:
        files = [path for path in (_find(folder, name) for name in names) if path]
        if not files:
            return None

        def load() -> tuple[np.ndarray, np.ndarray]:
            made = [_batch(path, collection) for path in files]
            return np.concatenate([x for x, _ in made]), np.concatenate([y for _, y in made])

        return _source(files[0], pixels, load, collection)

    train = several(BATCHES)
    assert train is not None
    return _with_test(train, several([TEST_BATCH]))


def _batch(path: Path, collection: Collection) -> tuple[np.ndarray, np.ndarray]:
    """Read images and labels of one file."""
    found = _bytes(path, MOST_VALUES)
    if not found or len(found) % RECORD:
        raise InputError(
            f"{path}: has {len(found):,} bytes; an image of CIFAR-10 has {RECORD:,}, and the file "
            "ends within one" if found else f"{path}: is empty"
        )  # fmt: skip
    records = np.frombuffer(found, np.uint8).reshape(-1, RECORD)
    return records[:, 1:], _checked(records[:, 0], collection, path)


def _checked(labels: np.ndarray, collection: Collection, path: Path) -> np.ndarray:
    """Refuse a label that is of no class."""
    count = len(collection.classes)
    wrong = np.flatnonzero(labels >= count)
    if wrong.size:
        k = int(wrong[0])
        raise InputError(f"{path}: label {labels[k]} of image {k}; labels are 0 to {count - 1}")
    return labels


def _source(
    path: Path,
    pixels: Sequence[str],
    load: Callable[[], tuple[np.ndarray, np.ndarray]],
    collection: Collection,
) -> Source:
    names = (*pixels, LABEL)

    def table(columns: Sequence[int]) -> Table:
        values, labels = load()
        if values.size > MOST_VALUES:
            raise InputError(
                f"{path}: {len(values):,} images of {values.shape[1]:,} values; at most "
                f"{MOST_VALUES:,} values are read, so leave some of its files out"
            )
        classes = np.array(collection.classes, dtype=object)
        made = [
            Column(LABEL, classes[labels])
            if k == len(pixels)
            else Column(names[k], values[:, k].astype(np.float32) / LEVELS)
            for k in columns
        ]
        return Table(tuple(made), lambda sample: f"{path}, image {sample}")

    words = (False,) * len(pixels) + (True,)
    return Source(path, names, words, table)


def _with_test(train: Source, test: Source | None) -> Source:
    """Keep the images of the test, if they are as large."""
    if test is not None and test.names != train.names:
        raise InputError(f"{test.path}: its images are of another size than {train.path.name}'s")
    return Source(train.path, train.names, train.words, train.load, test=test)
