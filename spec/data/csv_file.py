"""CSV and its kin as a table: with a header or without."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from spec.data.csv_text import Record, Text, read_text
from spec.data.table import Column, Source, Table, column_of_words, is_missing, number
from spec.errors import InputError


def csv_source(path: Path) -> Source:
    """Open a text file of separated values.

    The first line is a header if a column begins with a word there and goes on with numbers, or if
    it holds words only; or if it counts 0, 1, 2, …, four or more. A header may also be the last
    comment above the numbers, as np.savetxt writes it. A last column without name and values is
    none; one of names, the first, that has no name and counts the lines is left out.
    """
    text = read_text(path)
    head = text.head()
    if not head:
        raise InputError(f"{path}: the file is empty; a header row and samples are needed")
    width = len(head[0][1])
    _require_width(path, head, width)
    names, skip = _names(text, head)
    rows = head[1:] if skip else head
    named, notes = names is not None, []
    titles = names or tuple(map(str, range(width)))
    used = [k for k in range(width) if titles[k] or any(cells[k] for _, cells in rows)]
    if 0 in used and not titles[0] and _counts(rows):
        used.remove(0)
        notes.append("the first column has no name and counts the lines; it is left out")
    titles = tuple(title or str(k) for k, title in enumerate(titles))
    seen: set[str] = set()
    for k in used:
        if titles[k] in seen:
            raise InputError(f"{path}: the header has {titles[k]!r} twice; names must differ")
        seen.add(titles[k])
    words = tuple(any(_word(cells[k]) for _, cells in rows) for k in used)

    def load(columns: Sequence[int]) -> Table:
        return _load(text, skip, width, [(titles[used[k]], used[k]) for k in columns])

    return Source(path, tuple(titles[k] for k in used), words, load, named, tuple(notes))


def _load(text: Text, skip: bool, width: int, columns: list[tuple[str, int]]) -> Table:
    places, cells = [], [[] for _ in columns]
    for line, record in text.records():
        if skip:
            skip = False
            continue
        if len(record) != width:
            _require_width(text.path, [(line, record)], width)
        places.append(line)
        for found, (_, k) in zip(cells, columns, strict=True):
            found.append(record[k])
    named = zip(columns, cells, strict=True)
    made: tuple[Column, ...] = tuple(column_of_words(name, found) for (name, _), found in named)
    return Table(made, lambda sample: f"{text.path}, line {places[sample]}")


def _require_width(path: Path, records: list[Record], width: int) -> None:
    for line, cells in records:
        if len(cells) != width:
            raise InputError(
                f"{path}, line {line}: {len(cells)} values, the first line has {width}"
            )


def _names(text: Text, head: list[Record]) -> tuple[tuple[str, ...] | None, bool]:
    """Return the names of the columns, if there are any, and whether the first record has them."""
    first, rest = head[0][1], [cells for _, cells in head[1:]]
    width = len(first)
    starts = [_word(cell) for cell in first]
    evident = any(starts[k] and rest and _numbers(cells[k] for cells in rest) for k in range(width))
    if evident or all(word or not cell for word, cell in zip(starts, first, strict=True)):
        return tuple(first), True
    counted = first if first[0] else first[1:]
    if len(counted) >= 4 and counted == [str(k) for k in range(len(counted))]:
        return tuple(first), True
    if text.comment:
        above = replace(text, content=text.comment, comment="").head()
        if above and len(above[0][1]) == width and all(map(_word, above[0][1])):
            return tuple(above[0][1]), False
    return None, False


def _word(cell: str) -> bool:
    return number(cell) is None and not is_missing(cell)


def _numbers(cells: Iterable[str]) -> bool:
    """Whether cells are numbers or missing, and not all missing."""
    found = [number(cell) is not None for cell in cells if not is_missing(cell)]
    return bool(found) and all(found)


def _counts(rows: list[Record]) -> bool:
    """Whether the first cells count the rows, from 0 or 1."""
    found = [cells[0] for _, cells in rows]
    return any(found == [str(k + start) for k in range(len(found))] for start in (0, 1))
