"""`mgd report`: the page says what the config is and what came of it, and nothing else."""

from __future__ import annotations

import dataclasses
import random
from pathlib import Path
from typing import Any

import pytest

from boards import build
from boards import estimate as estimates
from boards.build import BuildReport
from host import files
from host.page import hardware, optimizer, template
from host.page.blocks import Page, Section
from host.train import train
from model.run import theta_digest
from spec.config import Config
from spec.external.config import ExternalConfig
from spec.training import Training
from tests.conftest import EXAMPLES, examples
from tests.host.conftest import XOR, read_json, run
from tests.host.page.html import Read
from tests.spec.data.test_images import mnist

NASTY = "<script>alert(1)</script>"

CONFIG = """
# {comment}
[task]
name = "file"
path = "data.csv"
inputs = "fixed"
scale = "standard"
test = 0.25
{target}
[network]
layers = [{layers}]
[formats]
theta = "Q3.9"
cost_bits = 10
[training]
amplitude = -4
eta = -5
steps = 60
check_every = 20
"""


IMAGES = """
[task]
name = "mnist"
path = "nowhere"
inputs = "fixed"
[network]
shape = [4, 3, 1]
[[network.layer]]
kind = "conv"
channels = 2
[[network.layer]]
kind = "dense"
neurons = 10
activation = "identity"
[training]
cost = "cross_entropy"
eta = -3
steps = 20
[build]
engine = "folded"
accumulate = false
"""


def page(*words: str) -> Read:
    """Write a page and read it; it has no mistake."""
    assert run("report", *words, "-o", "page.html") == 0
    found = Read(Path("page.html").read_text(encoding="utf-8"))
    assert found.mistakes == []
    return found


def write_own(target: str, layers: str) -> None:
    """Write samples whose names are not nice, and a config for them."""
    draw, rows = random.Random(4), [f'"{NASTY}","a & b",two,word']
    for k in range(80):
        x = draw.random()
        rows.append(f'{x},{100 + x},{k % 7},"{["<b>", "</td>", "$x^2$", "plain"][int(4 * x)]}"')
    Path("data.csv").write_text("\n".join(rows))
    Path("my.toml").write_text(CONFIG.format(target=target, layers=layers, comment=NASTY))


def test_a_built_in_task(folder: Path) -> None:
    found, outcome = page("xor", "--runs", "12"), train(XOR, "model", 12)
    rows = found.table("seed")
    assert [row[-1] for row in rows] == [theta_digest(one.theta) for one in outcome.runs]
    assert [row[2] for row in rows] == [f"{one.steps:,}" for one in outcome.runs]
    best = min(outcome.runs, key=lambda one: one.cost_sum)
    assert f"seed {best.seed}, the run with the least cost; theta_digest" in found.text
    assert theta_digest(best.theta) in found.text
    assert found.tags.count("svg") == 3
    assert found.code[1] == (EXAMPLES / "xor.toml").read_text()
    assert found.code[0].splitlines() == ["mgd report xor --runs 12", "mgd train xor --runs 12"]
    assert [row[-1] for row in found.table("input")] == ["yes"] * 4


def test_own_classes_with_names_that_are_not_nice(folder: Path) -> None:
    write_own(f"target = 'word'\ncolumns = ['{NASTY}']", "1, 4")
    assert run("train", "my.toml", "--runs", "2", "--json", "o.json") == 0
    found, outcome = page("my.toml", "--runs", "2"), read_json(Path("o.json"))
    assert NASTY in found.text
    assert found.code[1] == Path("my.toml").read_text()
    best = min(outcome["runs"], key=lambda one: one["cost"])
    matrices = [table for table in found.tables if table[0][0] == ""]
    for table, part in zip(matrices, ("train", "test"), strict=True):
        assert table[0][1:] == outcome["data"]["classes"]
        counts = [[int(cell) for cell in row[1:]] for row in table[1:]]
        assert counts == best[part]["confusion"]
    accuracies = [row[2] for row in found.table("part", "samples", "accuracy")]
    assert accuracies == [f"{best[part]['accuracy']:.1%}" for part in ("train", "test")]


def test_what_is_not_escaped_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a template that escapes nothing."""
    right: Any = template.Environment

    def wrong(**words: Any) -> Any:
        return right(**words | {"autoescape": False})

    monkeypatch.setattr(template, "Environment", wrong)
    write_own(f"target = 'word'\ncolumns = ['{NASTY}']", "1, 4")
    assert run("report", "my.toml", "-o", "page.html") == 0
    assert "<script>" in Read(Path("page.html").read_text(encoding="utf-8")).mistakes


@pytest.mark.parametrize(
    ("planted", "mistake"),
    [
        ("<p><b></p></b>", "</p> closes another"),
        ("<div>", "</main> closes another"),
        ('<img src="https://example.org/x.png">', "<img>"),
        ('<a href="https://example.org">x</a>', "href https://example.org"),
        ('<svg><image xlink:href="x.png"/></svg>', "xlink:href x.png"),
        ("<style>p { background: url(x.png) }</style>", "a style from elsewhere"),
        ('<p id="s1"></p>', "id s1 twice"),
        ('<a href="#s99">x</a>', "#s99 leads nowhere"),
        ('<p onclick="x()"></p>', "onclick"),
    ],
)
def test_a_mistake_is_found(planted: str, mistake: str) -> None:
    """Planted in a page that has none."""
    right = template.render(Page("t", "s", sections=[Section("one", [])]))
    assert Read(right).mistakes == []
    assert mistake in Read(right.replace("</main>", f"{planted}</main>")).mistakes


def test_own_numbers(folder: Path) -> None:
    write_own(f"target = ['a & b', 'two']\ncolumns = ['{NASTY}']", "1, 2")
    assert run("train", "my.toml", "--json", "o.json") == 0
    found, (one,) = page("my.toml"), read_json(Path("o.json"))["runs"]
    rows = iter(found.table("part", "samples", "target"))
    for part in ("train", "test"):
        for k, name in enumerate(("a & b", "two")):
            errors = (one[part]["rmse"][k], one[part]["baseline_rmse"][k], one[part]["r2"][k])
            assert next(rows)[2:] == [name, *(f"{value:.6g}" for value in errors)]
    assert list(rows) == []


def test_given_weights(folder: Path) -> None:
    """They are judged, and nothing is trained."""
    assert run("train", "xor", "--seed", "5", "--save", "w.npz", "--json", "o.json") == 0
    found = page("xor", "--weights", "w.npz")
    assert read_json(Path("o.json"))["runs"][0]["theta_digest"] in found.text
    assert "Training" not in found.text.split("How good it is")[0]
    assert found.code[0].splitlines() == [
        "mgd report xor --weights w.npz",
        "mgd infer xor --weights w.npz",
    ]


def test_weights_of_other_data(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_own(f"target = 'word'\ncolumns = ['{NASTY}']", "1, 4")
    assert run("train", "my.toml", "--save", "w.npz") == 0
    assert run("report", "my.toml", "--weights", "w.npz", "--runs", "2") == 2
    assert "--runs: trains" in capsys.readouterr().err
    write_own("target = 'word'\ncolumns = ['two']", "1, 4")
    assert run("report", "my.toml", "--weights", "w.npz") == 2
    assert "prepared otherwise" in capsys.readouterr().err
    assert not Path("my.html").exists()


def test_the_same_input_makes_the_same_bytes(folder: Path) -> None:
    assert run("report", "xor-fast", "-o", "b.htm") == 0
    assert run("report", "xor-fast") == 0
    assert Path("xor-fast.html").read_bytes() == Path("b.htm").read_bytes()


def test_a_board(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The estimate; and what was built, of which seeds, where there is a bitstream."""
    found = page("xor", "--board", "hx8k", "--runs", "1").values()
    expected = estimates.estimate(XOR, "hx8k")
    assert found["logic"] == f"{expected.logic:,}"
    assert found["verdict"] == expected.verdict
    report = BuildReport(
        "ice40_hx8k_b_evn", "iCE40HX8K", "b.bin", "b.log", 88.25, 12.0, {1: None, 2: 88.25}, None,
        "HX", True, 19, 631578.9, {"ICESTORM_LC": {"used": 1804, "available": 7680}}, 700, 0,
        {"versions": {"yosys": "0.70 <b>"}, "options": {}, "seed": 2},
    )  # fmt: skip
    monkeypatch.setattr(build, "found", lambda config, *_, **__: report)
    read = page("xor", "--board", "hx8k")
    assert read.values()["ICESTORM_LC"] == "1,804 of 7,680"
    assert read.values()["Fmax (MHz), of the seed used"] == "88.25"
    assert read.values()["yosys"] == "0.70 <b>"
    assert read.table("seed tried, the one used last") == [["1", "no route"], ["2", "88.25"]]


def test_without_a_board_all_are_estimated(folder: Path) -> None:
    rows = page("xor-fast").table("board", "device", "verdict")
    expected = estimates.estimate(Config.load(EXAMPLES / "xor-fast.toml"), "icebreaker")
    (row,) = [row for row in rows if row[0] == "icebreaker"]
    assert row[3] == f"{expected.logic:,} of {expected.logic_available:,}"


def test_a_folded_engine(folder: Path) -> None:
    text = (EXAMPLES / "nist7x7-folded.toml").read_text()
    Path("my.toml").write_text(text.replace("steps = 1000000", "steps = 20"))
    found = page("my.toml")
    assert "4 neurons at once" in found.values()["engine"]
    assert found.values()["layer 1: a pass over its words"] == "64"


def test_what_has_no_gateware(folder: Path) -> None:
    """The golden model trains it; of boards, the page says why there are none."""
    text = (EXAMPLES / "xor.toml").read_text()
    Path("my.toml").write_text(f"{text}\n[build]\nengine = 'folded'\n")
    found = page("my.toml")
    assert "parameters in memory have no G in gateware" in found.text
    assert "icebreaker" not in found.text


def test_images_through_windows(folder: Path) -> None:
    Path("c.toml").write_text(IMAGES)
    images = str(mnist(folder / "there"))
    found = page("c.toml", "--data", images)
    assert [row[1:4] for row in found.table("layer", "kind")] == [
        ["conv", "4 × 3 × 1", "2 × 1 × 2"],
        ["dense", "2 × 1 × 2", "10"],
    ]
    assert found.code[0].splitlines()[1] == f"mgd train c.toml --data {images}"


@pytest.mark.parametrize("name", ["mesh-9", "recurrent", "mesh-9-spi"])
def test_a_plant(name: str, folder: Path) -> None:
    text = (EXAMPLES / "plants" / f"{name}.toml").read_text()
    for model in (EXAMPLES / "plants").glob("*.py"):
        Path(model.name).write_bytes(model.read_bytes())
    for data in (EXAMPLES / "plants").glob("*.csv"):
        Path(data.name).write_bytes(data.read_bytes())
    Path("my.toml").write_text(text)
    ExternalConfig.load("my.toml")
    assert run("train", "my.toml", "--runs", "2", "--json", "o.json") in (0, 1)
    found, outcome = page("my.toml", "--runs", "2"), read_json(Path("o.json"))
    digests = [row[-1] for row in found.table("seed")]
    assert digests == [one["theta_digest"] for one in outcome["runs"]]
    assert found.values()["model"] == outcome["config"]["plant"]["model"]


def test_a_plant_without_a_model(folder: Path) -> None:
    Path("my.toml").write_text("[plant]\nparameters = 4\n")
    found = page("my.toml", "--board", "ulx3s-25f")
    assert "nothing is trained here" in found.text
    assert "clocks a step, at the board's clock" in found.values()


def everything() -> list[str]:
    """All examples that need no files of others."""
    plants = sorted((EXAMPLES / "plants").glob("*.toml"))
    return [path.stem for path in (*examples(), *plants)]


@pytest.mark.parametrize("name", everything())
def test_the_budget_is_a_step(name: str) -> None:
    """Its parts add up, whatever the loop, the estimator, the engine and the plant are."""
    plant = files.has_plant(name)
    config = ExternalConfig.load(files.config_path(name)) if plant else files.load_config(name)
    parts = hardware.budget(config)
    assert sum(clocks for _, clocks in parts) == hardware.timing_of(config).step()
    assert all(clocks > 0 for _, clocks in parts)


def test_every_key_of_the_loop_has_a_meaning() -> None:
    keys = {field.name for field in dataclasses.fields(Training)}
    assert set(optimizer.MEANINGS) == keys
