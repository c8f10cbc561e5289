"""Text with separated values: its encoding, its separator, its lines.

The lines go through Python's own `csv`, strictly: unlike pandas and polars it tells on which line a
record begins and how many values it has, where those fill up short lines in silence.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spec.errors import InputError

MOST_BYTES = 1 << 27
"""Of a text file, 128 MiB: its cells take some ten times as much memory."""

HEAD = 100
"""Records that tell the separator, the header and which columns hold words."""

SEPARATORS = ("\t", ";", "|", ",", " ")
"""Tried in this order, as decimal commas look like separators; blanks may be several."""

Record = tuple[int, list[str]]
"""The line on which it begins, from 1, and its cells without blanks around."""

_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+([eE][+-]?[0-9]+)?")
_POINT = re.compile(r"[+-]?[0-9]*\.[0-9]+([eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Text:
    """A text file, decoded.

    Attributes
    ----------
    path : Path
    content : str
    separator : str
    decimal_comma : bool
        Whether 1,5 is a number.
    comment : str
        The last comment line above the first record, without its #; np.savetxt has a header there.
    """

    path: Path
    content: str
    separator: str = ","
    decimal_comma: bool = False
    comment: str = ""

    def records(self) -> Iterator[Record]:
        """Yield the records; blank lines, those of separators only and comments (#) are none.

        Raises
        ------
        InputError
            Where a quote is wrong, naming the line on which the record begins.
        """
        first = 0

        def lines() -> Iterator[str]:
            nonlocal first
            for count, line in _lines(self.content):
                first = first or count
                yield line.strip() if self.separator == " " else line

        reader = csv.reader(
            lines(), delimiter=self.separator, skipinitialspace=True, strict=True
        )  # fmt: skip
        while True:
            first = 0
            try:
                cells = [cell.strip() for cell in next(reader)]
            except StopIteration:
                return
            except csv.Error as error:
                reason = str(error)
                if "unexpected end" in reason:
                    reason = "a quote is opened, and never closed"
                raise InputError(f"{self.path}, line {first}: malformed CSV: {reason}") from None
            if any(cells):
                yield first, [self.plain(cell) for cell in cells] if self.decimal_comma else cells

    def plain(self, cell: str) -> str:
        """Write a number with a decimal comma as one with a point; leave all else."""
        return cell.replace(",", ".") if _COMMA.fullmatch(cell) else cell

    def head(self) -> list[Record]:
        """Return the first records."""
        return list(itertools.islice(self.records(), HEAD))


def read_text(path: Path) -> Text:
    """Read a text file, and find out how its values are separated.

    UTF-8, with or without a byte order mark, or UTF-16 with one.

    Raises
    ------
    InputError
        If it is no such text, or too large.
    """
    content, comment = _decoded(path), ""
    given = re.match(r"sep=([^\w\s]|\t)[\r\n]+", content)  # Excel's own hint
    if given:
        content = "#" + content
    for _, line in _lines(content, comments=True):
        if not line.startswith("#"):
            break
        comment = line.lstrip("# ").strip()
    if given:
        comment = ""
    separator = given[1] if given else _separator(content)
    return Text(path, content, separator, _decimal_comma(path, content, separator), comment)


def _decoded(path: Path) -> str:
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise InputError(
            f"{path}: {size >> 20:,} MiB of text; at most {MOST_BYTES >> 20} are read: take a part "
            "of it, or use NPZ"
        )
    with path.open("rb") as file:
        raw = file.read(MOST_BYTES)
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        content = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}, line {line}: not a text file in UTF-8") from None
    if "\0" in content:
        line = content.count("\n", 0, content.index("\0")) + 1
        raise InputError(f"{path}, line {line}: not a text file: it has a NUL byte")
    return content


def _lines(content: str, *, comments: bool = False) -> Iterator[tuple[int, str]]:
    """Yield line numbers and lines, whichever way they end, but for blank ones and comments."""
    for count, line in enumerate(io.StringIO(content, newline=None), start=1):
        bare = line.strip()
        if bare and (comments or not bare.startswith("#")):
            yield count, bare if comments else line


def _separator(content: str) -> str:
    """Find the separator by which most of the first lines have as many values, and several."""
    sample = [line for _, line in itertools.islice(_lines(content), HEAD)]
    best, most = ",", 0
    for separator in SEPARATORS:
        lines = [line.strip() for line in sample] if separator == " " else sample
        counts = []
        try:
            for record in csv.reader(
                lines, delimiter=separator, skipinitialspace=True, strict=True
            ):  # fmt: skip
                counts.append(len(record))
        except csv.Error:  # also where the sample ends within quotes
            pass
        several = Counter(count for count in counts if count > 1)
        agreeing = max(several.values(), default=0)
        if agreeing > most:
            best, most = separator, agreeing
    return best


def _decimal_comma(path: Path, content: str, separator: str) -> bool:
    """Whether numbers may have a decimal comma: it separates nothing, and none has a point."""
    if separator == ",":
        return False
    commas = points = 0
    for line, cells in Text(path, content, separator).head():
        commas += any(_COMMA.fullmatch(cell) for cell in cells)
        points += any(_POINT.fullmatch(cell) for cell in cells)
        if commas and points:
            raise InputError(
                f"{path}, line {line}: numbers with a decimal comma and with a decimal point; a "
                "file must have one of them, and nothing between thousands"
            )
    return not points
