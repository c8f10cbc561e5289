"""What is printed: on any stream, in any locale, with any name in it; and how a command ends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from host import screen
from host.cli import main
from spec.errors import InputError
from tests.conftest import EXAMPLES
from tests.host.conftest import read_json, run

COMMAND = [sys.executable, "-m", "host.cli"]

HOME = os.environ | {"PYTHONPATH": str(EXAMPLES.parent)}
"""Environment in which COMMAND is found from any folder."""


def test_nobody_reads(folder: Path) -> None:
    """It neither complains nor forgets what it was to write."""
    read, write = os.pipe()
    os.close(read)
    words = [*COMMAND, "train", "xor", "--json", "o.json"]
    done = subprocess.run(words, stdout=write, stderr=subprocess.PIPE, env=HOME, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")
    assert read_json(folder / "o.json")["solved"] == 1


@pytest.mark.parametrize("verb", ["boards", "train xor --json o.json", "--help"])
def test_a_full_standard_output(verb: str, folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, *verb.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=HOME,
            check=False,
        )
    assert done.returncode == 1
    assert re.fullmatch(r"mgd\S*( \S+)?: standard output: No space left on device\n", done.stderr)
    assert (folder / "o.json").exists() == ("--json" in verb)


@pytest.mark.parametrize("closed", ["1", "2", "1 2"])
def test_closed_streams(closed: str, folder: Path) -> None:
    """No file that is opened takes the place of one."""
    redirections = " ".join(f"{number}>&-" for number in closed.split())
    line = f"exec {sys.executable} -m host.cli train xor --json o.json {redirections}"
    assert subprocess.run(["sh", "-c", line], env=HOME, check=False).returncode == 0
    assert read_json(folder / "o.json")["solved"] == 1


@pytest.mark.parametrize("words", ["train xor --plot θ.png", "export xor -o .", "boards"])
def test_another_locale(words: str, folder: Path) -> None:
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [*COMMAND, *words.split()],
        capture_output=True,
        env=HOME | plain,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()
    assert len(list(folder.iterdir())) == {"train": 1, "export": 2, "boards": 0}[words.split()[0]]


@pytest.mark.parametrize("name", ["[/b]", "[red]x[/red]", ":smile:", "a\nb", "\x1b[31m", "θ"])
def test_names_are_no_markup(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / name).mkdir(parents=True)
    assert run("export", "xor", "-o", name) == 0
    assert f"{name}/trainer.v, and" in capsys.readouterr().out
    assert run("train", f"{name}/none.toml") == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error[:-1].isprintable()


@pytest.mark.parametrize(
    ("raised", "status", "said"),
    [
        (InputError("wrong"), 2, "wrong"),
        (RuntimeError("broke"), 1, "broke"),
        (MemoryError(), 1, "there is not enough memory"),
        (OSError(28, "No space left on device", "x"), 1, "x: No space left on device"),
        (OSError(28, "No space left on device"), 1, "No space left on device"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_every_end_is_one_line(
    raised: BaseException,
    status: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(_: object) -> int:
        raise raised

    monkeypatch.setattr("host.commands.boards", fail)
    assert main(["boards"]) == status
    assert capsys.readouterr() == ("", f"mgd boards: {said}\n")


def test_a_log_has_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(screen, "quiet", True)
    monkeypatch.setattr(screen, "FIRST_S", 0.1)
    with screen.progress_bar("golden model", 200) as advance:
        advance(50, "step 50")
        time.sleep(0.8)  # after 0.1 and 0.3 s, and 0.7: ever more seldom
    with screen.working("synthesis"):
        pass
    lines = capsys.readouterr().err.splitlines()
    assert 1 <= len(lines) <= 3
    assert lines[0] == "golden model: 25% step 50 (0 s, about 0 s left)"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (5399, "90 min"), (5400, "1.5 h"),
     (36_000, "10 h"), (172_799, "48 h"), (172_800, "2.0 days"), (1e9, "11,574 days")],
)  # fmt: skip
def test_durations(seconds: float, said: str) -> None:
    assert screen.duration(seconds) == said
