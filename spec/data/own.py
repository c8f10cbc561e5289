"""The user's own data, from files to samples as integers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from spec.data import scaling, split
from spec.data.choice import Choice, choose, coded_columns, match
from spec.data.coding import Coding
from spec.data.images import images
from spec.data.labels import Targets, listed
from spec.data.preparation import Preparation
from spec.data.reading import Raw, counts, read
from spec.data.scaling import Linear
from spec.data.source import open_source
from spec.data.table import Source, short
from spec.errors import InputError
from spec.tasks import IMAGES, MAX_SAMPLES, Dataset, Kind, Missing

if TYPE_CHECKING:
    from spec.config import Task
    from spec.network import NetworkShape


_NAMES = {
    "train": "samples for training",
    "validation": "samples for validation",
    "test": "samples of the test",
}

_PREFIXES = {"train": "", "validation": "validation: ", "test": "test: "}
"""Of what is said of each part."""


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
    validation : Part or None
        By which it is judged when training ends, and which config is best; not trained with.
    test : Part or None
        What training never sees, and nothing is decided by.
    notes : tuple of str
        What the user should know, a line each.
    """

    preparation: Preparation
    train: Part
    validation: Part | None = None
    test: Part | None = None
    notes: tuple[str, ...] = ()

    @property
    def parts(self) -> dict[str, Part]:
        """The parts that there are, by the names they have here."""
        named = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: part for name, part in named.items() if part is not None}


def prepare(
    task: Task,
    folder: Path,
    coding: Coding,
    network: NetworkShape | None,
    source: Source | None = None,
) -> OwnData:
    """Read the files of a task, and make samples of them.

    Parameters
    ----------
    task : Task
        One of `spec.tasks.OWN`.
    folder : Path
        Where relative paths start.
    coding : Coding
    network : NetworkShape or None
        What does not fit its inputs is refused before it is read whole.
    source : Source, optional
        In place of the file that the task names.

    Raises
    ------
    InputError
        Naming what is wrong with a file or a key, and what is allowed.
    """
    source = source or open_task(task, folder)
    choice = choose(source, task.target, task.columns)
    if network and len(network.shapes) >= 2 and network.sizes[0] != len(choice.inputs):
        must = "be of" if network.layer else "start with"
        raise InputError(
            f"{network.written}: must {must} {len(choice.inputs)}, the inputs in {source.path}"
        )
    raw = read(source, choice, task.missing)
    targets = Targets.of(raw.targets, raw.place, task.kind, coded=choice.coded)
    numbers = targets.numbers(raw.targets, raw.place)
    notes = [*source.notes, *raw.notes, *_said(task, raw, targets)]
    if not task.columns and counts(raw.x[:, 0]):
        name = short(source.names[choice.inputs[0]])
        notes.append(f"the input {name} counts the samples; task.columns can leave it out")
    strata = _strata(targets, numbers)
    kept = _kept_test(task, folder, source)
    parts = _parts(task, strata)
    for what, part in parts.items():
        parts[what] = _limited(part, strata, task.split_seed)
        if len(parts[what]) < len(part):
            notes.append(_dropped(_NAMES[what], len(part), len(parts[what])))
    train = parts["train"]
    preparation = Preparation(
        tuple(source.names[k] for k in choice.inputs),
        scaling.fit(task.scale, raw.x[train], coding.input_limits),
        targets,
        _target_scaling(targets, numbers[train], coding),
    )
    made = {
        what: code(preparation, raw.take(part), numbers[part], coding, _PREFIXES[what])
        for what, part in parts.items()
    }
    if kept is not None:
        made["test"] = apply(preparation, kept[0], coding, kept[1], task.missing, needed=True)
    notes += [note for part in made.values() for note in part.notes]
    return OwnData(preparation, **made, notes=tuple(notes))


def open_task(task: Task, folder: Path) -> Source:
    """Open what a task names: a file, or a folder of images."""
    if not task.path:
        needs = "a 'file' task needs a file of samples"
        if task.name in IMAGES:
            needs = f"a {task.name!r} task needs the folder of its images"
        raise InputError(f"task.path: is missing; {needs}")
    if task.name in IMAGES:
        return images(folder / task.path, task.name)
    return open_source(folder / task.path)


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
    raw = read(source, choice, missing)
    numbers = targets.numbers(raw.targets, raw.place) if choice.targets else None
    return code(preparation, raw, numbers, coding, f"{source.path.name}: ")


def code(
    preparation: Preparation,
    raw: Raw,
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


def _kept_test(task: Task, folder: Path, source: Source) -> tuple[Source, str] | None:
    """Find the samples kept for the test: in a file of their own, or in the same one."""
    kept = "its folder" if task.name in IMAGES else "x_test"
    for key, given in (("task.test_path", task.test_path), (kept, source.test)):
        if given and task.test:
            raise InputError(
                f"task.test = {task.test}: must be 0, as {key} has the samples of the test"
            )
    if task.test_path:
        return open_source(folder / task.test_path, "task.test_path"), "task.test_path"
    return (source.test, kept) if source.test else None


def _parts(task: Task, strata: np.ndarray) -> dict[str, np.ndarray]:
    """Part the samples; validation is drawn of what is left for training by the test."""
    parts = {"train": np.arange(len(strata))}
    for what, fraction in (("test", task.test), ("validation", task.validation)):
        if not fraction:
            continue
        left = parts["train"]
        if len(left) < 2:
            raise InputError(
                f"task.{what} = {fraction}: needs two samples at least, not {len(left)}"
            )
        rest, drawn = split.split(fraction, strata[left], task.split_seed)
        parts |= {"train": left[rest], what: left[drawn]}
    return parts


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


def _said(task: Task, raw: Raw, targets: Targets) -> list[str]:
    """Say that whole numbers were taken for classes."""
    named = tuple(column.name for column in raw.targets if column.numeric)
    if task.kind is not Kind.AUTO or len(targets.classes) < 3 or named != targets.names[:1]:
        return []
    name, count = short(named[0]), len(targets.classes)
    return [
        f"the target {name} has {count} whole numbers, which are taken for classes: "
        f"{listed(targets.classes)}; task.kind = 'numbers' makes it a regression"
    ]
