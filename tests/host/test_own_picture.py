"""The picture of training on own data shows what the JSON says."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from host import own_picture, picture
from tests.host.conftest import read_json, run

CONFIG = """
[task]
name = "file"
path = "data.csv"
inputs = "fixed"
scale = "standard"
test = 0.25
target = {target}
[network]
layers = [1, {outputs}]
[formats]
theta = "Q3.9"
cost_bits = 10
[training]
amplitude = -4
eta = -5
steps = 100
check_every = 20
"""

KEEP = picture.keep

NAMES = ("a $x^2$ b", "two\tthings", "a name that is rather long", "d")


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch, folder: Path) -> list[Any]:
    """Write data with words and numbers; catch figures in place of writing them."""
    draw, rows = random.Random(4), ["x0;word;one;two"]
    for k in range(80):
        x = draw.random()
        rows.append(f'{x};"{NAMES[int(4 * x)]}";{100 + x};{k % 7}')
    (folder / "data.csv").write_text("\n".join(rows))
    caught: list[Any] = []
    monkeypatch.setattr(picture, "keep", lambda figure, _: caught.append(figure))
    return caught


def draw(folder: Path, target: str, outputs: int, *words: str) -> dict[str, Any]:
    """Train three runs and draw them; return the JSON."""
    columns = f'{target}\ncolumns = ["x0"]\n'
    (folder / "my.toml").write_text(CONFIG.format(target=columns, outputs=outputs))
    words = ("train", "my.toml", "--runs", "3", "--plot", "a.png", "--json", "o.json", *words)
    assert run(*words) == 0
    return read_json(folder / "o.json")


def test_classes(figures: list[Any], folder: Path) -> None:
    found = draw(folder, '"word"', 4)
    cost, accuracy, matrix = figures[0].axes
    assert len(cost.lines) == len(accuracy.lines) == 3
    for line, one in zip(accuracy.lines, found["runs"], strict=True):
        assert line.get_xdata().tolist() == [20, 40, 60, 80, 100]
        assert line.get_ydata()[-1] == one["train"]["accuracy"]
    total = np.sum([one["test"]["confusion"] for one in found["runs"]], axis=0)
    texts = [text.get_text() for text in matrix.texts]
    assert [int(text) for text in texts] == total.ravel().tolist()
    assert matrix.get_title() == "test, 3 runs"
    labels = [label.get_text() for label in matrix.get_xticklabels()]
    assert sorted(labels) == sorted(["a \\$x^2\\$ b", "two things", "a name that…", "d"])


def test_accuracy_of_many_runs(figures: list[Any], folder: Path) -> None:
    """The median, in the band of the quartiles."""
    found = draw(folder, '"word"', 4, "--runs", "12")
    cost, accuracy, _ = figures[0].axes
    (line,), (_,) = accuracy.lines, accuracy.collections
    ends = [one["train"]["accuracy"] for one in found["runs"]]
    assert line.get_ydata()[-1] == np.median(ends)
    assert len(cost.lines) == 1


def test_numbers(figures: list[Any], folder: Path) -> None:
    found = draw(folder, '["one", "two"]', 2)
    _, *panels = figures[0].axes
    assert [panel.get_title() for panel in panels] == ["one, test", "two, test"]
    best = min(found["runs"], key=lambda one: one["cost"])
    for panel, rmse in zip(panels, best["test"]["rmse"], strict=True):
        _, points = panel.lines
        error = np.sqrt(((points.get_xdata() - points.get_ydata()) ** 2).mean())
        assert error == pytest.approx(rmse)


def test_many_classes_have_no_matrix(
    figures: list[Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_picture, "MOST_CLASSES", 3)
    draw(folder, '"word"', 4)
    assert [axes.get_title() for axes in figures[0].axes[1:]] == ["accuracy, training"]


def test_the_same_runs_make_the_same_file(figures: list[Any], folder: Path) -> None:
    for _ in range(2):
        draw(folder, '"word"', 4)
    made = []
    for k, figure in enumerate(figures):
        KEEP(figure, folder / f"{k}.svg")
        made.append((folder / f"{k}.svg").read_bytes())
    assert made[0] == made[1]
