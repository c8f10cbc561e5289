"""The command line: exit statuses, one line for wrong input, nothing half-written left behind."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from host.cli import main
from model.held_out import held_out_accuracy
from model.trainer import Trainer, theta_digest
from sim.simulators import Simulator
from spec.config import Config

XOR = '[task]\nname = "xor"\n[network]\nlayers = [2, 2, 1]\n'
FILE = '[task]\nname = "file"\npath = "data.csv"\ninputs = "{}"\n[network]\nlayers = [1, 1]\n'


def run(*words: str) -> int:
    """Exit status of a command; argparse leaves by SystemExit."""
    try:
        return main(words)
    except SystemExit as ended:
        return int(ended.code or 0)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


WRONG = [
    (XOR + "[training]\nsteps = 0", "training.steps"),
    (XOR + "[training]\nspeed = 9", "training.speed"),
    (XOR + "[optimiser]\nx = 1", "optimiser"),
    (XOR + "[training]\neta = 8", "training.eta"),
    (XOR + "[training]\namplitude = -7", "training.amplitude"),
    (XOR + "[formats]\nbus_bits = 13", "formats.bus_bits"),
    (XOR + '[formats]\ntheta = "8"', "formats.theta"),
    (XOR.replace("[2, 2, 1]", "[3, 2, 1]"), "network.layers"),
    (XOR.replace('"xor"', '"xnor"'), "task.name"),
    ("[task", "not valid TOML"),
    ('[task]\nname = "file"\n[network]\nlayers = [1, 1]', "task.path"),
    (FILE.format("fixed"), "data.csv"),
]


@pytest.mark.parametrize("verb", ["train", "verify", "export", "estimate", "build"])
@pytest.mark.parametrize(("text", "named"), WRONG, ids=[named for _, named in WRONG])
def test_a_wrong_config(
    verb: str, text: str, named: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "my.toml").write_text(text)
    more = {"export": ["-o", "out"], "estimate": ["--board", "hx8k"], "build": ["--board", "hx8k"]}
    assert run(verb, "my.toml", *more.get(verb, [])) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert printed.err.startswith(f"mgd {verb}: ")
    assert named in printed.err
    assert [path.name for path in folder.iterdir()] == ["my.toml"]


@pytest.mark.parametrize(
    ("data", "inputs", "named"),
    [
        ("x0,t0\n1,\n", "fixed", "line 2, column t0"),
        ("x0,t0\n1,1\nword,0\n", "fixed", "line 3, column x0"),
        ("x0,t0\nnan,1\n", "fixed", "line 2, column x0: the value is missing"),
        ("x0,t0\n2.5,1\n", "fixed", "2.5"),
        ("x0,t0\n0,1\n", "bipolar", "-1 and 1"),
        ("x0,t0\n1,2\n", "bipolar", "target 2"),
    ],
)
def test_wrong_data(
    data: str, inputs: str, named: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "data.csv").write_text(data)
    (folder / "my.toml").write_text(FILE.format(inputs))
    assert run("train", "my.toml") == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert named in error


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["fly"],
        ["train"],
        ["train", "nothing"],
        ["train", "nothing.toml"],
        ["train", "xor", "--runs", "0"],
        ["train", "xor", "--runs", "many"],
        ["train", "xor", "--seed", "-1"],
        ["train", "xor", "--seed", "4294967296"],
        ["train", "xor", "--engine", "board"],
        ["train", "xor", "--json", "no/folder/x.json"],
        ["train", "xor", "--plot", "no/folder/x.png"],
        ["train", "xor", "--plot", "picture.txt"],
        ["train", "xor", "--json", "."],
        ["verify", "xor", "--simulator", "vcs"],
        ["build", "xor"],
        ["build", "xor", "--board", "zx-spectrum"],
        ["build", "xor", "--board", "ulx3s-25f", "--clock", "0"],
        ["build", "xor", "--board", "ulx3s-25f", "--clock", "fast"],
        ["build", "xor", "--board", "ulx3s-25f", "--clock", "1000"],
        ["build", "xor", "--board", "upduino-v3", "--clock", "48"],
        ["flash", "xor", "--board", "ulx3s-25f", "--clock", "1"],
        ["estimate", "xor", "--board", "ulx3s-25f", "--clock", "1000"],
        ["build", "xor", "--board", "ulx3s-25f", "--pnr-seed", "-1"],
        ["estimate", "xor", "--board", "zx-spectrum"],
        ["flash", "xor", "--board", "zx-spectrum"],
        ["infer", "xor"],
        ["weights"],
        ["weights", "save", "xor"],
        ["weights", "save", "xor", "w.txt"],
        ["weights", "keep", "xor", "w.npz"],
        ["peek", "xor"],
        ["poke", "xor", "tau_p"],
        ["watch", "xor", "--twice"],
        ["watch", "xor", "--json", "out.json"],
        ["sim-board"],
        ["sim-board", "nothing"],
        ["report", "xor", "-o", "page.pdf"],
        ["report", "xor", "-o", "no/folder/x.html"],
        ["report", "xor", "--board", "zx-spectrum"],
        ["report", "xor", "--runs", "0"],
        ["report", "mesh-9", "--weights", "w.npz"],
        ["report", "mesh-9", "--data", "d.csv"],
        ["export", "xor"],
        ["export", "xor", "-o", "new", "--name", "2nd"],
        ["export", "xor", "-o", "new", "--name", "a-b"],
        ["export", "xor", "-o", "new", "--name", "module"],
    ],
)
def test_wrong_words(words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert printed.err.startswith("mgd")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("simulator", list(Simulator))
def test_a_missing_simulator(
    simulator: Simulator,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PATH", str(folder))
    for verb in (["verify"], ["train", "--engine", "sim"]):
        assert run(*verb, "xor", "--simulator", simulator.value) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        assert "install" in error
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "closed").mkdir(mode=0o500)
    assert run("train", "xor", "--json", "closed/x.json") == 2
    assert "closed" in capsys.readouterr().err


def test_no_traceback_from_the_command_itself(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("mgd")
    done = subprocess.run(
        [command, "train", "nothing"], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


def test_train_writes_what_is_documented(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("train", "xor", "--runs", "3", "--seed", "5", "--json", "o.json") == 0
    content = json.loads((folder / "o.json").read_text())
    golden = Trainer(Config.load(examples("xor")), [5, 6, 7]).run()
    assert [(r["seed"], r["steps"], r["clocks"], r["theta_digest"]) for r in content["runs"]] == [
        (r.seed, r.steps, r.clocks, theta_digest(r.theta)) for r in golden
    ]
    assert content["engine"] == "model"
    assert content["solved"] == sum(r.solved for r in golden)
    assert content["solved_fraction"] == content["solved"] / 3
    assert content["config"]["training"]["seed"] == 5
    for line in content["runs"]:
        assert 0 <= line["accuracy"] <= 1
        assert line["solved"] == (line["accuracy"] == 1 and line["cost"] <= 0.04)
        assert re.fullmatch("[0-9a-f]{64}", line["theta_digest"])
    assert "3 of 3 solved" in capsys.readouterr().out


def test_train_reports_held_out_samples(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("train", "nist7x7", "--steps", "50", "--runs", "2", "--json", "o.json") == 1
    printed, content = capsys.readouterr().out, json.loads((folder / "o.json").read_text())
    config = Config.load(examples("nist7x7")).with_training(steps=50)
    assert "held out" in printed
    for golden, line in zip(Trainer(config, [1, 2]).run(), content["runs"], strict=True):
        assert line["held_out_accuracy"] == held_out_accuracy(golden.theta, config)
        assert f"{line['held_out_accuracy']:.1%}" in printed
    run("train", "xor", "--steps", "1", "--json", "o.json")
    assert "held out" not in capsys.readouterr().out
    assert json.loads((folder / "o.json").read_text())["runs"][0]["held_out_accuracy"] is None


def test_an_unsolved_run_is_a_failure(folder: Path) -> None:
    assert run("train", "xor", "--steps", "1") == 1


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_same_run_draws_the_same_picture(suffix: str, folder: Path) -> None:
    for name in ("a", "b"):
        assert run("train", "xor", "--plot", f"{name}.{suffix}") == 0
    one, other = ((folder / f"{name}.{suffix}").read_bytes() for name in ("a", "b"))
    assert len(one) > 5000
    assert hashlib.sha256(one).digest() == hashlib.sha256(other).digest()


def test_the_simulated_gateware_trains_as_the_golden_model(
    simulator: Simulator, folder: Path, capsys: pytest.CaptureFixture[str], builds: Path
) -> None:
    builds.mkdir(parents=True, exist_ok=True)
    (folder / "build").mkdir()
    (folder / "build" / "sim").symlink_to(builds)
    words = ["train", "xor", "--runs", "2", "--json"]
    assert run(*words, "model.json") == 0
    assert run(*words, "sim.json", "--engine", "sim", "--simulator", simulator.value) == 0
    assert "the golden model agrees" in capsys.readouterr().out
    golden, gateware = (json.loads((folder / n).read_text()) for n in ("model.json", "sim.json"))
    assert gateware["runs"] == golden["runs"]


def test_own_data_as_csv_and_npz_are_the_same(folder: Path) -> None:
    x = np.array([[-1.0, 0.5], [1.5, -2.0], [0.25, 0.0]])
    t = np.array([[0.0], [1.0], [0.5]])
    np.savez(folder / "data.npz", x=x, t=t)
    rows = [f"{t[k, 0]},{x[k, 0]},{x[k, 1]}" for k in range(3)]
    (folder / "data.csv").write_text("t0,x0,x1\n" + "\n".join(rows))
    outcomes = []
    for suffix in ("npz", "csv"):
        text = FILE.format("fixed").replace("[1, 1]", "[2, 2, 1]").replace("csv", suffix)
        (folder / "my.toml").write_text(text)
        run("train", "my.toml", "--steps", "50", "--json", f"{suffix}.json")
        outcomes.append(json.loads((folder / f"{suffix}.json").read_text())["runs"])
    assert outcomes[0] == outcomes[1]


def test_export(folder: Path) -> None:
    assert run("export", "xor", "-o", "verilog/deep") == 0
    source = (folder / "verilog/deep/trainer.v").read_text()
    ports = json.loads((folder / "verilog/deep/trainer.json").read_text())
    header = re.search(r"module trainer\((.*?)\);", source, re.DOTALL)
    assert header
    names = {name.strip() for name in header[1].split(",")}
    registers = {register["name"] for register in ports["registers"]}
    outputs = {"busy", "done", "solved", "checked", "step", "correct", "cost_sum"}
    assert names == {"clk", "rst", "start", "stop"} | registers | outputs


def test_two_exports_share_a_design(folder: Path) -> None:
    """No module has the same name in both, unless both have the same name."""
    modules = []
    for name in ("one", "other"):
        assert run("export", "xor", "-o", "v", "--name", name) == 0
        assert json.loads((folder / f"v/{name}.json").read_text())["module"] == name
        text = (folder / f"v/{name}.v").read_text()
        modules.append(set(re.findall(r"^module (\S+?) ?\(", text, re.MULTILINE)))
    one, other = modules
    assert "one" in one
    assert len(one) == len(other) > 10
    assert not one & other


@pytest.mark.parametrize("rows", [1, 3])
def test_no_signal_without_a_bit(rows: int, folder: Path) -> None:
    """Verilog has none; `[-1:0]` would have two."""
    (folder / "data.csv").write_text("x0,t0\n" + "1,1\n" * rows)
    (folder / "my.toml").write_text(FILE.format("fixed"))
    assert run("export", "my.toml", "-o", ".") == 0
    assert "[-1:0]" not in (folder / "trainer.v").read_text()


def test_boards_and_estimate(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("boards", "--json", "boards.json") == 0
    listed = json.loads((folder / "boards.json").read_text())
    assert {"icebreaker", "ulx3s-25f"} <= {board["board"] for board in listed}
    serial = {board["board"]: board["serial"] for board in listed}
    assert serial["ulx3s-25f"] == {"rx": "M1", "tx": "L4"}
    assert serial["tinyfpga-bx"] is None
    for board in listed:
        assert run("estimate", "xor", "--board", board["board"], "--json", "e.json") == 0
        found = json.loads((folder / "e.json").read_text())
        assert found["device"] == board["device"]
        assert found["clock_mhz"] == board["clock_mhz"]
    assert "icebreaker" in capsys.readouterr().out


def examples(name: str) -> Path:
    """Path of an example."""
    return Path(__file__).parents[2] / "examples" / f"{name}.toml"
