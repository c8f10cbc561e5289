"""`import mgd`: arrays in, networks out, the same as from files, and in silence."""

from __future__ import annotations

import json
import re
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import mgd
from host import rules
from host.cli import main
from host.proposal import propose
from host.survey import survey
from mgd.config import TABLE_OF
from model.trainer import Trainer
from sim import verify as lockstep
from sim.simulators import Simulator
from spec import derive
from spec.config import TABLES
from spec.phase import Phase
from tests.conftest import EXAMPLES

ROOT = EXAMPLES.parent

DRAW = np.random.default_rng(3)
X = DRAW.normal(10, 4, (60, 2))
KIND = (X[:, 0] > 8).astype(int) + (X[:, 0] > 12)
WORDS = np.array(["ash", "beech", "cedar"])[KIND]

CASES: dict[str, tuple[Any, int]] = {
    "words": (WORDS, 3),
    "whole numbers": (KIND + 5, 3),
    "two classes": (WORDS == "ash", 1),
    "fractions": (np.array([0.5, 1.5])[KIND % 2], 1),
    "one-hot": (np.eye(3)[KIND], 3),
    "numbers": (50 * X[:, 0] - 7, 1),
    "several numbers": (np.column_stack([X[:, 0], 3 - X[:, 1]]), 2),
}
"""Targets, and how many outputs they need."""


def config(y: Any, outputs: int, **keys: Any) -> mgd.Config:
    """Make a small config."""
    return mgd.Config.from_arrays(X, y, [2, 4, outputs], **{"steps": 1000, "test": 0.25} | keys)


def code_blocks(page: str) -> list[str]:
    """Return the indented blocks of a page that are Python."""
    blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", page, re.MULTILINE)
    texts = [re.sub("^    ", "", block, flags=re.MULTILINE) for block in blocks]
    return [text for text in texts if re.search("^(import|from) ", text, re.MULTILINE)]


@pytest.mark.parametrize(("page", "count"), [("docs/python.md", 2)])
def test_what_the_pages_say_runs(
    page: str, count: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "STEPS_A_SAMPLE", 10)  # a fifth of the steps
    blocks = code_blocks((ROOT / page).read_text(encoding="utf-8"))
    assert len(blocks) == count
    flowers = np.column_stack([X, X[::-1]])
    names = {"x": flowers, "y": KIND}
    for block in blocks:
        exec(block, names)
    printed = [float(line.split()[0]) for line in capsys.readouterr().out.splitlines()]
    assert len(printed) == count
    assert min(printed) > 0.6


@pytest.mark.parametrize("case", CASES)
def test_what_is_saved_predicts_what_the_run_did(
    case: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    y, outputs = CASES[case]
    made = config(y, outputs)
    best = min(mgd.train(made, 4), key=lambda run: run.cost)
    mgd.save(best, tmp_path / "w.npz")
    loaded = mgd.load_weights(tmp_path / "w.npz")
    assert loaded.theta_digest == best.theta_digest
    assert np.array_equal(loaded.predict(X), best.predict(X))
    mgd.save(loaded, tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == (tmp_path / "w.npz").read_bytes()
    whole = mgd.infer(loaded, X, y)
    assert whole.judgement
    assert best.train
    assert best.test
    assert (best.train.samples, best.test.samples, whole.judgement.samples) == (45, 15, 60)
    if whole.judgement.accuracy is not None:
        wanted = np.array(["y0", "y1", "y2"])[KIND] if case == "one-hot" else y
        assert (whole.prediction == wanted).mean() == whole.judgement.accuracy > 0.8
    else:
        assert whole.prediction.shape == y.shape
        error = np.sqrt(((whole.prediction - y) ** 2).reshape(60, -1).mean(axis=0))
        np.testing.assert_allclose(error, whole.judgement.rmse or [])
        assert (error < np.std(y, axis=0)).all()
    assert best.curve[-1].tolist() == [best.steps, best.cost]
    assert best.steps == 1000
    assert capfd.readouterr() == ("", "")


def test_arrays_frames_and_files_of_the_same_train_the_same(tmp_path: Path) -> None:
    made = config(WORDS, 3, eta=-5)
    (run,) = mgd.train(made, 1)
    frame = pl.DataFrame(X, schema=["height", "girth"])
    series = pl.Series("tree", WORDS)
    table = frame.with_columns(series)
    table.write_csv(tmp_path / "trees.csv")
    tables = made.to_dict()
    tables["task"] |= {"path": "trees.csv", "target": "tree"}
    for other in (
        mgd.Config.from_arrays(frame, series, [2, 4, 3], steps=1000, test=0.25, eta=-5),
        mgd.Config.from_dict(tables, tmp_path),
    ):
        (same,) = mgd.train(other, 1)
        assert same.theta_digest == run.theta_digest
        assert same.config.own
        assert same.config.own.preparation.inputs == ("height", "girth")
        turned = table.select("tree", "girth", "height")  # found by their names
        assert same.predict(turned).tolist() == run.predict(X).tolist()
        assert mgd.infer(same, X, WORDS).judgement == mgd.infer(run, X, WORDS).judgement


def test_the_gateware_learns_the_same(icarus: Simulator) -> None:
    made = config(CASES["numbers"][0], 1, steps=40)
    name = icarus.value
    (golden,), (gateware,) = (
        mgd.train(made, 1),
        mgd.train(made, 1, engine="sim", simulator=name),
    )
    assert gateware.theta_digest == golden.theta_digest
    assert gateware.predict(X).tolist() == golden.predict(X).tolist()
    found = mgd.verify(made, name, steps=5)
    assert (found.mismatches, found.steps) == ([], 5)


def test_an_engine_that_differs_is_no_success(
    icarus: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mgd.training.differences", lambda *_: [1])
    with pytest.raises(RuntimeError, match="golden model differs for the seeds"):
        mgd.train(config(WORDS, 3, steps=5), 1, engine="sim", simulator=icarus.value)


def test_an_example_has_the_digest_of_the_command() -> None:
    first, second = mgd.train(mgd.Config.load("xor"), 2)
    assert first.theta_digest.startswith("bed402f44eed65df")
    assert (first.steps, first.solved, first.seed, second.seed) == (1240, True, 1, 2)
    assert first.predict([[-1, -1], [1, -1], [-1, 1], [1, 1]]).tolist() == [0, 1, 1, 0]
    assert first.train is first.test is None


def test_neurons_with_defects_predict_with_their_config_only(refusal: Callable[..., str]) -> None:
    (run,) = mgd.train(config(WORDS, 3, defects=0.1, steps=100), 1)
    assert run.test
    assert mgd.infer(run, X).judgement is None
    assert "defects" in refusal(run.weights.predict, X)


def test_arrays_and_mgd_new_have_one_rule(tmp_path: Path) -> None:
    """But for the steps, and what is as much earlier."""
    frame = pl.DataFrame(X, schema=["height", "girth"]).with_columns(pl.Series("tree", WORDS))
    frame.write_csv(tmp_path / "trees.csv")
    proposal, other = propose(survey(tmp_path / "trees.csv"), tmp_path, "trees.csv")
    layers = other.network.layers
    made = mgd.Config.from_arrays(X, WORDS, layers, test=0.2)
    assert other.training.steps == made.training.steps * 10
    tables, wanted = made.to_dict(), other.to_dict()
    assert tables["network"] == wanted["network"]
    assert tables["formats"] == wanted["formats"]
    for change in wanted["training"]["schedule"]:
        change["step"] //= 10
    few = {"steps": made.training.steps, "check_every": made.training.check_every}
    assert tables["training"] == wanted["training"] | few
    assert tables["training"]["schedule"]
    assert set(proposal) == {"task", "network", "formats", "training"}


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ({"eta": -5}, {"eta": -5, "schedule": []}),
        ({"eta": -5, "steps": 50}, {"eta": -5, "steps": 50}),
        ({"steps": 100}, {"steps": 100, "schedule": [], "check_every": 1}),
        ({"theta": "Q2.6"}, {"amplitude": -6}),
        ({"theta": "Q2.6", "weight_bits": 6}, {"amplitude": -4}),
        ({"theta": "Q3.9", "amplitude": -3}, {"amplitude": -3}),
        ({"cost_bits": 18, "theta": "Q3.6"}, {"amplitude": -6}),
        ({"schedule": [{"step": 9, "tau_x": 2}]}, {"eta": "auto"}),
    ],
)
def test_what_is_given_stays(keys: dict[str, Any], wanted: dict[str, Any]) -> None:
    made = mgd.Config.from_arrays(X, WORDS, [2, 4, 3], **keys)
    training, low = made.to_dict()["training"], derive.eta_of_shift(made, 15)
    assert {key: training[key] for key in wanted} == wanted
    assert all(low <= change["eta"] for change in training["schedule"] if change["eta"] != "auto")


def test_keys_have_one_table_each() -> None:
    assert len(TABLE_OF) == sum(len(table.__dataclass_fields__) for table in TABLES.values())


@pytest.mark.parametrize(
    ("x", "y", "keys", "named"),
    [
        (X, WORDS, {"stepps": 3}, "stepps: unknown key; near are steps"),
        (X, WORDS, {"path": "a.csv"}, "path: cannot be given"),
        (X, WORDS, {"steps": 0}, "training.steps = 0"),
        (X, WORDS, {"steps": "many"}, "training.steps = 'many'"),
        (X, WORDS, {"kind": "numbers"}, "is not a number"),
        (X, WORDS, {"kind": "words"}, "task.kind = 'words'"),
        (X, WORDS, {"test": 1}, "task.test = 1"),
        (X, WORDS, {"layers": [2, 2]}, "end with 3"),
        (X, WORDS, {"layers": [3, 3]}, "start with 2"),
        (X, WORDS, {"layers": ["two", 3]}, "network.layers"),
        (X, WORDS[:9], {}, "x has 60 samples, y has 9"),
        (X[:0], WORDS[:0], {}, "at least one value"),
        (X[:, 0], WORDS, {}, "x: has shape (60,)"),
        (X * 1j, WORDS, {}, "type complex128"),
        ([[1, 2], [3]], [0, 1], {}, "x: is no array"),
        (np.where(X > 20, np.nan, X * 2), WORDS, {}, "sample"),
        (X, np.full(60, "ash"), {}, "has one class only, 'ash'"),
        (np.where(X > 12, "tall", "low"), WORDS, {}, "column x0: 'tall' is not a number"),
        (X * 1e200, WORDS, {}, "is not a number from"),
    ],
    ids=lambda value: "" if isinstance(value, np.ndarray) else None,
)
def test_what_is_wrong_is_said_in_a_line(
    x: Any, y: Any, keys: dict[str, Any], named: str, refusal: Callable[..., str]
) -> None:
    given = {"layers": [2, 4, 3]} | keys
    if named == "sample":
        x = np.where(np.arange(60)[:, None] == 7, np.nan, X)
        named = "sample 7, column x0: the value is missing"
    assert named in refusal(mgd.Config.from_arrays, x, y, **given)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ({"engine": "gpu"}, "engine = 'gpu'"),
        ({"runs": 0}, "runs = 0"),
        ({"runs": 10**12}, "runs"),
        ({"simulator": "vcs"}, "simulator = 'vcs'"),
    ],
)
def test_training_refuses(words: dict[str, Any], named: str, refusal: Callable[..., str]) -> None:
    assert named in refusal(mgd.train, mgd.Config.load("xor"), **words)


def test_weights_refuse_what_is_no_sample_of_theirs(
    tmp_path: Path, refusal: Callable[..., str]
) -> None:
    (run,) = mgd.train(config(WORDS, 3, steps=20), 1)
    assert "x: has 3 values a sample; must have 2" in refusal(run.predict, np.ones((4, 3)))
    assert "column 'x1'" in refusal(run.predict, pl.DataFrame({"x0": [1.0], "x2": [1.0]}))
    assert "there is no class 'oak'" in refusal(mgd.infer, run, X[:1], ["oak"])
    assert ".npz" in refusal(mgd.save, run, tmp_path / "w.pkl")
    assert "there is no folder" in refusal(mgd.save, run, tmp_path / "none" / "w.npz")
    assert "no such file" in refusal(mgd.load_weights, tmp_path / "w.npz")


def test_verify_takes_enough_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = []
    monkeypatch.setattr(lockstep, "verify", lambda made, *_: steps.append(made.training.steps))
    monkeypatch.setattr("sim.simulators.require", lambda _: None)
    made = mgd.Config.load("xor")
    mgd.verify(made)
    assert steps == [lockstep.default_steps(made)]


def test_without_scikit_learn_only_the_estimators_are_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "sklearn"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ImportError, match=r'needs scikit-learn.*pip install "mgd\[sklearn\]"'):
        _ = mgd.MGDClassifier
    assert mgd.train(mgd.Config.load("xor"), 1)[0].solved


def test_export_writes_what_the_command_does(
    tmp_path: Path, refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = config(WORDS, 3, steps=20)
    (run,) = mgd.train(made, 1)
    mgd.save(run, "w.npz")
    written = mgd.export(run, "a")
    assert [path.name for path in written] == ["network.v", "network_tb.v", "network.json"]
    loaded = mgd.load_weights("w.npz")
    mgd.export(loaded, "b", x=X)
    other = mgd.export(loaded, "c", x=X[:5], name="net")
    assert (Path("a/network.v").read_bytes(), "samples" in other[1].read_text()) == (
        Path("b/network.v").read_bytes(), True
    )  # fmt: skip
    y = mgd.infer(run, X[:5]).outputs * 2**10
    shown = json.loads(other[2].read_text())
    assert shown["theta_digest"] == run.theta_digest
    assert shown["preparation"]["classes"] == ["ash", "beech", "cedar"]
    assert other[1].read_text().count("begin sample") == len(y)
    assert main(["export", "xor", "-o", "d"]) == 0
    mgd.export(mgd.Config.load("xor"), tmp_path / "e")
    for name in ("trainer.v", "trainer.json"):
        assert Path("d", name).read_bytes() == Path("e", name).read_bytes()
    assert "x: is missing" in refusal(mgd.export, loaded, "f")
    assert "must be a Verilog identifier" in refusal(mgd.export, run, "f", name="always")
    assert "x: is for a trained network" in refusal(mgd.export, made, "f", x=X)
    assert "is no folder" in refusal(mgd.export, run, "w.npz")
    assert not Path("f").exists()


def test_an_estimate_is_that_of_the_command(
    tmp_path: Path, refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["estimate", "xor", "--board", "icebreaker", "--json", "e.json"]) == 0
    said = json.loads(Path("e.json").read_text())
    estimate = mgd.estimate(mgd.Config.load("xor"), "icebreaker").to_dict()
    assert estimate.items() <= said.items()
    assert "ulx3s-25f" in refusal(mgd.estimate, config(WORDS, 3), "ulx3s-26f")


def test_ctrl_c_keeps_what_was_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    made, steps = config(WORDS, 3, eta=-5), []
    later = Trainer.phases

    def phases(trainer: Trainer) -> Iterator[Phase]:
        for phase in later(trainer):
            if trainer.n == 30 and not steps:
                steps.append(30)
                signal.raise_signal(signal.SIGINT)
            yield phase

    monkeypatch.setattr(Trainer, "phases", phases)
    monkeypatch.setattr(signal, "getsignal", lambda _: signal.default_int_handler)
    with pytest.raises(mgd.Interrupted) as caught:
        mgd.train(made, 2)
    assert isinstance(caught.value, KeyboardInterrupt)
    monkeypatch.setattr(Trainer, "phases", later)
    whole = mgd.train(made.with_training(steps=30), 2)
    assert [run.theta_digest for run in caught.value.runs] == [run.theta_digest for run in whole]
    assert [run.steps for run in caught.value.runs] == [30, 30]
    assert len(caught.value.runs[0].predict(X)) == len(X)


def test_who_hears_ctrl_c_goes_on_hearing_it() -> None:
    heard, before = [], signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, lambda *_: heard.append(1))
    try:
        mgd.train(config(WORDS, 3, steps=20), 1)
        signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [1]
