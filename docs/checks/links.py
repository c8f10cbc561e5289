"""No dead link inside: of the built site, or of Markdown as it lies in the project.

    python -m docs.checks.links build/site

Prints each dead link with its page; exit status 1 if there is one. Links to elsewhere are not
followed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.anchors.index import slugify


@dataclass
class Page:
    """What a page links to, and which places on it can be linked to."""

    links: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)


class Reader(HTMLParser):
    """Reads a page of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the links and anchors of a tag."""
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.page.links.append(value)
            if value and (name == "id" or (tag == "a" and name == "name")):
                self.page.anchors.add(value)


def html(path: Path) -> Page:
    """Read a page of a built site."""
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader.page


def markdown(path: Path) -> Page:
    """Read a page as it is browsed in the project, with the anchors that headings have there."""
    page = Page()
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(path.read_text(encoding="utf-8"))
    for k, token in enumerate(tokens):
        if token.type == "heading_open":
            page.anchors.add(_anchor(tokens[k + 1], page.anchors))
        for inner in token.children or []:
            target = inner.attrGet("href") or inner.attrGet("src")
            if target:
                page.links.append(str(target))
    return page


def _anchor(heading: Token, taken: set[str]) -> str:
    text = "".join(part.content for part in heading.children or [])
    slug = first = slugify(text)
    count = 0
    while slug in taken:
        count += 1
        slug = f"{first}-{count}"
    return slug


def dead(pages: dict[Path, Page]) -> Iterator[tuple[Path, str]]:
    """Find the links of pages that lead nowhere.

    Yields
    ------
    path, link
        Of the page, and the link as it is there.
    """
    for path, page in pages.items():
        for link in dict.fromkeys(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            aim = path.parent / unquote(parts.path) if parts.path else path
            aim = aim.resolve() / "index.html" if aim.is_dir() and path.suffix == ".html" else aim
            there = pages.get(aim.resolve())
            anchor = unquote(parts.fragment)
            if not aim.exists() or (there and anchor and anchor not in there.anchors):
                yield path, link


def site(folder: Path) -> dict[Path, Page]:
    """Read a built site; its pages by their paths."""
    return {path.resolve(): html(path) for path in sorted(folder.rglob("*.html"))}


def project(folder: Path) -> dict[Path, Page]:
    """Read the pages of the project; those that are written anew at each build are left out."""
    written = folder / "docs" / "reference" / "python"
    paths = [*folder.glob("*.md"), *(folder / "docs").rglob("*.md")]
    return {path.resolve(): markdown(path) for path in sorted(paths) if written not in path.parents}


def main(words: Sequence[str]) -> int:
    """Check a site; return 1 if a link is dead, 2 if there is no site."""
    folder = Path(*words)
    pages = site(folder)
    if not pages:
        print(f"links: {folder}: there are no pages; make docs builds them", file=sys.stderr)
        return 2
    found = [f"{path.relative_to(folder.resolve())}: {link}" for path, link in dead(pages)]
    for line in found:
        print(f"links: dead: {line}", file=sys.stderr)
    count = sum(not re.match(r"\w+:", link) for page in pages.values() for link in page.links)
    print(f"links: {len(found)} dead of {count:,} on {len(pages):,} pages")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
