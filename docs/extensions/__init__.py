"""What Sphinx needs of ours: the reference of Python, that of commands, links to code."""

from pathlib import Path

DOCS = Path(__file__).resolve().parents[1]
ROOT = DOCS.parent
"""Of the project."""

FOLDERS = ("spec", "model", "hdl", "sim", "boards", "host", "mgd")
"""Those whose docstrings are the reference."""
