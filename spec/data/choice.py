"""Which columns are inputs, and which are what is to be learnt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from spec.data.table import Source, short
from spec.errors import InputError

Names = Sequence[str | int]
"""Columns by name, or by number from 0, negative from the end."""

TARGETS = ("target", "class", "label", "y")
"""Names, in lower case, of a column that is taken for the target by itself; `y` not beside an `x`
and another of them, as it is a coordinate then."""

_SHOWN = 8
"""Columns that an error lists."""


@dataclass(frozen=True)
class Choice:
    """Numbers of columns.

    Attributes
    ----------
    inputs, targets : tuple of int
    coded : bool
        Whether the targets, columns t0, t1, …, are what the network is to give, as it is.
    """

    inputs: tuple[int, ...]
    targets: tuple[int, ...]
    coded: bool = False


def choose(source: Source, target: Names, columns: Names, key: str = "task.target") -> Choice:
    """Choose columns.

    Parameters
    ----------
    source : Source
    target : sequence of str or int
        The targets. If there are none, they are the columns t0, t1, … beside x0, x1, …; a column
        called target, class, label or y, or columns y0, y1, …; or the only column of words.
    columns : sequence of str or int
        The inputs; by default all columns that are no targets.
    key : str
        Where the target is given, for errors.

    Raises
    ------
    InputError
        If there is no such column, a column is named twice, or the target cannot be told.
    """
    coded = not target and _is_coded(source)
    if coded:
        inputs, targets = coded_columns(source)
    elif target:
        targets = _found(source, target, key)
        inputs = ()
    else:
        targets, inputs = _guessed(source, key), ()
    if columns:
        inputs = _found(source, columns, "task.columns")
    elif not coded:
        inputs = tuple(k for k in range(len(source.names)) if k not in targets)
    both = set(inputs) & set(targets)
    if both:
        name = source.names[min(both)]
        raise InputError(f"{source.path}: column {name!r} is an input and a target; it may be one")
    if not inputs:
        raise InputError(f"{source.path}: no column is left for the inputs, beside the target")
    return Choice(inputs, targets, coded)


def coded_columns(
    source: Source, *, targets: bool = True
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Find the columns x0, x1, … and t0, t1, … in any order; t only if needed or there.

    Raises
    ------
    InputError
        If one is missing, or there are others.
    """
    names, path = source.names, source.path
    found: list[tuple[int, ...]] = []
    for letter in "xt":
        wanted = [f"{letter}{k}" for k in range(sum(n.startswith(letter) for n in names))]
        missing = [name for name in wanted if name not in names]
        if missing or (not wanted and (targets or letter == "x")):
            may = "" if targets else ", and may name the columns "
            raise InputError(
                f"{path}: the header has no column {(missing or [f'{letter}0'])[0]!r}; it must "
                f"name the columns x0, x1, … (inputs){may or ' and '}t0, t1, … (targets)"
                + (", or set task.target" if targets else "")
            )
        found.append(tuple(names.index(name) for name in wanted))
    extra = [name for name in names if not name.startswith(("x", "t"))]
    if extra:
        raise InputError(
            f"{path}: unknown column {extra[0]!r}; allowed are x0, x1, … and t0, t1, …"
            + (", unless task.target is set" if targets else "")
        )
    return found[0], found[1]


def _is_coded(source: Source) -> bool:
    """Whether the columns are named as those of coded data."""
    names = source.names
    targets = any(re.fullmatch("t[0-9]+", name) for name in names)
    return targets or all(re.fullmatch("x[0-9]+", name) for name in names)


def _guessed(source: Source, key: str) -> tuple[int, ...]:
    """Find the targets by their names, or as the only column of words."""
    names = [name.lower() for name in source.names]
    wanted = {name for name in names if name in TARGETS}
    if "x" in names and len(wanted) > 1:
        wanted.discard("y")
    for found in (
        [k for k, name in enumerate(names) if name in wanted],
        [k for k, name in enumerate(names) if re.fullmatch("y[0-9]+", name)],
        [k for k, words in enumerate(source.words) if words],
    ):
        several = len(found) > 1 and not re.fullmatch("y[0-9]+", names[found[0]])
        if found and not several:
            return tuple(found)
        if found:
            break
    raise InputError(
        f"{key}: is missing; which column of {source.path} is to be learnt? It has {listed(source)}"
    )


def _found(source: Source, given: Names, key: str) -> tuple[int, ...]:
    """Look columns up."""
    names, found = source.names, []
    for item in given:
        if isinstance(item, str):
            place = names.index(item) if item in names else None
        else:
            place = item % len(names) if -len(names) <= item < len(names) else None
        shown = short(item) if isinstance(item, str) else item
        if place is None:
            raise InputError(
                f"{key} = {shown}: no column of {source.path}, which has {listed(source)}"
            )
        if place in found:
            raise InputError(f"{key}: names the column {names[place]!r} twice")
        found.append(place)
    return tuple(found)


def listed(source: Source) -> str:
    """List the columns of a file, for an error."""
    names = source.names
    shown = ", ".join(short(name) for name in names[:_SHOWN])
    more = f", … ({len(names)} in all)" if len(names) > _SHOWN else ""
    return f"the columns {shown}{more}"


def match(
    source: Source, inputs: Sequence[str], targets: Sequence[str], *, key: str, needed: bool
) -> Choice:
    """Find the columns of one file in another.

    By their names; or, in a file without names or with others, in order, if there are as many.

    Parameters
    ----------
    source : Source
        The other file.
    inputs, targets : sequence of str
        Names in the first one.
    key : str
        Who named the other file, for errors.
    needed : bool
        Whether it must have the targets; otherwise it may have them.

    Raises
    ------
    InputError
        Naming a column that is missing.
    """
    names = source.names
    has_targets = all(name in names for name in targets)
    if needed and not has_targets:
        missing = next(name for name in targets if name not in names)
        raise InputError(
            f"{key}: {source.path} has no column {missing!r}, the target; it has {listed(source)}"
        )
    found = tuple(names.index(name) for name in targets) if has_targets else ()
    if all(name in names for name in inputs):
        return Choice(tuple(names.index(name) for name in inputs), found)
    others = tuple(k for k in range(len(names)) if k not in found)
    if len(others) != len(inputs) or any(name in names for name in inputs if source.named):
        missing = next(name for name in inputs if name not in names)
        raise InputError(
            f"{key}: {source.path} has no column {missing!r}; it has {listed(source)}, and "
            f"{len(inputs)} inputs are needed"
        )
    return Choice(others, found)
