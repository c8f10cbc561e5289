"""A page, read as a browser would: what must never be in it, and what its tables say."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Read(HTMLParser):
    """What is in a page.

    Attributes
    ----------
    mistakes : list of str
        Tags that do not match, ids that occur twice, whatever comes from elsewhere or is run.
    tables : list of list of list of str
        Cells of each row.
    code : list of str
    tags : list of str
    """

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.mistakes: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.code: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self._ids: set[str] = set()
        self._links: set[str] = set()
        self.feed(page)
        self.close()
        self.mistakes += [f"{tag} is not closed" for tag in self._open]
        self.mistakes += [f"#{name} leads nowhere" for name in self._links - self._ids]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a tag."""
        if tag not in VOID:
            self._open.append(tag)
        self._look(tag, attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See one that is closed at once, as in SVG."""
        self._look(tag, attrs)

    def _look(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag in ("script", "link", "iframe", "object", "embed", "base", "form", "img"):
            self.mistakes.append(f"<{tag}>")
        for name, value in attrs:
            self._look_at(name, value or "")
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
        elif tag == "pre":
            self.code.append("")

    def _look_at(self, name: str, value: str) -> None:
        if name.startswith("on"):
            self.mistakes.append(name)
        if name == "id":
            if value in self._ids:
                self.mistakes.append(f"id {value} twice")
            self._ids.add(value)
        self._links |= set(re.findall(r"url\(#([^)]*)\)", value))
        if name.split(":")[-1] in ("href", "src", "srcset", "action"):
            if value.startswith("#"):
                self._links.add(value[1:])
            elif not value.startswith("data:image/png;base64,"):
                self.mistakes.append(f"{name} {value}")

    def handle_endtag(self, tag: str) -> None:
        """Close a tag."""
        if not self._open or self._open.pop() != tag:
            self.mistakes.append(f"</{tag}> closes another")

    def handle_data(self, data: str) -> None:
        """Read text."""
        if self._open and self._open[-1] == "style" and re.search(r"@import|url\((?!#)", data):
            self.mistakes.append("a style from elsewhere")
        self.text += data
        if "td" in self._open or "th" in self._open:
            self.tables[-1][-1][-1] += data
        if "pre" in self._open:
            self.code[-1] += data

    def values(self) -> dict[str, str]:
        """Return the second cell of each row of two, by the first."""
        return {row[0]: row[1] for table in self.tables for row in table if len(row) == 2}

    def table(self, *head: str) -> list[list[str]]:
        """Return the rows of the table whose titles begin so."""
        for first, *rows in filter(None, self.tables):
            if tuple(first[: len(head)]) == head:
                return rows
        raise AssertionError(f"no table {head}")
