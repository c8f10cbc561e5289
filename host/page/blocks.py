"""What a page is made of. All text is plain: the template escapes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

Cell = str | int | float | None
"""Numbers are written as `written` does, and stand on the right."""


@dataclass(frozen=True)
class Table:
    """Rows of cells.

    Attributes
    ----------
    head : sequence of str
        Titles of the columns; none of a list of names and values.
    rows : sequence of sequence of Cell
    caption : str
    shares : sequence of sequence of float, optional
        How strongly each cell of a row but its first is coloured, from 0 to 1.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""
    shares: Sequence[Sequence[float]] = ()
    kind: str = "table"


@dataclass(frozen=True)
class Figure:
    """A picture: SVG, made by us."""

    svg: str
    caption: str
    kind: str = "figure"


@dataclass(frozen=True)
class Note:
    """A paragraph."""

    text: str
    kind: str = "note"


@dataclass(frozen=True)
class Code:
    """Text as it is, such as a command or a file."""

    text: str
    caption: str = ""
    kind: str = "code"


Block = Table | Figure | Note | Code


@dataclass(frozen=True)
class Section:
    """A part of a page."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes
    ----------
    title, subtitle : str
    tiles : sequence of (str, Cell)
        What matters most: a name and a value.
    sections : sequence of Section
    """

    title: str
    subtitle: str
    tiles: Sequence[tuple[str, Cell]] = ()
    sections: Sequence[Section] = field(default_factory=tuple)


def written(cell: Cell) -> str:
    """Write a cell: numbers with commas or six digits, a dash where there is none."""
    if cell is None:
        return "–"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 10_000 else f"{cell:.6g}"
    return cell
