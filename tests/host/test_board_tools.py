"""Self-test, registers, weights, watching and ports of a virtual board."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from host import ports, selftest
from host.chart import sparkline
from host.curve import Curve
from host.device import Device
from host.link import Port
from model.trainer import Trainer, theta_digest
from spec.map import MAP_VERSION, Kind
from spec.registers import entries
from tests.conftest import EXAMPLES
from tests.host.conftest import XOR, MakeBoard, read_json, run

# The self-test


def test_a_good_board(port: str, folder: Path) -> None:
    assert run("selftest", "xor", "--port", port, "--json", "out.json") == 0
    made = read_json(folder / "out.json")
    assert [check["name"] for check in made] == ["identity", *selftest.CHECKS]
    assert all(check["ok"] for check in made)


@pytest.mark.parametrize(
    ("fault", "failing"),
    [
        ({"name": "tau_x", "bits": 1}, {"registers"}),
        ({"name": "check_every", "bits": 1 << 15, "written": True}, {"registers"}),
        ({"name": "sample", "bits": 8}, {"sample memory"}),
        ({"name": "sample_data", "bits": 4, "written": True}, {"sample memory", "evaluations"}),
        ({"name": "theta", "bits": 1, "word": 8}, {"θ", "1,000 steps"}),
        ({"name": "y", "bits": 1}, {"evaluations"}),
        ({"name": "C", "bits": 1}, {"evaluations"}),
        ({"name": "u", "bits": 1, "written": True}, {"θ", "evaluations"}),
        ({"name": "seed", "bits": 1 << 7, "written": True}, {"registers", "1,000 steps"}),
        ({"name": "cost_sum", "bits": 1}, {"1,000 steps"}),
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else "",
)
def test_planted_faults(
    fault: dict, failing: set[str], port: str, folder: Path, spoil: Callable[..., None]
) -> None:
    spoil(**fault)
    assert run("selftest", "xor", "--port", port, "--json", "out.json") == 1
    found = {check["name"] for check in read_json(folder / "out.json") if not check["ok"]}
    assert failing <= found
    assert found <= failing | {"1,000 steps"}


def test_another_config(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name, said in (("parity4", "parameters is 9"), ("momentum", "another config")):
        assert run("selftest", name, "--port", port) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        assert said in error


@pytest.mark.parametrize(
    ("name", "said"), [("magic", "no mgd trainer"), ("map_version", f"version {MAP_VERSION ^ 1}")]
)
def test_another_device(
    name: str,
    said: str,
    port: str,
    spoil: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    spoil(name, 1)
    assert run("selftest", "xor", "--port", port) == 2
    assert said in capsys.readouterr().err


# Registers


def test_a_register(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("poke", "xor", "steps", "0x1234", "--port", port) == 0
    assert run("peek", "xor", "steps", "--port", port) == 0
    assert capsys.readouterr().out.splitlines()[1] == "0x0025 steps 0x00001233 4660"  # less one


@pytest.mark.parametrize(
    "name", [entry.name for entry in entries(XOR) if entry.kind is not Kind.COMMAND]
)
def test_every_entry_can_be_read(name: str, port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("peek", "xor", name, "--port", port) == 0
    lines = capsys.readouterr().out.splitlines()
    counts = {"theta": 9, "G": 9, "trace": 256, "identity": 4}
    assert len(lines) == counts.get(name, 1)


def test_some_words(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("poke", "xor", "control", "8", "--port", port) == 0
    assert run("peek", "xor", "theta:3", "--port", port) == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    initial = Trainer(XOR, [1])
    for _ in initial.initialise():
        pass
    expected = initial.cells.theta[0, :3].tolist()
    assert [int(line.split()[-1]) for line in lines] == expected
    assert min(expected) < 0


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["peek", "xor", "speed"], "magic, map_version"),
        (["peek", "xor", "control"], "magic, map_version"),
        (["peek", "xor", "theta:10"], "from 1 to 9"),
        (["peek", "xor", "theta:0"], "from 1 to 9"),
        (["peek", "xor", "theta:x"], "from 1 to 9"),
        (["poke", "xor", "theta", "1"], "control, tau_p"),
        (["poke", "xor", "tau_p", "0"], "from 1 to 65535"),
        (["poke", "xor", "tau_p", "65536"], "from 1 to 65535"),
        (["poke", "xor", "tau_p", "one"], "from 1 to 65535"),
        (["poke", "xor", "seed", "-1"], "from 0 to"),
        (["poke", "xor", "u", "16"], "from -16 to 15"),
        (["poke", "xor", "learn", "256"], "from 0 to 255"),
    ],
)
def test_wrong_names_and_values(
    words: list[str], named: str, port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words, "--port", port) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert named in error


def test_a_board_that_is_training(
    port: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Most registers are refused, live ones are not; weights are not saved of different steps."""
    for name, value in (
        ("control", 2),
        ("solved_correct", 5),
        ("steps", 2**32 - 1),
        ("control", 1),
    ):
        assert run("poke", "xor", name, str(value), "--port", port) == 0
    assert run("poke", "xor", "eta_shift", "9", "--port", port) == 0
    capsys.readouterr()
    try:
        assert run("poke", "xor", "steps", "9", "--port", port) == 1
        assert "steps cannot be written while the board is training" in capsys.readouterr().err
        assert run("weights", "save", "xor", "w.npz", "--port", port) == 1
        assert "training" in capsys.readouterr().err
        assert list(folder.iterdir()) == []
        assert run("watch", "xor", "--once", "--port", port) == 0
        printed = capsys.readouterr().out
        assert "training, step" in printed
        assert int(re.findall(r"([\d,]+) steps a second", printed)[0].replace(",", "")) > 0
    finally:
        assert run("poke", "xor", "control", "2", "--port", port) == 0


# Weights and watching


def test_weights_go_to_a_board_and_back(
    port: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("train", "xor", "--save", "w.npz") == 0
    assert run("weights", "load", "xor", "w.npz", "--port", port) == 0
    assert run("weights", "save", "xor", "back.npz", "--port", port) == 0
    assert (folder / "w.npz").read_bytes() == (folder / "back.npz").read_bytes()
    capsys.readouterr()
    assert run("watch", "xor", "--once", "--port", port) == 0
    assert "waiting, step 0" in capsys.readouterr().out


def test_a_board_that_takes_other_weights(
    port: str, folder: Path, spoil: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("train", "xor", "--save", "w.npz") == 0
    spoil("u", 1, written=True)
    assert run("weights", "load", "xor", "w.npz", "--port", port) == 1
    assert "other weights" in capsys.readouterr().out


def test_watching_a_solved_run(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("train", "xor", "--engine", "board", "--port", port) == 0
    capsys.readouterr()
    assert run("watch", "xor", "--once", "--port", port) == 0
    printed = capsys.readouterr().out
    (golden,) = Trainer(XOR, [1]).run()
    assert f"solved, step {golden.steps:,} of" in printed
    assert "100.0% (4 of 4)" in printed
    rails = int(((golden.theta == -128) | (golden.theta == 127)).sum())
    assert f"θ {rails}, G 0 of 9" in printed
    assert "computed by the golden network" in printed
    assert theta_digest(golden.theta)  # and its weights, in units
    assert " ".join(f"{value / 64:+.2f}" for value in golden.theta[:3]) in printed


def test_a_sparkline() -> None:
    assert sparkline([0.0, 1.0, 0.5, 0.125]) == "▁█▅▂"
    assert sparkline([]) == ""
    assert sparkline([0.0, 0.0]) == "▁▁"
    assert sparkline([1.0] * 100 + [0.0] * 100, 4) == "██▁▁"


class Checks:
    """Stands in for a device: a check every 10 steps, whose cost is its number."""

    def __init__(self) -> None:
        self.count = 0

    def get(self, name: str) -> int:
        return {"check_every": 10, "steps": 1995}[name]

    def checks(self) -> int:
        return self.count

    def trace(self, first: int) -> list[tuple[int, int]]:
        return [(k, k) for k in range(max(first, self.count - 256), self.count)]


def test_a_long_curve_is_thinned() -> None:
    """Few points are kept, far apart alike; and another run has a curve of its own."""
    device = Checks()
    curve = Curve(cast(Device, device), most=20)
    for device.count in range(0, 201, 5):
        curve.look()
    steps = [step for step, _ in curve.points]
    assert 10 <= len(steps) <= 20
    assert all(step == min(10 * (check + 1), 1995) for step, check in curve.points)
    assert {b - a for a, b in pairwise(steps)} <= {160, 155}
    device.count = 3
    curve.look()
    assert curve.points == [(10, 0), (20, 1), (30, 2)]


# Ports


def usb(name: str, vid: int | None = 0x0403) -> SimpleNamespace:
    return SimpleNamespace(device=name, vid=vid)


def test_the_only_usb_port_is_found(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [usb("/dev/ttyS0", None), usb(port)]
    monkeypatch.setattr(ports.list_ports, "comports", lambda: listed)
    assert run("peek", "xor", "magic") == 0


@pytest.mark.parametrize(
    ("names", "said"),
    [([], "no USB serial port"), (["/dev/ttyUSB1", "/dev/ttyUSB0"], "/dev/ttyUSB0, /dev/ttyUSB1")],
)
def test_none_or_several(
    names: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(ports.list_ports, "comports", lambda: [usb(name) for name in names])
    assert run("peek", "xor", "magic") == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert said in error


def test_a_busy_port(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    held = Port(port, 1_000_000)
    try:
        assert run("peek", "xor", "magic", "--port", port) == 2
    finally:
        held.close()
    assert "busy" in capsys.readouterr().err


def test_no_such_port(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("peek", "xor", "magic", "--port", "/dev/ttyNONE") == 2
    assert "no such port" in capsys.readouterr().err


def test_a_board_without_a_link(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (EXAMPLES / "xor.toml").read_text(encoding="utf-8")
    (folder / "mute.toml").write_text(text + "[build]\nlink = false\n", encoding="utf-8")
    for words in (["sim-board", "mute.toml"], ["watch", "mute.toml", "--port", "virtual"]):
        assert run(*words) == 2
        assert "build.link" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_board_for_others(make_board: MakeBoard, number: signal.Signals) -> None:
    """`sim-board` prints its port, and ends when it is told to."""
    with make_board():  # compiles it
        pass
    words = [sys.executable, "-m", "host.cli", "sim-board", "xor"]
    with subprocess.Popen(
        words,
        cwd=EXAMPLES.parent,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        # Whoever runs the tests in the background may have us ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            assert run("peek", "xor", "magic", "--port", port) == 0
            process.send_signal(number)
            assert process.wait(10) == 0
        finally:
            process.kill()
    assert not Path(port).exists()
