"""Names of files lead to the page that shows them, and to none where there is none."""

from __future__ import annotations

import pytest

from docs.extensions.sources import INCLUDED, page_of
from tests.conftest import EXAMPLES

PAGES = {"index", "contributing", "changelog", "loop", "boards/ice40"}
MODULES = {"hdl.optimizer.cell", "hdl.optimizer", "model"}


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("hdl/optimizer/cell.py", "_modules/hdl/optimizer/cell"),
        ("hdl/optimizer/__init__.py", "_modules/hdl/optimizer"),
        ("model/__init__.py", "_modules/model"),
        ("hdl/optimizer/cells.py", None),
        ("tests/conftest.py", None),
        ("docs/loop.md", "loop"),
        ("docs/boards/ice40.md", "boards/ice40"),
        ("docs/loops.md", None),
        ("README.md", "index"),
        ("CONTRIBUTING.md", "contributing"),
        ("examples/xor.toml", None),
        ("py", None),
    ],
)
def test_page_of(path: str, page: str | None) -> None:
    assert page_of(path, PAGES, MODULES) == page


def test_what_is_included_is_there() -> None:
    root = EXAMPLES.parent
    for file, page in INCLUDED.items():
        assert (root / file).is_file()
        assert (root / "docs" / f"{page}.md").is_file()
