"""`mgd show`: what a file of weights holds, told right, and drawn."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from host import weights, weights_picture
from host.show import BINS, Shown
from model.run import theta_digest
from spec.config import Config
from tests.host.conftest import XOR, read_json, run
from tests.host.test_weights import change

THETA = np.array([-128, 127, 0, 1, -1, 5, 127, 7, 8])

ODD = """
[task]
name = "file"
path = "odd.csv"
target = "t [/b]"
inputs = "fixed"
[network]
layers = [2, 2, 3]
"""


@pytest.fixture
def path(folder: Path) -> Path:
    """Weights of XOR, Q2.6: three at an end."""
    path = folder / "w.npz"
    weights.write(path, XOR, THETA)
    return path


def test_it_tells_what_is_in_the_file(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "w.npz", "--json", "out.json") == 0
    made, printed = read_json(Path("out.json")), capsys.readouterr().out
    assert made["theta_digest"] == theta_digest(THETA)
    assert made["config"] == XOR.to_dict()
    assert made["preparation"] is None
    assert (made["low"], made["high"]) == (-2, 127 / 64)
    first, second = made["layers"]
    assert first == {
        "inputs": 2, "neurons": 2, "parameters": 6, "min": -2, "median_abs": 3 / 64,
        "max": 127 / 64, "at_low": 1, "at_high": 1,
    }  # fmt: skip
    assert (second["median_abs"], second["at_low"], second["at_high"]) == (8 / 64, 0, 1)
    counts, edges = made["histogram"]["counts"], made["histogram"]["edges"]
    assert counts == [1, 0, 0, 0, 0, 0, 0, 1, 5, 0, 0, 0, 0, 0, 0, 2]
    assert edges == [-2 + k / 4 for k in range(17)]
    for said in ("xor on 2-2-1", "9 weights of Q2.6, -2 to 1.98438", theta_digest(THETA)):
        assert said in printed
    assert "█" * 40 + " 5" in printed
    rows = [line for line in printed.splitlines() if "≤ θ <" in line]
    assert [int(line.split()[-1]) if "█" in line else 0 for line in rows] == counts


@pytest.mark.parametrize("theta", ["Q1.1", "Q2.2", "Q2.6", "Q4.20"])
def test_every_weight_is_in_one_part_of_the_histogram(theta: str) -> None:
    given = XOR.to_dict()
    given["formats"] |= {"theta": theta, "weight_bits": 0}
    shown = Shown(Config.without_samples(given), np.zeros(9, dtype=int), None)
    low, high = -1 << shown.format.bits - 1, (1 << shown.format.bits - 1) - 1
    draw = np.random.default_rng(1)
    for values in (draw.integers(low, high, 9, endpoint=True), np.full(9, low), np.full(9, high)):
        found = Shown(shown.config, values, None)
        counts, edges = found.histogram()
        wanted, _ = np.histogram(values * 2.0**-shown.format.fraction_bits, edges)
        assert counts.tolist() == wanted.tolist()
        assert counts.sum() == 9
        assert len(counts) == min(BINS, 1 << shown.format.bits)


@pytest.mark.parametrize(
    ("suffix", "begin"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("PDF", b"%PDF")]
)
def test_the_picture_is_the_same_each_time(path: Path, suffix: str, begin: bytes) -> None:
    for name in "ab":
        assert run("show", "w.npz", "--plot", f"{name}.{suffix}") == 0
    first, second = (Path(f"{name}.{suffix}").read_bytes() for name in "ab")
    assert first == second
    assert first.startswith(begin)


def test_the_picture_has_each_weight_and_the_ends(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures: list[Any] = []
    monkeypatch.setattr(weights_picture.picture, "keep", lambda figure, _: figures.append(figure))
    assert run("show", "w.npz", "--plot", "a.png") == 0
    drawn = [axes for axes in figures[0].axes if axes.images]
    fields = [axes.images[0].get_array() for axes in drawn]
    assert np.concatenate([field.ravel() for field in fields]).tolist() == (THETA / 64).tolist()
    assert [field.shape for field in fields] == [(2, 3), (1, 3)]
    assert {axes.images[0].get_clim() for axes in drawn} == {(-2.0, 2.0)}  # white is 0
    (histogram,) = [axes for axes in figures[0].axes if axes.get_title() == "all layers"]
    ends = [line.get_xdata()[0] for line in histogram.lines]
    assert ends == [-2, 127 / 64]
    assert "3 weights there" in histogram.get_legend().get_texts()[0].get_text()


def test_names_of_the_users_are_no_markup(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("[red]", "$\\x$", "θ")
    rows = "".join(f"{k / 9},{-k / 9},{names[k % 3]}\n" for k in range(9))
    (folder / "odd.csv").write_text("$a^$,[b],t [/b]\n" + rows, encoding="utf-8")
    (folder / "odd.toml").write_text(ODD)
    assert run("train", "odd.toml", "--steps", "9", "--save", "w.npz") == 0
    capsys.readouterr()
    assert run("show", "w.npz", "--plot", "p.png") == 0
    printed = capsys.readouterr()
    assert "own data on 2-2-3" in printed.out
    assert "2 inputs: $a^$, [b]" in printed.out
    assert "[red]" in printed.out
    assert printed.err == ""


def test_many_layers_and_many_inputs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layers = [2, 300, *[1] * 40]
    config = Config.from_dict({"task": {"name": "xor"}, "network": {"layers": layers}})
    weights.write(folder / "w.npz", config, np.zeros(config.parameters, dtype=int))
    assert run("show", "w.npz", "--plot", "p.png") == 0
    printed = capsys.readouterr().out
    assert "xor on 41 layers" in printed
    assert "and 21 layers more" in printed


def forged(**tables: Any) -> str:
    """Return XOR's config with other keys."""
    given = XOR.to_dict()
    for name, keys in tables.items():
        given[name] = given.get(name, {}) | keys
    return json.dumps(given)


@pytest.mark.parametrize(
    ("arrays", "named"),
    [
        ({"config": forged(formats={"theta": "Q9"})}, "formats.theta"),
        ({"config": forged(formats={"theta": "Q2.2", "weight_bits": 2})}, "beyond Q2.2"),
        ({"config": forged(network={"layers": [2, 3, 1]})}, "the config has 13 weights"),
        ({"config": forged(network={"layers": []})}, "w.npz"),
        ({"config": forged(network={"layers": [2]})}, "w.npz"),
        ({"config": forged(training={"eta": "large"})}, "training.eta"),
        ({"config": forged(speed={"a": 1})}, "[speed]: unknown table"),
        ({"config": forged(task={"name": "file"}), "preparation": "{"}, "damaged"),
        ({"config": "[]"}, "w.npz"),
        ({"config": "null"}, "w.npz"),
        ({"config": '"xor"'}, "w.npz"),
        ({"theta": THETA[:8].astype("<i4")}, "digest"),
        ({"theta": THETA.astype("<i4") + 1}, "digest"),
        ({"version": np.array(3)}, "version 3"),
        (
            {
                "config": forged(network={"layers": [2]}),
                "theta": THETA[:0].astype("<i4"),
                "theta_digest": theta_digest(THETA[:0]),
            },
            "damaged: its config",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_was_tampered_with(
    arrays: dict[str, Any], named: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(path, **{k: np.array(v) for k, v in arrays.items()})
    assert run("show", "w.npz", "--json", "out.json") == 2
    said = capsys.readouterr().err
    assert named in said
    assert len(said.splitlines()) == 1
    assert not Path("out.json").exists()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["none.npz"], "no such file"),
        (["."], "folder"),
        (["w.npz", "--plot", "a.gif"], "must end in one of .png"),
        (["w.npz", "--json", "w.npz"], "this command reads it"),
        (["w.npz", "--plot", "a.png", "--json", "a.png"], "another output"),
    ],
)
def test_it_refuses_and_loses_nothing(
    words: list[str], named: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = path.read_bytes()
    assert run("show", *words) == 2
    assert named in capsys.readouterr().err
    assert path.read_bytes() == before


def test_weights_of_version_1_are_shown(path: Path, refusal: Callable[..., str]) -> None:
    change(path, version=np.array(1), preparation=None)
    assert run("show", "w.npz") == 0
