"""No dead link in what is browsed as it lies in the project; and the checker sees planted ones.

`make docs` checks the built site by the same.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.checks import links
from tests.conftest import EXAMPLES

PAGES = links.project(EXAMPLES.parent)


def test_no_dead_link() -> None:
    assert len(PAGES) > 20
    assert sum(len(page.links) for page in PAGES.values()) > 100
    assert list(links.dead(PAGES)) == []


SITE = {
    "index.html": '<h1 id="top">a</h1><a href="sub/b.html#here">b</a><a href="https://x.org/no">x</a>'
    '<a href="#top">top</a><img src="p.png"><a href="sub/">sub</a>',
    "sub/b.html": '<a name="here"></a><a href="../index.html?q=1#top">a</a>',
    "sub/index.html": "",
    "p.png": "",
}
MARKDOWN = {
    "README.md": "# One\n\n[b](docs/b.md#two-things) ![p](docs/p.png) `[no](no.md)` <https://x.org>\n",
    "docs/b.md": "# Two *things*\n\n## `c` (x, y)\n\n## One\n\n## One\n\n[a](../README.md#one)\n"
    "[self](#c-x-y) [again](#one-1)\n",
    "docs/p.png": "",
}


def written(folder: Path, files: dict[str, str]) -> Path:
    """Write a site or a project."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_a_site_without_dead_links(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert links.main([str(written(tmp_path, SITE))]) == 0
    assert capsys.readouterr().out == "links: 0 dead of 5 on 3 pages\n"


@pytest.mark.parametrize(
    ("page", "right", "wrong"),
    [
        ("index.html", "sub/b.html#here", "sub/c.html"),
        ("index.html", "#here", "#there"),
        ("index.html", 'href="#top"', 'href="#bottom"'),
        ("index.html", "p.png", "q.png"),
        ("index.html", 'href="sub/"', 'href="sup/"'),
        ("sub/b.html", "../index.html", "index.htm"),
    ],
)
def test_a_dead_link_of_a_site_is_found(
    page: str, right: str, wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert right in SITE[page]
    site = written(tmp_path, SITE | {page: SITE[page].replace(right, wrong)})
    assert links.main([str(site)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"links: dead: {page}: ")


def test_no_site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert links.main([str(tmp_path)]) == 2
    assert "there are no pages" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("page", "right", "wrong"),
    [
        ("README.md", "docs/b.md", "docs/c.md"),
        ("README.md", "#two-things", "#two"),
        ("README.md", "p.png", "q.png"),
        ("docs/b.md", "#c-x-y", "#c"),
        ("docs/b.md", "#one-1", "#one-2"),
    ],
)
def test_a_dead_link_of_markdown_is_found(
    page: str, right: str, wrong: str, tmp_path: Path
) -> None:
    assert list(links.dead(links.project(written(tmp_path, MARKDOWN)))) == []
    assert right in MARKDOWN[page]
    written(tmp_path, {page: MARKDOWN[page].replace(right, wrong)})
    ((path, _),) = links.dead(links.project(tmp_path))
    assert path == (tmp_path / page).resolve()
