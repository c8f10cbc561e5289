"""Tasks: the built-in ones, and samples as integers."""

from __future__ import annotations

import enum
import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spec import nist
from spec.errors import InputError

if TYPE_CHECKING:
    from spec.config import Task

Rows = Sequence[tuple[str, Sequence[float], Sequence[float]]]
"""What a built-in task has: (a name for errors, inputs, targets) for each sample."""

IMAGES = ("mnist", "fashion_mnist", "cifar10")
"""Tasks of published collections of images, in a folder."""

OWN = ("file", *IMAGES)
"""Tasks whose samples are files of the user's."""

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


class Kind(enum.Enum):
    """What the targets of a file are."""

    AUTO = "auto"  # as they look; see `spec.data.labels`
    CLASSES = "classes"
    NUMBERS = "numbers"


class Scale(enum.Enum):
    """How the inputs of a file are scaled."""

    NONE = "none"
    STANDARD = "standard"  # to a mean of 0 and a standard deviation of 1
    MINMAX = "minmax"  # to -1 … 1
    AUTO = "auto"  # none if all are within range and of one size, else standard


class Missing(enum.Enum):
    """What becomes of samples of a file with a missing value."""

    REFUSE = "refuse"
    DROP = "drop"


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

    @functools.cached_property
    def binary_targets(self) -> bool:
        """Whether every target is exactly 0 or 1, so that the gateware stores it as one bit."""
        one = 1 << self.fraction_bits
        return all(value in (0, one) for row in self.t for value in row)

    @property
    def one_hot(self) -> bool:
        """Whether every sample has several targets, of which one is 1 and all others are 0."""
        one, outputs = 1 << self.fraction_bits, self.outputs
        return outputs > 1 and self.binary_targets and all(sum(row) == one for row in self.t)

    @functools.cached_property
    def classes(self) -> tuple[int, ...]:
        """Class of each sample: whether t > 1/2 for one output, the first largest t for more."""
        half = 1 << self.fraction_bits >> 1
        if self.outputs == 1:
            return tuple(int(row[0] > half) for row in self.t)
        return tuple(row.index(max(row)) for row in self.t)


def parity_samples(bits: int) -> list[tuple[list[int], list[int]]]:
    """List all inputs of `bits` bits, as 0 and 1, with their parity; bit 0 is the first input."""
    inputs = [[number >> bit & 1 for bit in range(bits)] for number in range(1 << bits)]
    return [(x, [sum(x) & 1]) for x in inputs]


def _coded(task: Task, samples: Sequence[tuple[Sequence[int], Sequence[int]]]) -> Rows:
    """Give the samples of a built-in task, all 0 and 1, the values of task.inputs."""
    low = 0 if task.inputs is Inputs.UNIPOLAR else -1
    return [(f"sample {k}", [v or low for v in x], t) for k, (x, t) in enumerate(samples)]


def task_rows(task: Task) -> Rows:
    """List the samples of a built-in task."""
    if task.name == "nist7x7":
        return _coded(task, nist.samples())
    if task.name in ("xor", "parity"):
        return _coded(task, parity_samples(2 if task.name == "xor" else task.bits))
    names = ", ".join(map(repr, ("xor", "parity", "nist7x7", *OWN)))
    raise InputError(f"task.name = {task.name!r}: must be one of {names}")


def held_out_rows(task: Task) -> Rows:
    """List the samples of a task that training never sees; most tasks have none."""
    return _coded(task, nist.samples(held_out=True)) if task.name == "nist7x7" else []


def code_input(value: float, inputs: Inputs, fraction_bits: int, where: str) -> int:
    """Round an input to the nearest LSB; what its format cannot hold is an error.

    Parameters
    ----------
    value : float
    inputs : Inputs
    fraction_bits : int
        Of fixed inputs.
    where : str
        Which sample it is of, for errors.
    """
    if inputs.binary:
        allowed = (-1, 1) if inputs is Inputs.BIPOLAR else (0, 1)
        if value not in allowed:
            raise InputError(
                f"{where}: input {value}, with task.inputs = {inputs.value!r} only "
                f"{allowed[0]} and {allowed[1]} are allowed; 'fixed' takes other numbers"
            )
        return int(value)
    if not math.isfinite(value) or not -2 <= value <= 2 - 2.0**-fraction_bits:
        raise InputError(
            f"{where}: input {value} is outside [-2, {2 - 2.0**-fraction_bits}], the range "
            "of task.inputs = 'fixed'; task.scale = 'auto' brings inputs into it"
        )
    return round(math.ldexp(value, fraction_bits))


def code_target(value: float, limits: tuple[int, int], fraction_bits: int, where: str) -> int:
    """Round a target to the nearest LSB; what no output gives is an error.

    Parameters
    ----------
    value : float
    limits : tuple of int
        Lowest and highest output, in LSBs.
    fraction_bits : int
    where : str
        Which sample it is of, for errors.
    """
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
        tuple(
            tuple(code_input(v, inputs, fraction_bits, where) for v in x) for where, x, _ in rows
        ),
        tuple(
            tuple(code_target(v, output_range, fraction_bits, where) for v in t)
            for where, _, t in rows
        ),
        fraction_bits,
    )
