"""Every command, with every kind of file that is wrong: one line, status 2, and nothing lost."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from host import commands, files, weights
from spec.config import Config
from tests.conftest import EXAMPLES
from tests.host.conftest import run

XOR = (EXAMPLES / "xor.toml").read_bytes()


def nothing(path: Path) -> None:
    pass


def folder_there(path: Path) -> None:
    path.mkdir()


def circle(path: Path) -> None:
    path.symlink_to(path.name)


def junk(path: Path) -> None:
    path.write_bytes(bytes(range(256)))


def empty(path: Path) -> None:
    path.touch()


def utf16(path: Path) -> None:
    path.write_bytes(XOR.decode().encode("utf-16"))


BAD = (nothing, folder_there, circle, junk, empty, utf16)

COMMANDS = {
    "train": ["train", "FILE"],
    "train --from": ["train", "xor", "--from", "FILE"],
    "infer": ["infer", "FILE", "--weights", "w.npz"],
    "infer --weights": ["infer", "xor", "--weights", "FILE"],
    "verify": ["verify", "FILE"],
    "wave": ["wave", "FILE", "-o", "wave.svg"],
    "report": ["report", "FILE"],
    "report --weights": ["report", "xor", "--weights", "FILE"],
    "export": ["export", "FILE", "-o", "out"],
    "estimate": ["estimate", "FILE", "--board", "icebreaker"],
    "build": ["build", "FILE", "--board", "icebreaker"],
    "flash": ["flash", "FILE", "--board", "icebreaker"],
    "selftest": ["selftest", "FILE", "--port", "virtual"],
    "watch": ["watch", "FILE", "--port", "virtual"],
    "peek": ["peek", "FILE", "theta", "--port", "virtual"],
    "poke": ["poke", "FILE", "tau_p", "1", "--port", "virtual"],
    "sim-board": ["sim-board", "FILE"],
    "weights save": ["weights", "save", "FILE", "w.npz", "--port", "virtual"],
    "weights load": ["weights", "load", "xor", "FILE", "--port", "virtual"],
}


@pytest.mark.parametrize("make", BAD)
@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_bad_file(
    words: list[str],
    make: Callable[[Path], None],
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make(folder / "bad.toml")
    before = sorted(folder.iterdir())
    assert run(*(word.replace("FILE", "bad.toml") for word in words)) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert printed.err.startswith(f"mgd {words[0]}: bad.toml: ")
    assert sorted(folder.iterdir()) == before


OUTPUTS = {
    "train --json": ["train", "CONFIG", "--json", "TARGET"],
    "train --plot": ["train", "CONFIG", "--plot", "TARGET"],
    "train --save": ["train", "CONFIG", "--save", "TARGET"],
    "infer --json": ["infer", "CONFIG", "--weights", "w.npz", "--json", "TARGET"],
    "infer --csv": ["infer", "CONFIG", "--weights", "w.npz", "--csv", "TARGET"],
    "verify": ["verify", "CONFIG", "--json", "TARGET"],
    "wave -o": ["wave", "CONFIG", "-o", "TARGET"],
    "wave --vcd": ["wave", "CONFIG", "-o", "wave.svg", "--vcd", "TARGET"],
    "estimate": ["estimate", "CONFIG", "--board", "icebreaker", "--json", "TARGET"],
    "build": ["build", "CONFIG", "--board", "icebreaker", "--json", "TARGET"],
    "selftest": ["selftest", "CONFIG", "--port", "virtual", "--json", "TARGET"],
    "watch": ["watch", "CONFIG", "--port", "virtual", "--once", "--json", "TARGET"],
    "weights save": ["weights", "save", "CONFIG", "TARGET", "--port", "virtual"],
    "report": ["report", "CONFIG", "-o", "TARGET"],
}
SUFFIXES = {
    "train --plot": ".png",
    "train --save": ".npz",
    "weights save": ".npz",
    "report": ".html",
}
SUFFIXES |= {"wave -o": ".svg", "wave --vcd": ".vcd"}


@pytest.mark.parametrize("role", ["config", "data"])
@pytest.mark.parametrize("name", OUTPUTS)
def test_no_output_replaces_an_input(
    name: str, role: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not even by another name, with the suffix that it must have."""
    text = '[task]\nname = "file"\npath = "data.csv"\n[network]\nlayers = [1, 1]\n'
    (folder / "my.toml").write_text(text)
    (folder / "data.csv").write_text("x0,t0\n1,1\n-1,0\n")
    weights.write(Path("w.npz"), Config.load("my.toml"), np.array([1, 2]))
    target = folder / f"target{SUFFIXES.get(name, '.json')}"
    target.hardlink_to({"config": folder / "my.toml", "data": folder / "data.csv"}[role])
    before = {path: path.read_bytes() for path in folder.iterdir()}
    replaced = {"CONFIG": "my.toml", "TARGET": target.name}
    assert run(*(replaced.get(word, word) for word in OUTPUTS[name])) == 2
    assert capsys.readouterr().err.endswith(
        f"{target.name}: cannot be written: this command reads it\n"
    )
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    "words",
    [
        ["train", "xor", "--json", "same.png", "--plot", "same.png"],
        ["train", "xor", "--from", "same.png", "--json", "same.png"],
        ["infer", "xor", "--weights", "w.npz", "--json", "same", "--csv", "same"],
        ["infer", "xor", "--weights", "same", "--json", "same"],
        ["wave", "xor", "--vcd", "same.vcd", "--json", "same.gtkw"],
        ["export", "my.toml", "-o", ".", "--name", "my"],
    ],
)
def test_no_output_replaces_another(
    words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "my.toml").write_bytes(XOR)
    (folder / "my.json").symlink_to("my.toml")
    before = sorted(folder.iterdir())
    assert run(*words) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert sorted(folder.iterdir()) == before
    assert (folder / "my.toml").read_bytes() == XOR


def test_export_writes_both_files_or_none(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "trainer.json").mkdir()
    assert run("export", "xor", "-o", "out") == 2
    assert "out/trainer.json: cannot be written: it is a folder" in capsys.readouterr().err
    assert len(list((folder / "out").iterdir())) == 1
    (folder / "file").touch()
    assert run("export", "xor", "-o", "file/below") == 2
    assert "file/below: cannot be made" in capsys.readouterr().err


def test_a_picture_that_fails_takes_nothing_with_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        commands.writing.write({Path("/dev/full"): b"picture"})

    monkeypatch.setattr(commands.picture, "plot", full)
    assert run("train", "xor", "--json", "o.json", "--plot", "o.png") == 1
    printed = capsys.readouterr()
    assert "1 of 1 solved" in printed.out
    assert printed.err == "mgd train: /dev/full: cannot be written: No space left on device\n"
    assert json.loads((folder / "o.json").read_text(encoding="utf-8"))["solved"] == 1


def test_names_as_people_write_them(folder: Path) -> None:
    (folder / "xor").mkdir()  # hides no example
    (folder / "bom.toml").write_bytes(b"\xef\xbb\xbf" + XOR)
    assert files.load_config("xor") == files.load_config("bom.toml")
    assert run("train", "bom.toml", "--plot", "A.PNG", "--save", "W.NPZ") == 0
    assert (folder / "A.PNG").read_bytes().startswith(b"\x89PNG")
    assert run("infer", "xor", "--weights", "W.NPZ") == 0


def test_a_config_from_a_pipe(folder: Path) -> None:
    read, write = os.pipe()
    os.write(write, XOR)
    os.close(write)
    assert run("train", f"/dev/fd/{read}") == 0
    os.close(read)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("train xor --runs ٣", "'٣' must be a whole number"),
        ("train xor --runs 1_0", "'1_0' must be a whole number"),
        (f"train xor --runs {'9' * 5000}", "must be a whole number of at least 1, of at most"),
        ("train xor --runs 1000000000000", "there are 4,294,967,295 seeds from 1 on"),
        ("train xor --runs 1000000000", "GB of memory are needed"),
        ("train xor --seed 4294967295 --runs 2", "there are 1 seeds from 4294967295 on"),
        ("train xor --seed 4294967295 --runs 2 --engine sim", "there are 1 seeds"),
        ("build xor --board ulx3s-25f --clock ٣", "must be a number of MHz"),
        ("poke xor tau_p ٣", "must be a whole number"),
        ("peek xor theta:٣", "COUNT must be"),
    ],
)
def test_numbers_that_are_none(
    words: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words.split()) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert len(error) < 300


def test_the_version(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of a checkout that is not installed."""
    assert run("--version") == 0
    installed = capsys.readouterr().out

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert run("--version") == 0
    assert capsys.readouterr().out == installed
    assert installed.startswith("mgd 0.")


def test_flash_builds_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And not at all if the board could not be programmed."""
    tool = folder / "tool"
    tool.write_text(
        f"#!{sys.executable}\nimport sys\nfrom pathlib import Path\n"
        "print('error while loading shared libraries: libusb-1.0.so.0: cannot open shared object "
        "file' if Path('lacking').exists() else 'tool 1.0')\n"
    )
    tool.chmod(0o755)
    for name in ("YOSYS", "NEXTPNR_ICE40", "ICEPACK", "OPENFPGALOADER"):
        monkeypatch.setenv(name, str(tool))
    (folder / "lacking").touch()
    assert run("flash", "xor", "--board", "icebreaker") == 2
    assert "libusb" in capsys.readouterr().err
    (folder / "lacking").unlink()
    assert run("flash", "xor", "--board", "icebreaker") == 1
    error = capsys.readouterr().err
    assert error.startswith("mgd flash: yosys: made no top.json, and calls that a success; the env")
    assert not (folder / "build" / "boards").exists()
