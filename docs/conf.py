"""How Sphinx builds the site: `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

project = "mgd"
copyright = "the mgd developers"
html_title = "mgd"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "docs.extensions.python",
    "docs.extensions.commands",
    "docs.extensions.sources",
    "docs.extensions.waveforms",
]
exclude_patterns = ["templates", "static", "extensions", "checks"]

# Pages are Markdown as GitHub shows it. Tests run the notebooks, which keep
# their outputs.
myst_heading_anchors = 4
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
viewcode_follow_imported_members = False  # of what is defined elsewhere, there is no code here

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
