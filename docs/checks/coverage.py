"""Every public name is in the reference: modules, classes, functions and methods.

    python -m docs.checks.coverage build/site

Prints each that is missing from the site's inventory; exit status 1 if there is one.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from sphinx.util.inventory import InventoryFile

from docs.extensions import FOLDERS, ROOT


def public(root: Path = ROOT, folders: Sequence[str] = FOLDERS) -> Iterator[str]:
    """Go through what the sources name and do not hide behind an underscore."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            yield module
            yield from _inside(ast.parse(path.read_text(encoding="utf-8")), module)


def _inside(tree: ast.Module | ast.ClassDef, name: str) -> Iterator[str]:
    for node in tree.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("_"):
            continue
        yield f"{name}.{node.name}"
        if isinstance(node, ast.ClassDef):
            yield from _inside(node, f"{name}.{node.name}")


def documented(site: Path) -> set[str]:
    """Return the names of Python in a site's inventory."""
    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="")
    return {
        name for kind, items in inventory.data.items() if kind.startswith("py:") for name in items
    }


def main(words: Sequence[str]) -> int:
    """Check a site; return 1 if a name is missing, 2 if there is no site."""
    site = Path(*words)
    if not (site / "objects.inv").is_file():
        print(f"coverage: {site}: there is no inventory; make docs builds it", file=sys.stderr)
        return 2
    names = dict.fromkeys(public())
    there = documented(site)
    missing = [name for name in names if name not in there]
    for name in missing:
        print(f"coverage: missing: {name}", file=sys.stderr)
    print(
        f"coverage: {len(names) - len(missing):,} of {len(names):,} public names in the reference"
    )
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
