"""docs/seeing.md shows what its commands make."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from host import live, picture
from host import train as training
from tests.conftest import EXAMPLES
from tests.host.conftest import XOR

DOCS = EXAMPLES.parent / "docs"

PAGE = (DOCS / "seeing.md").read_text(encoding="utf-8")


def shown(seed: int, runs: int, monkeypatch: pytest.MonkeyPatch) -> tuple[training.Training, str]:
    """Train XOR with --live, and return what the terminal shows at the end, indented."""
    charts: list[live.Chart] = []

    class Caught(live.Chart):
        def __init__(self, *words: object, **more: object) -> None:
            super().__init__(*words, **more)  # type: ignore[arg-type]
            charts.append(self)

    monkeypatch.setattr(training, "Chart", Caught)
    outcome = training.train(XOR.with_training(seed=seed), "model", runs, live=True)
    return outcome, "".join(f"    {line}".rstrip() + "\n" for line in charts[0].lines(80))


def test_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"mgd train xor --seed 3 --live\n\n{shown(3, 1, monkeypatch)[1]}\n" in PAGE
    assert shown(4, 1, monkeypatch)[1] not in PAGE


def test_many_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In the terminal, and as a picture, pixel by pixel."""
    outcome, chart = shown(1, 100, monkeypatch)
    assert f"mgd train xor --runs 100 --live\n\n{chart}\n" in PAGE
    picture.plot(outcome, tmp_path / "xor.png")
    made, kept = (imread(path) for path in (tmp_path / "xor.png", DOCS / "images" / "xor.png"))
    np.testing.assert_array_equal(made, kept)
