"""`mgd tune`: the same outcome however many work on it, and however often it is interrupted."""

from __future__ import annotations

import json
import random
import tomllib
from pathlib import Path

import pytest

from host import screen
from host import train as training
from host import tune as command
from host.tuning.scoring import Score, evaluate
from host.tuning.space import AXES, draw, shortened, variant
from host.tuning.study import Study
from model.run import theta_digest
from spec.config import Config
from tests.host.conftest import read_json, run

OWN = """# a comment of the user's
[task]
name = "file"
path = "../data.csv"
inputs = "fixed"
scale = "standard"
test = 0.2
[network]
layers = [2, 4, {outputs}]
[formats]
theta = "Q3.9"
cost_bits = 10
[training]
amplitude = -4
eta = {eta}
steps = 270
check_every = 30
[[training.schedule]]
step = 180
eta = {later}
"""

CLASSES = OWN.format(outputs=3, eta=-8, later=-9)
NUMBERS = OWN.format(outputs=1, eta=-8, later=-9).replace("layers = [2", "layers = [1")
NUMBERS = NUMBERS.replace("test = 0.2", 'target = "b"\ncolumns = ["a"]')
XOR = '[task]\nname = "xor"\n[network]\nlayers = [2, 2, 1]\n[training]\nsteps = 900'

WORDS = ["--trials", "9", "--runs", "2", "--jobs"]


@pytest.fixture
def own(folder: Path) -> Path:
    """Three kinds of trees in a folder above that of the config."""
    draw_, rows = random.Random(1), ["a,b,y"]
    rows += [f"{k % 3 + draw_.random():.2f},{draw_.random():.2f},k{k % 3}" for k in range(90)]
    (folder / "data.csv").write_text("\n".join(rows))
    (folder / "in").mkdir()
    path = folder / "in" / "own.toml"
    path.write_text(CLASSES)
    return path


def test_any_number_of_processes_and_interruptions_give_the_same(
    own: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = ["-o", "one.toml"]
    assert run("tune", str(own), *WORDS, "1", *outputs) == 0
    assert run("tune", str(own), *WORDS, "3", "-o", "three.toml") == 0
    kept = Study.keep
    for calls in (1, 4, 11):  # a file is written before each search, and after each score

        def keep(study: Study, calls: list[int] = [calls]) -> None:  # noqa: B006
            kept(study)
            calls[0] -= 1
            if not calls[0]:
                raise KeyboardInterrupt

        monkeypatch.setattr(Study, "keep", keep)
        assert run("tune", str(own), *WORDS, "1", "-o", "late.toml") == 130
        assert not (folder / "late.toml").exists()
    assert Config.load("one.toml").task.path == "data.csv"
    monkeypatch.setattr(Study, "keep", kept)
    capsys.readouterr()
    assert run("tune", str(own), *WORDS, "1", "-o", "late.toml") == 0
    assert "13 scores are known" in capsys.readouterr().out
    for suffix in (".toml", ".json"):
        one = (folder / f"one{suffix}").read_bytes()
        assert (
            one
            == (folder / f"three{suffix}").read_bytes()
            == (folder / f"late{suffix}").read_bytes()
        )


def test_what_is_written_trains_as_the_best_did(
    own: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("tune", str(own), *WORDS, "1") == 0
    study, tuned = read_json(own.with_name("own-tuned.json")), own.with_name("own-tuned.toml")
    best = study["candidates"][study["best"]]
    lasts = [one["scores"][-1] for one in study["candidates"] if len(one["scores"]) == 3]
    assert best["scores"][-1]["accuracy"] == max(one["accuracy"] for one in lasts)
    assert [one["steps"] for one in best["scores"]] == [30, 90, 270]
    assert study["candidates"][0]["changes"] == {}
    assert len(study["candidates"][0]["scores"]) == 3
    tables = tomllib.loads(tuned.read_text(encoding="utf-8"))
    assert best["changes"]  # else the next lines would show little
    for table, keys in best["changes"].items():
        for key, value in keys.items():
            assert (tables[table][key] == value) or key == "schedule"
    assert "# was " in tuned.read_text(encoding="utf-8")
    assert "validation" not in tables["task"]
    # With the samples that judged kept apart again, its first run is the one that was scored.
    config = Config.load(tuned)
    again = Config.from_dict(tables | {"task": tables["task"] | {"validation": 0.2}}, own.parent)
    (made,) = training.train(again, "model", 1).runs
    assert theta_digest(made.theta) == best["scores"][-1]["theta_digest"]
    assert config.own is not None
    assert config.own.validation is None
    capsys.readouterr()
    assert run("tune", str(own), *WORDS, "1") == 2
    assert "is there already; --force" in capsys.readouterr().err
    assert run("tune", str(own), *WORDS, "1", "--force") == 0


def test_the_test_has_no_part_in_it(own: Path) -> None:
    config = Config.load(own)
    assert config.own is not None
    assert config.own.test is not None
    path = own.with_name("valid.toml")
    path.write_text(own.read_text().replace("test = 0.2", "test = 0.2\nvalidation = 0.2"))
    config = Config.load(path)
    one = evaluate(config, {}, 90, 2, lambda: False)
    own_data = config.own
    assert own_data is not None
    object.__setattr__(own_data, "test", None)
    assert evaluate(config, {}, 90, 2, lambda: False) == one


@pytest.mark.parametrize(
    ("text", "measured"),
    [
        (CLASSES, "accuracy"),
        (NUMBERS, "r2"),
        (XOR, "solved"),
        (CLASSES.replace("data.csv", "few.csv"), "cost"),
    ],
)
def test_what_candidates_are_judged_by(text: str, measured: str, own: Path, folder: Path) -> None:
    rows = (folder / "data.csv").read_text().splitlines()
    (folder / "few.csv").write_text("\n".join(rows[:13]))
    own.write_text(text)
    assert run("tune", str(own), *WORDS, "1", "--study", "s.json") == 0
    scores = [one["scores"][0] for one in read_json(folder / "s.json")["candidates"]]
    known = {key for key in ("accuracy", "r2", "solved") if scores[0][key] is not None}
    assert known == {measured} - {"cost"}
    assert Config.load(own.with_name("own-tuned.toml"))


def test_candidates_are_neighbours_that_the_checks_accept(own: Path) -> None:
    config = Config.load(own)
    found = draw(config, 60)
    assert found[0] == {}
    assert len(found) == len({json.dumps(one) for one in found}) == 60
    changed = {key for one in found for keys in one.values() for key in keys}
    assert changed == {*AXES, "schedule", "bus_bits", "gradient_bits"}
    assert draw(config, 60, ["eta", "layers"]) != found
    for one in draw(config, 60, ["eta", "layers"]):
        assert not {"eta", "layers", "schedule"} & {key for keys in one.values() for key in keys}
    for one in found:
        made = shortened(variant(config, one), 9)
        assert made.training.steps == 9
        assert made.training.check_every == 1
        (change,) = made.training.schedule
        assert change.step == 6
        base = variant(config, one).training
        assert change.eta == base.schedule[0].eta == base.eta - 1  # type: ignore[operator]
        assert made.data is config.data


def test_where_nothing_may_vary_there_is_one_candidate(own: Path) -> None:
    assert draw(Config.load(own), 5, list(AXES)) == [{}]


def score(**keys: object) -> Score:
    """Return a score with other values than these."""
    plain = {"accuracy": None, "r2": None, "solved": None, "median_steps": None, "cost": 0.5}
    return Score(**{"steps": 9, "theta_digest": "", **plain, **keys})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"accuracy": 0.9}, {"accuracy": 0.8, "cost": 0.1}),
        ({"accuracy": 0.9, "cost": 0.1}, {"accuracy": 0.9, "cost": 0.2}),
        ({"r2": 0.9, "cost": 0.2}, {"r2": 0.8, "cost": 0.1}),
        ({"solved": 1.0, "median_steps": 900.0}, {"solved": 0.5, "median_steps": 90.0}),
        ({"solved": 1.0, "median_steps": 90.0}, {"solved": 1.0, "median_steps": 900.0}),
        ({"solved": 0.5, "median_steps": 90.0}, {"solved": 0.5, "median_steps": None}),
        ({"cost": 0.1}, {"cost": 0.2}),
    ],
)
def test_what_is_better(better: dict[str, float], worse: dict[str, float]) -> None:
    assert score(**better).rank < score(**worse).rank


@pytest.mark.parametrize(
    ("words", "study", "named"),
    [
        (["--trials", "8"], "own", "is the study of another --trials; --study names"),
        (["--runs", "3"], "own", "is the study of another --runs"),
        (["--fix", "eta"], "own", "is the study of another --fix"),
        (["--study", "s.csv"], "", "must end in one of .json"),
        (["-o", "s.csv"], "", "must end in one of .toml"),
        (["--fix", "steps"], "", "invalid choice: 'steps'"),
        (["--trials", "1001"], "", "--trials 1001: must be at most 1,000"),
        (["--runs", "10000000000"], "", "runs of 27 cells and 58 samples: about"),
        (["--jobs", "0"], "", "must be a whole number of at least 1"),
        ([], "{}", "is no study of mgd tune"),
        ([], "[1]", "is no study of mgd tune"),
        ([], "no JSON", "is no study of mgd tune"),
        ([], '{"schema": 2}', "a study of schema 2, not 1"),
        (["--study", "in"], "", "must end in one of .json"),
        (["--study", "none/s.json"], "", "there is no folder none"),
    ],
)
def test_what_is_wrong_is_one_line(
    words: list[str], study: str, named: str, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = own.with_name("own-tuned.json")
    if study == "own":
        assert run("tune", str(own), *WORDS, "1", "--force") == 0
        own.with_name("own-tuned.toml").unlink()
    elif study:
        kept.write_text(study)
    before = kept.read_bytes() if kept.exists() else None
    capsys.readouterr()
    assert run("tune", str(own), *WORDS, "1", *words) == 2
    said = capsys.readouterr().err
    assert named in said
    assert said.count("\n") == 1
    assert not own.with_name("own-tuned.toml").exists()
    assert (kept.read_bytes() if kept.exists() else None) == before


def test_a_changed_config_is_another_study(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("tune", str(own), *WORDS, "1") == 0
    own.write_text(own.read_text().replace("steps = 270", "steps = 280"))
    assert run("tune", str(own), *WORDS, "1", "--force") == 2
    assert "is the study of another config, or other data" in capsys.readouterr().err


def test_eta_auto_becomes_a_number(own: Path) -> None:
    own.write_text(OWN.format(outputs=3, eta='"auto"', later=0).split("[[")[0])
    assert run("tune", str(own), *WORDS, "1") == 0
    assert isinstance(Config.load(own.with_name("own-tuned.toml")).training.eta, int)
    assert command.processors() >= 1
    with screen.silenced():
        assert run("tune", str(own), *WORDS, "1", "--force") == 0
