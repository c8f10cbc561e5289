"""Links to files of the project: to the page that shows them, of Python to their code.

Pages name files as they are in the project: `hdl/optimizer/cell.py`, or as a link that works where
the project's files are browsed. There is no address of the project to send a reader to.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Container
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

INCLUDED = {"README.md": "index", "CONTRIBUTING.md": "contributing", "CHANGELOG.md": "changelog"}
"""Pages that stand for a file of the project's first folder."""


def page_of(path: str, pages: Container[str], modules: Container[str]) -> str | None:
    """Return the page that shows a file of the project, if there is one.

    Parameters
    ----------
    path : str
        In the project.
    pages : container of str
        By their names on the site.
    modules : container of str
        Those whose code is on the site.
    """
    stem, dot, suffix = path.rpartition(".")
    if path in INCLUDED:
        return INCLUDED[path]
    if dot and suffix == "md":
        page = stem.removeprefix("docs/")
        return page if page in pages else None
    module = stem.removesuffix("/__init__")
    known = suffix == "py" and module.replace("/", ".") in modules
    return f"_modules/{module}" if known else None


def link(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Make links of names of files, and of downloads that are code."""
    viewed: dict[str, Any] = getattr(app.env, "_viewcode_modules", {})
    shown = {name for name, entry in viewed.items() if entry}

    def reference(path: str) -> nodes.reference | None:
        page = page_of(path, app.env.found_docs, shown)
        if page is None:
            return None
        where = app.builder.get_relative_uri(docname, page)
        return nodes.reference("", "", internal=True, refuri=where)

    for node in list(doctree.findall(addnodes.download_reference)):
        start = posixpath.join("docs", posixpath.dirname(docname))
        made = reference(posixpath.normpath(posixpath.join(start, node["reftarget"])))
        if made is not None:
            made += node.children
            node.replace_self(made)
    for node in list(doctree.findall(nodes.literal)):
        text = node.astext()
        if re.fullmatch(r"[\w/-]+\.(py|md)", text) and not isinstance(node.parent, nodes.reference):
            made = reference(text)
            if made is not None:
                node.replace_self(made)
                made += node


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect it; the environment holds what viewcode shows."""
    app.connect("doctree-resolved", link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
