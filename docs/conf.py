"""How Sphinx builds the site: `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.ext import apidoc

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
FOLDERS = ("spec", "model", "hdl", "sim", "boards", "host", "mgd")

sys.path.insert(0, str(ROOT))

project = "mgd"
copyright = "the mgd developers"
html_title = "mgd"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["templates"]

# Pages are Markdown as GitHub shows it. Tests run the notebooks, which keep
# their outputs.
myst_heading_anchors = 4
myst_enable_extensions = ["dollarmath"]
nb_execution_mode = "off"

# Docstrings are numpydoc. Types are words, of which none is looked up; a name between single
# backticks is a link where Python knows it.
autodoc_member_order = "bysource"
autodoc_default_options = {
    "members": True,
    "show-inheritance": True,
    "ignore-module-all": True,
    "exclude-members": "set_score_request",  # scikit-learn's, put into a class of ours
}
autodoc_typehints_format = "short"
default_role = "py:obj"
napoleon_google_docstring = False
napoleon_use_param = False
napoleon_use_rtype = False
napoleon_custom_sections = [("Members", "params_style"), ("Attributes", "params_style")]
toc_object_entries = False

html_theme = "furo"
html_copy_source = False
html_show_sphinx = False


def write_reference(app: Sphinx) -> None:
    """Write a page for each folder of Python, with a section for each file; Git ignores them."""
    for folder in FOLDERS:
        apidoc.main(
            [
                *("-q", "--force", "--module-first", "--remove-old", "--no-toc"),
                *("--templatedir", str(HERE / "templates")),
                *("--output-dir", str(HERE / "reference" / "python" / folder)),
                str(ROOT / folder),
            ]
        )


def look_up_whole_names(app: Sphinx, doctree: nodes.document) -> None:
    """Let a type's name mean one of its own module, or nothing.

    Sphinx would guess among all modules, also where a reference says that it is not `refspecific`;
    here many names are in several, as `hdl` and `model` mirror each other.
    """
    for reference in doctree.findall(addnodes.pending_xref):
        reference.attributes.pop("refspecific", None)


def setup(app: Sphinx) -> None:
    """Have the reference written before pages are looked for."""
    app.connect("builder-inited", write_reference)
    app.connect("doctree-read", look_up_whole_names)
