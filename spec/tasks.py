"""Tasks: where samples come from, and their integers."""

from __future__ import annotations

import csv
import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from spec import nist
from spec.errors import InputError

if TYPE_CHECKING:
    from spec.config import Task

MAX_SAMPLES = 1 << 16
"""Samples that the gateware's 16-bit sample counter can number."""


class Inputs(enum.Enum):
    """How an input is coded. One bit for the first two: they need no multiplier."""

    BIPOLAR = "bipolar"  # -1 or +1
    UNIPOLAR = "unipolar"  # 0 or 1
    FIXED = "fixed"  # Q2.f, f = formats.activation_bits

    @property
    def binary(self) -> bool:
        """Whether an input is one bit."""
        return self is not Inputs.FIXED


class Order(enum.Enum):
    """In which order training draws samples."""

    RANDOM = "random"  # uniformly, with replacement
    SEQUENTIAL = "sequential"


@dataclass(frozen=True)
class Dataset:
    """Samples as integers.

    Parameters
    ----------
    x : tuple of tuple of int, shape (samples, inputs)
        Bipolar inputs as -1 and 1, unipolar ones as 0 and 1, fixed ones in LSBs of
        2**-fraction_bits.
    t : tuple of tuple of int, shape (samples, outputs)
        Targets in LSBs of 2**-fraction_bits; of shape (samples, 0) if there are none.
    fraction_bits : int
        That of the activations.
    """

    x: tuple[tuple[int, ...], ...]
    t: tuple[tuple[int, ...], ...]
    fraction_bits: int

    def __len__(self) -> int:
        """Count the samples."""
        return len(self.x)

    @property
    def inputs(self) -> int:
        """Width of a sample."""
        return len(self.x[0])

    @property
    def outputs(self) -> int:
        """Number of targets of a sample."""
        return len(self.t[0])

    @property
    def binary_targets(self) -> bool:
        """Whether every target is exactly 0 or 1, so that the gateware stores it as one bit."""
        one = 1 << self.fraction_bits
        return all(value in (0, one) for row in self.t for value in row)

    @property
    def classes(self) -> tuple[int, ...]:
        """Class of each sample: whether t > 1/2 for one output, the first largest t for more."""
        half = 1 << self.fraction_bits >> 1
        if self.outputs == 1:
            return tuple(int(row[0] > half) for row in self.t)
        return tuple(row.index(max(row)) for row in self.t)


Rows = Sequence[tuple[str, Sequence[float], Sequence[float]]]
"""What a source yields: (a name for errors, inputs, targets) for each sample."""


def parity_samples(bits: int) -> list[tuple[list[int], list[int]]]:
    """List all inputs of `bits` bits, as 0 and 1, with their parity; bit 0 is the first input."""
    inputs = [[number >> bit & 1 for bit in range(bits)] for number in range(1 << bits)]
    return [(x, [sum(x) & 1]) for x in inputs]


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


def _coded(task: Task, samples: Sequence[tuple[Sequence[int], Sequence[int]]]) -> Rows:
    """Give the samples of a built-in task, all 0 and 1, the values of task.inputs."""
    low = 0 if task.inputs is Inputs.UNIPOLAR else -1
    return [(f"sample {k}", [v or low for v in x], t) for k, (x, t) in enumerate(samples)]


def task_rows(task: Task, folder: Path) -> Rows:
    """List the samples of a task; `folder` is where a relative task.path starts."""
    if task.name == "file":
        if not task.path:
            raise InputError("task.path: is missing; a 'file' task needs a CSV or NPZ file")
        return file_rows(folder / task.path)
    if task.name == "nist7x7":
        return _coded(task, nist.samples())
    if task.name in ("xor", "parity"):
        return _coded(task, parity_samples(2 if task.name == "xor" else task.bits))
    raise InputError(
        f"task.name = {task.name!r}: must be one of 'xor', 'parity', 'nist7x7', 'file'"
    )


def held_out_rows(task: Task) -> Rows:
    """List the samples of a task that training never sees; most tasks have none."""
    return _coded(task, nist.samples(held_out=True)) if task.name == "nist7x7" else []


def _input(value: float, inputs: Inputs, fraction_bits: int, where: str) -> int:
    if inputs.binary:
        allowed = (-1, 1) if inputs is Inputs.BIPOLAR else (0, 1)
        if value not in allowed:
            raise InputError(
                f"{where}: input {value}, with task.inputs = {inputs.value!r} only "
                f"{allowed[0]} and {allowed[1]} are allowed"
            )
        return int(value)
    if not math.isfinite(value) or not -2 <= value <= 2 - 2.0**-fraction_bits:
        raise InputError(
            f"{where}: input {value} is outside [-2, {2 - 2.0**-fraction_bits}], the range "
            "of task.inputs = 'fixed'"
        )
    return round(math.ldexp(value, fraction_bits))


def _target(value: float, limits: tuple[int, int], fraction_bits: int, where: str) -> int:
    low, high = (math.ldexp(limit, -fraction_bits) for limit in limits)
    if not math.isfinite(value) or not low <= value <= high:
        raise InputError(
            f"{where}: target {value} is outside [{low}, {high}], the range of "
            "network.output; scale the targets or choose another output activation"
        )
    return round(math.ldexp(value, fraction_bits))


def dataset(
    rows: Rows,
    inputs: Inputs,
    fraction_bits: int,
    output_range: tuple[int, int],
    source: str = "task",
) -> Dataset:
    """Turn rows of numbers into integers; values that a format cannot hold are errors.

    Parameters
    ----------
    rows : Rows
        The samples.
    inputs : Inputs
        How an input is coded.
    fraction_bits : int
        Fraction bits of fixed inputs and of targets; both are rounded to the nearest LSB.
    output_range : tuple of int
        Lowest and highest output of the network, in LSBs: targets must lie within.
    source : str
        Where they are from, for errors.
    """
    if not rows:
        raise InputError(f"{source}: there are no samples; at least one is needed")
    if len(rows) > MAX_SAMPLES:
        raise InputError(
            f"{source}: {len(rows)} samples, the sample memory holds at most {MAX_SAMPLES}"
        )
    return Dataset(
        tuple(tuple(_input(v, inputs, fraction_bits, where) for v in x) for where, x, _ in rows),
        tuple(
            tuple(_target(v, output_range, fraction_bits, where) for v in t) for where, _, t in rows
        ),
        fraction_bits,
    )
