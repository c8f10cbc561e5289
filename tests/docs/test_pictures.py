"""A picture in the pages is what the command beside it draws."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from host.cli import main
from sim.simulators import Simulator
from tests.docs.pages import PAGES, ROOT, blocks, commands

IMAGES = ROOT / "docs" / "images"

OF_REPORTS = {"growth.png", "folded.png"}
"""Drawn from reports/*.json, by `make report` and `python -m experiments.folded_curves`."""


def drawn() -> dict[str, list[list[str]]]:
    """Commands that draw a picture, by its name: words of the last, and of those before it."""
    made: dict[str, list[list[str]]] = {}
    for page in PAGES:
        for block in blocks((ROOT / page).read_text(encoding="utf-8")):
            words = [command.words for command in commands(block)]
            for k, line in enumerate(words):
                made |= {Path(word).name: words[: k + 1] for word in line if is_ours(word)}
    return made


def is_ours(word: str) -> bool:
    return word.startswith("docs/images/")


def same(ours: Path, theirs: Path) -> bool:
    """Whether two pictures show the same: pixels, or the text of an SVG."""
    if ours.suffix == ".svg":
        return ours.read_bytes() == theirs.read_bytes()
    return np.array_equal(imread(ours), imread(theirs))


@pytest.mark.pages
@pytest.mark.parametrize("name", sorted(drawn()))
def test_a_picture_is_what_its_command_draws(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, icarus: Simulator
) -> None:
    """Else: type the command, in a clone, and look at the picture.

    Icarus has the same signals as Verilator, and compiles sooner.
    """
    new = tmp_path / name
    for path in ("examples", "docs"):
        (tmp_path / path).symlink_to(ROOT / path)
    monkeypatch.chdir(tmp_path)
    for words in drawn()[name]:
        quick = ["--simulator", icarus.value] if words[0] == "wave" else []
        assert main([str(new) if is_ours(word) else word for word in words] + quick) == 0
    assert same(new, IMAGES / name)


def test_every_picture_has_a_command() -> None:
    assert {path.name for path in IMAGES.iterdir()} == set(drawn()) | OF_REPORTS


def test_another_picture_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text("<svg/>")
    (tmp_path / "b.svg").write_text("<svg></svg>")
    assert not same(tmp_path / "a.svg", tmp_path / "b.svg")
    assert not same(IMAGES / "xor.png", IMAGES / "growth.png")
    assert same(IMAGES / "xor.png", IMAGES / "xor.png")
