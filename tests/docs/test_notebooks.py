"""Notebooks run as they are, and say what they show."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).parents[2]

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))

PICTURE = "image/png"


def outputs(notebook: NotebookNode) -> list[str]:
    """What each cell of code prints, however many pieces it comes in; of a picture, that it is."""
    return [
        "".join(
            output.text if "text" in output else PICTURE
            for output in cell.outputs
            if "text" in output or PICTURE in output.data
        )
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def executed(path: Path, folder: Path) -> NotebookNode:
    notebook = nbformat.read(path, nbformat.NO_CONVERT)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}})
    return client.execute()


@pytest.mark.pages
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_what_it_computes(path: Path, tmp_path: Path) -> None:
    """Else: `jupyter execute --inplace docs/notebooks/*.ipynb`, and look at what has changed."""
    shown = outputs(nbformat.read(path, nbformat.NO_CONVERT))
    assert any(shown)
    assert outputs(executed(path, tmp_path)) == shown


def test_an_output_that_is_no_longer_true_is_seen(tmp_path: Path) -> None:
    stale = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(
                "print(1 + 1)",
                outputs=[nbformat.v4.new_output("stream", name="stdout", text="3\n")],
            )
        ]
    )
    path = tmp_path / "stale.ipynb"
    nbformat.write(stale, path)
    shown = outputs(nbformat.read(path, nbformat.NO_CONVERT))
    assert (shown, outputs(executed(path, tmp_path))) == (["3\n"], ["2\n"])


def test_there_are_notebooks() -> None:
    assert {path.stem for path in NOTEBOOKS} == {"iris", "xor"}
