"""The user's own data, from files to samples as integers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from spec.data import scaling, split
from spec.data.choice import Choice, choose, coded_columns, match
from spec.data.coding import Coding
from spec.data.labels import Targets, listed
from spec.data.preparation import Preparation
from spec.data.scaling import Linear
from spec.data.source import open_source
from spec.data.table import Column, Source, numbers_of, short
from spec.errors import InputError
from spec.tasks import MAX_SAMPLES, Dataset, Kind, Missing

if TYPE_CHECKING:
    from spec.config import Task


_MANY = 4
"""Samples from which on an input that counts them is suspicious."""


@dataclass(frozen=True)
class Part:
    """Samples for training, for the test, or to be evaluated.

    Attributes
    ----------
    data : Dataset
    numbers : tuple of tuple of float, shape (samples, outputs)
        Targets that are numbers, in the user's unit; () of classes, or without targets.
    notes : tuple of str
        What the user should know, a line each.
    """

    data: Dataset
    numbers: tuple[tuple[float, ...], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwnData:
    """What was made of the user's files.

    Attributes
    ----------
    preparation : Preparation
    train : Part
    test : Part or None
        What training never sees.
    notes : tuple of str
        What the user should know, a line each.
    """

    preparation: Preparation
    train: Part
    test: Part | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Raw:
    """Samples as they are in a file: inputs, columns of targets, and where each is from."""

    x: np.ndarray
    targets: tuple[Column, ...]
    place: Callable[[int], str]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.x)

    def take(self, chosen: np.ndarray) -> _Raw:
        """Return some of the samples, without the notes, which are of all."""
        targets = tuple(column.take(chosen) for column in self.targets)
        place = self.place
        return _Raw(self.x[chosen], targets, lambda k: place(int(chosen[k])))


def prepare(
    task: Task, folder: Path, coding: Coding, layers: tuple[int, ...], source: Source | None = None
) -> OwnData:
    """Read the files of a task, and make samples of them.

    Parameters
    ----------
    task : Task
        With the name "file".
    folder : Path
        Where relative paths start.
    coding : Coding
    layers : tuple of int
        Of the network; what does not fit its inputs is refused before it is read whole.
    source : Source, optional
        In place of the file that the task names.

    Raises
    ------
    InputError
        Naming what is wrong with a file or a key, and what is allowed.
    """
    if source is None and not task.path:
        raise InputError("task.path: is missing; a 'file' task needs a file of samples")
    source = source or open_source(folder / task.path)
    choice = choose(source, task.target, task.columns)
    if len(layers) >= 2 and layers[0] != len(choice.inputs):
        raise InputError(
            f"network.layers = {list(layers)}: must start with {len(choice.inputs)}, the inputs in "
            f"{source.path}"
        )
    raw = _read(source, choice, task.missing)
    targets = Targets.of(raw.targets, raw.place, task.kind, coded=choice.coded)
    numbers = targets.numbers(raw.targets, raw.place)
    notes = [*source.notes, *raw.notes, *_said(task, raw, targets)]
    if not task.columns and counts(raw.x[:, 0]):
        name = short(source.names[choice.inputs[0]])
        notes.append(f"the input {name} counts the samples; task.columns can leave it out")
    strata = _strata(targets, numbers)
    everything = np.arange(len(raw))
    parts, kept = (everything, None), _kept_test(task, folder, source)
    if task.test:
        if len(raw) < 2:
            raise InputError(f"task.test = {task.test}: needs two samples at least, not {len(raw)}")
        parts = split.split(task.test, strata, task.split_seed)
    chosen = _limited(parts[0], strata, task.split_seed)
    if len(chosen) < len(parts[0]):
        notes.append(_dropped("samples for training", len(parts[0]), len(chosen)))
    train, wanted = raw.take(chosen), numbers[chosen]
    preparation = Preparation(
        tuple(source.names[k] for k in choice.inputs),
        scaling.fit(task.scale, train.x, coding.input_limits),
        targets,
        _target_scaling(targets, wanted, coding),
    )
    made = code(preparation, train, wanted, coding)
    notes += made.notes
    test = None
    if parts[1] is not None:
        few = _limited(parts[1], strata, task.split_seed)
        test = code(preparation, raw.take(few), numbers[few], coding, "test: ")
        if len(few) < len(parts[1]):
            notes.append(_dropped("samples of the test", len(parts[1]), len(few)))
    elif kept is not None:
        test = apply(preparation, kept[0], coding, kept[1], task.missing, needed=True)
    notes += test.notes if test else ()
    return OwnData(preparation, made, test, tuple(notes))


def apply(
    preparation: Preparation,
    source: Source,
    coding: Coding,
    key: str,
    missing: Missing = Missing.REFUSE,
    *,
    needed: bool = False,
) -> Part:
    """Make samples of another file as of the one that a preparation is of.

    Parameters
    ----------
    preparation : Preparation
    source : Source
    coding : Coding
    key : str
        Who named the file, for errors.
    missing : Missing
    needed : bool
        Whether there must be targets; without them, `Part.data` has none.
    """
    targets = preparation.targets
    coded = tuple(f"x{k}" for k in range(len(preparation.inputs)))
    if targets.coded and preparation.inputs == coded:
        inputs, found = coded_columns(source, targets=needed)
        for what, there, here in (
            ("inputs", inputs, preparation.inputs),
            ("outputs", found, targets.names),
        ):
            if there and len(there) != len(here):
                raise InputError(f"{key}: {len(there)} {what}; the network has {len(here)}")
        choice = Choice(inputs, found)
    else:
        choice = match(source, preparation.inputs, targets.names, key=key, needed=needed)
    raw = _read(source, choice, missing)
    numbers = targets.numbers(raw.targets, raw.place) if choice.targets else None
    return code(preparation, raw, numbers, coding, f"{source.path.name}: ")


def code(
    preparation: Preparation,
    raw: _Raw,
    numbers: np.ndarray | None,
    coding: Coding,
    part: str = "",
) -> Part:
    """Scale and code samples; `numbers` are those of their targets, `part` begins its notes."""
    x = scaling.apply(preparation.scaling, raw.x)
    coded, out = coding.code_inputs(x, raw.place, clip=preparation.scaled)
    notes = [f"{part}{note}" for note in raw.notes]
    if out:
        notes.append(f"{part}{out:,} of {x.size:,} inputs are clipped to the range of their format")
    if numbers is None:
        return Part(Dataset(coded, ((),) * len(coded), coding.fraction_bits), (), tuple(notes))
    targets = preparation.targets
    scaled = scaling.apply(preparation.target_scaling, targets.wanted(numbers))
    t, out = coding.code_targets(scaled, raw.place, clip=not targets.coded)
    if out:
        notes.append(f"{part}{out:,} of {scaled.size:,} targets are beyond what an output can be")
    users = tuple(map(tuple, numbers.tolist())) if targets.kind is Kind.NUMBERS else ()
    return Part(Dataset(coded, t, coding.fraction_bits), users, tuple(notes))


def _read(source: Source, choice: Choice, missing: Missing) -> _Raw:
    """Read the chosen columns; samples with a missing value are refused, or left out."""
    table = source.load(choice.inputs + choice.targets)
    place, count = table.place, len(choice.inputs)
    gaps = np.column_stack([column.missing for column in table.columns])
    incomplete = gaps.any(axis=1)
    if missing is Missing.REFUSE and incomplete.any():
        k, column = np.argwhere(gaps)[0]
        raise InputError(
            f"{place(int(k))}, column {table.columns[column].name}: the value is missing; every "
            "cell needs one, or task.missing = 'drop' leaves such samples out"
        )
    whole = np.flatnonzero(~incomplete)
    if not len(whole):
        lack = "that lack no value" if len(gaps) else "at all"
        raise InputError(f"{source.path}: there are no samples {lack}; at least one is needed")
    columns = [column.take(whole) for column in table.columns]

    def where(k: int) -> str:
        return place(int(whole[k]))

    hint = "; inputs must be numbers: task.columns can leave others out"
    x = np.column_stack([numbers_of(column, where, hint) for column in columns[:count]])
    left = f"{incomplete.sum():,} of {len(gaps):,} samples have missing values, and are left out"
    return _Raw(x, tuple(columns[count:]), where, (left,) if incomplete.any() else ())


def _kept_test(task: Task, folder: Path, source: Source) -> tuple[Source, str] | None:
    """Find the samples kept for the test: in a file of their own, or in the same one."""
    for key, given in (("task.test_path", task.test_path), ("x_test", source.test)):
        if given and task.test:
            raise InputError(
                f"task.test = {task.test}: must be 0, as {key} has the samples of the test"
            )
    if task.test_path:
        return open_source(folder / task.test_path, "task.test_path"), "task.test_path"
    return (source.test, "x_test") if source.test else None


def counts(column: np.ndarray) -> bool:
    """Whether an input only counts the samples, from 0 or 1."""
    return len(column) >= _MANY and any(
        bool((column == np.arange(len(column)) + start).all()) for start in (0, 1)
    )


def _strata(targets: Targets, numbers: np.ndarray) -> np.ndarray:
    """Return the class of each sample; numbers are all of one stratum."""
    if targets.kind is Kind.NUMBERS:
        return np.zeros(len(numbers), dtype=np.int64)
    if numbers.shape[1] > 1:
        return numbers.argmax(axis=1)
    return (numbers[:, 0] > 0.5).astype(np.int64) if targets.coded else numbers[:, 0].astype(int)


def _limited(chosen: np.ndarray, strata: np.ndarray, seed: int) -> np.ndarray:
    """Draw as many samples as the memory holds, if there are more."""
    if len(chosen) <= MAX_SAMPLES:
        return chosen
    return chosen[split.draw(MAX_SAMPLES, strata[chosen], seed)]


def _dropped(what: str, there: int, used: int) -> str:
    return f"of {there:,} {what}, {used:,} are drawn: as many as the sample memory holds"


def _target_scaling(targets: Targets, numbers: np.ndarray, coding: Coding) -> tuple[Linear, ...]:
    if targets.kind is Kind.CLASSES or targets.coded:
        return (Linear(),) * targets.outputs
    return tuple(coding.target_scaling(column) for column in numbers.T)


def _said(task: Task, raw: _Raw, targets: Targets) -> list[str]:
    """Say that whole numbers were taken for classes."""
    named = tuple(column.name for column in raw.targets if column.numeric)
    if task.kind is not Kind.AUTO or len(targets.classes) < 3 or named != targets.names[:1]:
        return []
    name, count = short(named[0]), len(targets.classes)
    return [
        f"the target {name} has {count} whole numbers, which are taken for classes: "
        f"{listed(targets.classes)}; task.kind = 'numbers' makes it a regression"
    ]
