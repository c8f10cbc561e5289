"""The reference of Python: a page for each folder, with a section for each file."""

from __future__ import annotations

from typing import Any

from amaranth.lib import wiring
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.ext import apidoc
from sphinx.util import inspect

from docs.extensions import DOCS, FOLDERS, ROOT

PAGES = DOCS / "reference" / "python"
"""Git ignores them."""


def write(app: Sphinx) -> None:
    """Write the pages, before Sphinx looks which there are."""
    for folder in FOLDERS:
        words = ("-q", "--force", "--module-first", "--remove-old", "--no-toc")
        where = ("--templatedir", str(DOCS / "templates"), "--output-dir", str(PAGES / folder))
        apidoc.main([*words, *where, str(ROOT / folder)])


def look_up_whole_names(app: Sphinx, doctree: nodes.document) -> None:
    """Let a type's name mean one of its own module, or nothing.

    Sphinx would guess among all modules, also where a reference says that it is not `refspecific`;
    here many names are in several, as `hdl` and `model` mirror each other.
    """
    for reference in doctree.findall(addnodes.pending_xref):
        reference.attributes.pop("refspecific", None)


def show_own_parameters(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, signature: str, returns: str
) -> tuple[str, str] | None:
    """Show what a component is made of: Sphinx would show `__new__` of Amaranth's `Component`."""
    if what != "class" or not issubclass(thing, wiring.Component):
        return None
    own = inspect.signature(thing.__init__, bound_method=True)
    shown = inspect.stringify_signature(
        own, show_return_annotation=False, unqualified_typehints=True
    )
    return shown, returns


def keep_sentences(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]
) -> None:
    """Begin what is said of a constant or a property with an empty comment.

    Napoleon would take what is before the first colon of its first line for a type.
    """
    if what in ("attribute", "data", "property") and lines:
        lines[:0] = ["..", ""]


BEFORE_NAPOLEON = 400
"""Priority among those who hear of a docstring."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect all of these."""
    app.connect("builder-inited", write)
    app.connect("autodoc-process-signature", show_own_parameters)
    app.connect("autodoc-process-docstring", keep_sentences, priority=BEFORE_NAPOLEON)
    app.connect("doctree-read", look_up_whole_names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
