"""Images from a folder, through the commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from host.cli import main
from host.files import load_config
from spec.data.images import RECORD, images
from tests.spec.data.test_images import mnist

SHARED = Path(__file__).parents[3] / "shared" / "data"

CONFIG = """
[task]
name = "mnist"
path = "nowhere"
inputs = "fixed"

[network]
layers = [12, 10]
output = "identity"

[training]
cost = "cross_entropy"
estimator = "node"
eta = -3
steps = 60
"""


def test_train_and_infer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--data` names the folder; what infer says of its test is what training said."""
    config, weights, folder = tmp_path / "c.toml", tmp_path / "w.npz", mnist(tmp_path / "there")
    config.write_text(CONFIG)
    assert main(["train", str(config)]) == 2
    assert "there is no such folder; mnist is a folder with" in capsys.readouterr().err
    outcome, inferred = tmp_path / "o.json", tmp_path / "i.json"
    command = ["train", str(config), "--data", str(folder), "--save", str(weights)]
    assert main([*command, "--json", str(outcome)]) == 0
    (run,) = json.loads(outcome.read_text())["runs"]
    command = ["infer", str(config), "--weights", str(weights), "--data", str(folder)]
    assert main([*command, "--json", str(inferred)]) == 0
    assert json.loads(inferred.read_text())["accuracy"] == run["test"]["accuracy"]
    assert run["test"]["accuracy"] != run["train"]["accuracy"]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ("verify C --json no/where", 2, "no/where"),
        ("estimate C --board ulx3s-85f", 0, ""),
        ("export C -o c.toml", 2, "c.toml"),
        ("build C --board nowhere", 2, "board 'nowhere'"),
        ("flash C --board nowhere", 2, "board 'nowhere'"),
        ("selftest C --port nowhere", 2, "port 'nowhere'"),
        ("watch C --port nowhere", 2, "port 'nowhere'"),
        ("peek C steps --port nowhere", 2, "port 'nowhere'"),
        ("poke C steps 1 --port nowhere", 2, "port 'nowhere'"),
        ("weights save C w.npz --port nowhere", 2, "port 'nowhere'"),
        ("sim-board C", 2, "build.link"),
    ],
)
def test_every_command_takes_the_folder(
    words: str,
    status: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without it, none gets further than the config, whose folder is not there."""
    monkeypatch.chdir(tmp_path)
    folder = mnist(tmp_path / "there")
    link = "\n[build]\nlink = false\n" if words.startswith("sim-board") else ""
    Path("c.toml").write_text(CONFIG + link)
    command = ["c.toml" if word == "C" else word for word in words.split()]
    assert main(command) == 2
    assert "there is no such folder" in capsys.readouterr().err
    assert main([*command, "--data", str(folder)]) == status
    error = capsys.readouterr().err
    assert said in error
    assert "there is no such folder" not in error


THERE = pytest.mark.skipif(not SHARED.exists(), reason="no images there")


@THERE
def test_the_example(capsys: pytest.CaptureFixture[str]) -> None:
    """Its name and a folder are enough; without one, it says where to get it."""
    assert main(["train", "fashion-mnist", "--steps", "1"]) == 2
    assert "github.com/zalandoresearch/fashion-mnist" in capsys.readouterr().err
    config = load_config("fashion-mnist", SHARED / "fashion-mnist")
    assert (config.parameters, len(config.data)) == (25_450, 3_600)


@THERE
@pytest.mark.parametrize(
    ("name", "folder", "parameters"),
    [
        ("fashion-mnist-cnn", "fashion-mnist", 14_378),
        ("cifar10", "cifar-10-batches-bin", 26_154),
    ],
)
def test_the_papers_networks(name: str, folder: str, parameters: int) -> None:
    config = load_config(name, SHARED / folder)
    assert config.parameters == parameters
    assert config.data.inputs == config.network.sizes[0]
    assert config.own is not None
    assert len(config.own.preparation.targets.classes) == 10


@THERE
@pytest.mark.parametrize(
    ("name", "folder", "train", "test", "pixels"),
    [
        ("fashion_mnist", "fashion-mnist", 3600, 951, 784),
        ("cifar10", "cifar-10-batches-bin", 10_000, 2_000, RECORD - 1),
    ],
)
def test_real_ones(name: str, folder: str, train: int, test: int, pixels: int) -> None:
    """Parts of the published files."""
    source = images(SHARED / folder, name)
    assert source.test is not None
    assert len(source.names) == pixels + 1
    for part, count in ((source, train), (source.test, test)):
        middle, label = part.load([pixels // 2 + 14, pixels]).columns
        assert len(middle.cells) == len(label.cells) == count
        assert len(set(label.cells)) == 10
        assert 0.2 < middle.cells.mean() < 0.8
