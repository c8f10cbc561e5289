"""`mgd new`: what it says of a file, and a config that trains on it, or one line why not."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.proposal import Key, hidden_neurons, render, tables
from host.survey import survey
from spec.config import Config
from tests.host.conftest import read_json, run

DRAW = random.Random(7)
ROWS = [(round(DRAW.gauss(0, 1), 3), round(DRAW.gauss(50, 20), 2)) for _ in range(60)]
KINDS = ["warm" if a * 20 + b > 50 else "cold" for a, b in ROWS]


def save(path: Path, header: str, rows: list[str]) -> Path:
    """Write a CSV."""
    path.write_text("\n".join([header, *rows] if header else rows) + "\n", encoding="utf-8")
    return path


def classes(folder: Path) -> Path:
    """Two classes of words."""
    rows = [f"{a},{b},{kind}" for (a, b), kind in zip(ROWS, KINDS, strict=True)]
    return save(folder / "weather.csv", "wind,sun,kind", rows)


def words_and_gaps(folder: Path) -> Path:
    """A column that counts, one of words, one that is hardly filled, one with a gap; one of CSV."""
    rows = [
        f"{k + 1};town {k};{a};{'' if k != 3 else 1};{b if k != 5 else ''};{kind}"
        for k, ((a, b), kind) in enumerate(zip(ROWS, KINDS, strict=True))
    ]
    return save(folder / "towns.csv", "id;name;wind;rare;sun;kind", rows)


def numbers_without_names(folder: Path) -> Path:
    """A regression of columns that are known by their numbers."""
    return save(folder / "plain.txt", "", [f"{a}\t{b}\t{3 * a - b / 10:.3f}" for a, b in ROWS])


def several_targets(folder: Path) -> Path:
    """Two numbers to learn, y0 and y1."""
    np.savez(folder / "two.npz", x=np.array(ROWS), y=np.array([(a + b, a - b) for a, b in ROWS]))
    return folder / "two.npz"


def coded(folder: Path) -> Path:
    """What the network is to give, as it is: 0 or 3."""
    return save(
        folder / "own.csv", "x0,x1,t0", [f"{a / 4},{b / 100},{3 * (a > 0)}" for a, b in ROWS]
    )


def with_a_test(folder: Path) -> Path:
    """Arrays that bring their test."""
    x, y = np.array(ROWS), np.array([kind == "warm" for kind in KINDS]).astype(int)
    np.savez(folder / "split.npz", x_train=x[:40], y_train=y[:40], x_test=x[40:], y_test=y[40:])
    return folder / "split.npz"


def too_wide(folder: Path) -> Path:
    """More inputs than a network has."""
    np.savez(folder / "wide.npz", x=np.zeros((4, 4097)), y=np.arange(4) % 2)
    return folder / "wide.npz"


def few(folder: Path) -> Path:
    """Four samples: none can be spared for a test."""
    return save(folder / "xor.csv", "a,b,class", ["0,0,no", "0,1,yes", "1,0,yes", "1,1,no"])


WORDS = {
    classes: ([], {"target": "kind", "test": 0.2}, [2, 8, 1], "plan"),
    words_and_gaps: (
        ["--target", "kind"],
        {"target": "kind", "columns": ["wind", "sun"], "missing": "drop", "test": 0.2},
        [2, 8, 1],
        "plan",
    ),
    numbers_without_names: (["--target", "-1"], {"target": -1, "test": 0.2}, [2, 8, 1], "tanh"),
    several_targets: ([], {"target": ["y0", "y1"], "test": 0.2}, [2, 8, 2], "tanh"),
    coded: ([], {"test": 0.2}, [2, 8, 1], "identity"),
    with_a_test: (["--kind", "classes"], {"target": "y", "kind": "classes"}, [2, 8, 1], "plan"),
    few: ([], {"target": "class"}, [2, 8, 1], "plan"),
}


@pytest.mark.parametrize("make", WORDS)
def test_a_config_that_trains(make, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words, task, layers, output = WORDS[make]
    data = make(folder)
    assert run("new", data.name, *words) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    path = data.with_suffix(".toml")
    assert f"{path.name} is written" in printed.out
    given = tomllib.loads(path.read_text(encoding="utf-8"))
    fixed = {"name": "file", "path": data.name, "inputs": "fixed", "scale": "auto"}
    assert given["task"] == fixed | task
    assert (given["network"]["layers"], given["network"]["output"]) == (layers, output)
    config = Config.load(path)
    assert config.eta == given["training"]["eta"]
    assert f"η = 2^{config.eta}" in printed.out
    assert run("train", path.name, "--steps", "40", "--json", "out.json") == 0
    assert read_json(folder / "out.json")["runs"][0]["steps"] == 40


def test_what_it_says_of_columns(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("new", words_and_gaps(folder).name, "--target", "kind") == 0
    printed = capsys.readouterr().out
    rows = {cells[0]: cells[1:] for line in printed.splitlines() if (cells := cells_of(line))}
    low, high = (f(a for a, _ in ROWS) for f in (min, max))
    assert rows["wind"] == [f"{low:g} to {high:g}", "", "input"]
    assert rows["sun"][1:] == ["1", "input"]
    assert rows["id"] == ["1 to 60", "", "left out: counts the samples"]
    assert rows["name"] == ["60 words", "", "left out: words"]
    assert rows["rare"] == ["1 to 1", "59", "left out: lacks most of its values"]
    assert rows["kind"] == ["2 words", "", "target"]
    assert "1 of 60 samples have missing values" in printed


def cells_of(line: str) -> list[str]:
    """Cells of a row of a table on the terminal."""
    return [cell.strip() for cell in line.strip("│").split("│")] if line.startswith("│") else []


def test_it_learns(folder: Path) -> None:
    """With no key changed, and a fortieth of the steps."""
    data = classes(folder)
    assert run("new", data.name) == 0
    assert run("train", "weather.toml", "--steps", "5000", "--json", "out.json") == 0
    (found,) = read_json(folder / "out.json")["runs"]
    assert found["test"]["accuracy"] > found["test"]["baseline_accuracy"] + 0.2


def test_where_it_goes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "sub").mkdir()
    classes(folder)
    assert run("new", "weather.csv", "-o", "sub/mine.toml") == 0
    assert Config.load("sub/mine.toml").task.path == "../weather.csv"
    (folder / "weather.toml").write_text("mine")
    assert run("new", "weather.csv") == 2
    assert (folder / "weather.toml").read_text() == "mine"
    assert "weather.toml: is there already; --force replaces it" in capsys.readouterr().err
    assert run("new", "weather.csv", "--force") == 0
    assert Config.load("weather.toml").parameters == 33


REFUSED = {
    "nothing there": (None, ["no.csv"], "DATA = 'no.csv': there is no such file"),
    "a folder": (None, ["."], ".: must end in one of .csv"),
    "too wide": (too_wide, ["wide.npz"], "wide.npz: has 4,097 inputs; a network has 4,096 at most"),
    "a suffix": (classes, ["weather.xls"], "must end in one of .csv"),
    "an output": (classes, ["weather.csv", "-o", "x.json"], "x.json: must end in one of .toml"),
    "no folder": (classes, ["weather.csv", "-o", "no/x.toml"], "there is no folder no"),
    "no target": (numbers_without_names, ["plain.txt"], "--target: is missing; which column"),
    "no such target": (
        classes,
        ["weather.csv", "--target", "rain"],
        "--target = 'rain': no",
    ),
    "twice": (classes, ["weather.csv"] + ["--target", "kind"] * 2, "--target: names the column"),
    "a kind": (classes, ["weather.csv", "--kind", "words"], "invalid choice: 'words'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input(case: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make, words, line = REFUSED[case]
    if make:
        make(folder)
    before = sorted(folder.iterdir())
    assert run("new", *words) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert line in printed.err
    assert sorted(folder.iterdir()) == before


def test_words_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(folder / "w.csv", "a,b", ["red,yes", "blue,no"])
    assert run("new", "w.csv", "--target", "b") == 2
    assert "no column can be an input; at least one of numbers is needed" in capsys.readouterr().err


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=3))
def test_any_name_comes_back(names: list[str]) -> None:
    changes = [{"step": 5, "eta": -3}, {"step": 9, "eta": -4}]
    proposal = {
        "task": [Key("target", names, "names"), Key("test", 0.2)],
        "training": [Key("eta", -2), Key("schedule", changes)],
    }
    assert tomllib.loads(render(proposal, "a comment")) == tables(proposal)


@pytest.mark.parametrize(("inputs", "kinds", "hidden"), [(2, 2, 8), (64, 10, 16), (300, 20, 64)])
def test_the_width(inputs: int, kinds: int, hidden: int, tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(200, inputs))
    np.savez(tmp_path / "d.npz", x=x, y=np.arange(200) % kinds)
    assert hidden_neurons(survey(tmp_path / "d.npz")) == hidden
